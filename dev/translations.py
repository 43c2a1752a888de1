"""Write the translation templates: ``.venv/bin/python dev/translations.py [--check]``.

One ``i18n/<addon>.pot`` per addon, as Odoo exports it from a database with all of them.
With ``--check`` nothing is written: it fails if a template lacks a term. Called by
``make translations``.
"""

import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import postgres
import template_databases

ROOT = Path(__file__).resolve().parent.parent


def main(arguments):
    postgres.start()
    # Once: what is written below makes the addons other than they were.
    suite = template_databases.suite_template()
    outdated = []
    for name, folder in template_databases.own_addons().items():
        if ROOT / "addons" not in folder.parents:
            continue
        template = folder / "i18n" / f"{name}.pot"
        with database_with(name, suite) as database:
            content = export(database, name)
        if template.is_file() and terms(template.read_text()) == terms(content):
            continue
        outdated.append(name)
        if "--check" not in arguments:
            template.parent.mkdir(exist_ok=True)
            template.write_text(content)
    if "--check" in arguments and outdated:
        sys.exit(f"Out of date: {', '.join(outdated)}. Run 'make translations'.")
    print(f"Translation templates renewed: {', '.join(outdated) or 'none'}.")


@contextmanager
def database_with(name, suite):
    """Yield a database with the addon; glue to addons of others is installed apart."""
    if name in template_databases.suite_addons():
        yield suite
        return
    database = f"{template_databases.database_prefix()}_translations"
    template_databases.copy(suite, database)
    log = template_databases.LOGS / "translations.log"
    template_databases.install(database, [name], log)
    yield database
    template_databases.drop(database)


def export(database, name):
    """Return the template of the addon ``name`` as Odoo writes it."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{name}.pot"
        command = [ROOT / "dev" / "odoo", "i18n", "export", "-d", database]
        done = subprocess.run(
            [*command, "-o", str(target), name], capture_output=True, text=True
        )
        if done.returncode or not target.is_file():
            sys.exit(f"Odoo could not export {name}:\n{done.stderr[-2000:]}")
        return target.read_text()


def terms(content):
    """Return what is to be translated, and where it stands, without the dates."""
    return re.sub(r'^"(POT-Creation|PO-Revision)-Date:.*$', "", content, flags=re.M)


if __name__ == "__main__":
    main(sys.argv[1:])
