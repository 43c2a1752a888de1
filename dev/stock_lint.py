"""Run Odoo's own checks of addons, the module ``test_lint``, on ours.

Its tests walk over all addons they find or over all models of the database, and Odoo's
have findings of their own: here they see our addons only.
"""

import os
import sys

import get_odoo
import postgres
import template_databases
from run_tests import odoo_options
from template_databases import LOGS

LINT_LOG = LOGS / "stock_lint.log"
# Tests of the checks themselves, what is asked of Odoo's core alone, and what
# dev/lint.py does: pylint over the whole of Odoo, and eslint.
LEFT_OUT = {
    "test_checkers",
    "test_docstring",
    "test_eslint",
    "test_l10n",
    "test_pylint",
}


def main():
    os.environ.update(postgres.environment())
    postgres.start()
    database = f"{template_databases.database_prefix()}_lint"
    template_databases.copy(template_databases.suite_template(), database)
    sys.path.insert(0, str(get_odoo.get_odoo()))
    import pytest

    from log_check import LogCheck

    LINT_LOG.unlink(missing_ok=True)
    options = odoo_options(database, LINT_LOG)
    options.remove("--odoo-http")
    plugins = [OwnAddonsOnly(), LogCheck({"log_of_stock_lint": LINT_LOG})]
    return pytest.main(["-q", "--tb=short", *options, *test_files()], plugins=plugins)


def test_files():
    [folder] = [
        folder / "test_lint" / "tests"
        for folder in get_odoo.addons_folders(get_odoo.get_odoo())
        if (folder / "test_lint").is_dir()
    ]
    return [
        str(path)
        for path in sorted(folder.glob("test_*.py"))
        if path.stem not in LEFT_OUT
    ]


class OwnAddonsOnly:
    """The pytest plugin that hides Odoo's addons from the tests of ``test_lint``."""

    def pytest_collection_modifyitems(self, items):
        from odoo.modules import Manifest

        own = [Manifest.for_addon(name) for name in template_databases.own_addons()]
        names = [manifest.name for manifest in own]
        Manifest.all_addon_manifests = lambda: own
        for item in items:
            if hasattr(item.module, "get_modules"):
                item.module.get_modules = lambda: names


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (postgres.PostgresError, template_databases.InstallError) as error:
        sys.exit(f"Lint: {error}")
