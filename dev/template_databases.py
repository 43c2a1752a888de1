"""Databases that are made once and then copied: seconds instead of minutes.

Three layers, each a copy of the one before with more in it, and made again only when
what it holds has changed:

- *base*: the Odoo modules that the hub, ``crm_lifecycle``, depends on;
- *stock*: the Odoo modules that all our addons depend on;
- *suite*: our addons, the test addon and the asset bundles.

Every layer keeps the log of its installation beside it.
"""

import ast
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import get_odoo
import postgres

ROOT = Path(__file__).resolve().parent.parent
FILESTORE = ROOT / ".odoo" / "data" / "filestore"
LOGS = ROOT / ".odoo" / "log"
ADDONS_FOLDERS = (ROOT / "addons", ROOT / "tests" / "addons")
HUB = "crm_lifecycle"
# Without the bundles in the database each browser test builds them again, since a
# test takes back what it wrote.
BUILD_BUNDLES = """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""


class InstallError(Exception):
    """Odoo could not install what was asked; the message quotes its log."""


def own_addons():
    """Return the folder of each addon of this project by its name."""
    manifests = [
        manifest
        for folder in ADDONS_FOLDERS
        for manifest in sorted(folder.glob("*/__manifest__.py"))
    ]
    addons = {
        manifest.parent.name: manifest.parent
        for manifest in manifests
        if read_manifest(manifest.parent).get("installable", True)
    }
    return {
        name: folder
        for name, folder in addons.items()
        if all(is_there(each, addons) for each in read_manifest(folder)["depends"])
    }


def suite_addons():
    """Return those of them that need nothing but Odoo.

    Glue to addons of others changes how the suite works, and is tested apart.
    """
    addons = own_addons()
    return {
        name: folder
        for name, folder in addons.items()
        if not any(map(is_others, read_manifest(folder)["depends"]))
    }


def is_there(name, addons):
    """Tell whether the addon is ours or stands on the addons path.

    What glue addons join may be missing: ``make setup`` gets it.
    """
    folders = get_odoo.addons_folders(get_odoo.get_odoo())
    return name in addons or any((folder / name).is_dir() for folder in folders)


def read_manifest(addon):
    return ast.literal_eval((addon / "__manifest__.py").read_text())


def is_others(name):
    """Tell whether the addon was got for a glue addon: not ours, nor Odoo's."""
    return (get_odoo.OTHER_ADDONS / "odoo" / "addons" / name).is_dir()


def stock_dependencies(names):
    """Return the modules not of this project that the addons ``names`` ask for."""
    addons = own_addons()
    waiting, seen, stock = list(names), set(), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in addons:
            waiting += read_manifest(addons[name]).get("depends", ["base"])
        else:
            stock.add(name)
    return sorted(stock)


def database_prefix():
    """Return how our databases are called; unique on a server shared with others."""
    if not postgres.is_external():
        return "crm"
    return f"crm_{sha256(str(ROOT).encode()).hexdigest()[:6]}"


def base_template():
    release = get_odoo.get_odoo() / "odoo" / "release.py"
    key = digest(str(release).encode(), release.read_bytes())
    return stock_template("base", f"template0 {key}", [HUB])


def full_stock_template():
    return stock_template("stock", base_template(), suite_addons())


def stock_template(layer, below, names):
    """Return the database of ``layer`` with the modules that addons ``names`` need."""
    modules = stock_dependencies(names)
    name = (
        f"{database_prefix()}_{layer}_{digest(below.encode(), str(modules).encode())}"
    )

    def fill(database):
        install(database, modules, log_of(name))

    return made_once(name, below.split()[0], fill, f"Odoo's {', '.join(modules)}")


def suite_template():
    """Return the database with all addons of this project installed.

    Glue addons are not named: they install themselves beside what they join.
    """
    addons = suite_addons()
    named = [
        name
        for name, folder in addons.items()
        if not read_manifest(folder).get("auto_install")
    ]
    stock = full_stock_template()
    files = [path for addon in addons.values() for path in sorted(addon.rglob("*"))]
    contents = [
        part
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
        for part in (str(path.relative_to(ROOT)).encode(), path.read_bytes())
    ]
    name = f"{database_prefix()}_suite_{digest(stock.encode(), *contents)}"

    def fill(database):
        install(database, named, log_of(name))
        run_odoo(
            ["shell", "-d", database, f"--logfile={log_of(name)}"],
            log_of(name),
            script=BUILD_BUNDLES,
        )

    return made_once(name, stock, fill, ", ".join(addons))


def digest(*parts):
    return sha256(b"\0".join(parts)).hexdigest()[:10]


def log_of(name):
    return LOGS / f"{name}.log"


def made_once(name, template, fill, contents):
    """Return the database ``name``; if absent copy ``template`` and ``fill`` it.

    Its older versions are dropped. It gets its name last: an interrupted
    installation leaves nothing that would be taken for a whole one.
    """
    if postgres.database_exists(name) and log_of(name).is_file():
        return name
    print(f"Installing {contents} ...", flush=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    log_of(name).unlink(missing_ok=True)
    kind = name.rpartition("_")[0]
    drop_all(f"{kind}_")
    unfinished = f"{kind}_unfinished"
    copy(template, unfinished)
    fill(unfinished)
    postgres.client_command(
        "psql", "-Xqc", f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"', "postgres"
    )
    if (FILESTORE / unfinished).is_dir():
        (FILESTORE / unfinished).rename(FILESTORE / name)
    return name


def copy(source, target):
    """Make ``target`` anew as a copy of ``source``, with its stored files."""
    drop(target)
    postgres.create_database(target, template=source)
    if (FILESTORE / source).is_dir():
        # Odoo never changes a stored file: a link is as good as a copy.
        shutil.copytree(FILESTORE / source, FILESTORE / target, copy_function=os.link)


def drop(name):
    postgres.drop_database(name)
    shutil.rmtree(FILESTORE / name, ignore_errors=True)


def drop_all(prefix):
    for name in postgres.client_command("psql", "-XAtl", "postgres").splitlines():
        name = name.partition("|")[0]
        if name.startswith(prefix):
            drop(name)
            log_of(name).unlink(missing_ok=True)


def install(database, modules, log, *options):
    """Install ``modules``; what Odoo has to say is added to the file ``log``."""
    run_odoo(
        ["-d", database, "-i", ",".join(modules), "--stop-after-init",
         "--no-http", f"--logfile={log}", *options],
        log,
    )  # fmt: skip


def uninstall(database, modules, log):
    run_odoo(["module", "uninstall", "-d", database, *modules], log, keep_output=True)


def run_odoo(arguments, log, script="", keep_output=False):
    """Run ``dev/odoo``; commands without a log file write to the error output."""
    done = subprocess.run(
        [ROOT / "dev" / "odoo", *arguments],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if keep_output:
        with log.open("a") as lines:
            lines.write(done.stdout)
    if done.returncode or "Failed to load registry" in last_lines(log):
        raise InstallError(
            f"dev/odoo {' '.join(arguments)} failed, see {log}:\n"
            f"{last_lines(log)}\n{done.stdout[-2000:]}"
        )


def last_lines(log, count=40):
    return "\n".join(log.read_text().splitlines()[-count:]) if log.is_file() else ""
