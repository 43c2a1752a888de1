"""Each addon installs with its declared dependencies only, and leaves no trace.

So do all together, where glue addons came by themselves.

Everything the database holds before is compared with everything after: tables,
columns, indexes, constraints, functions, and the number of rows of every table.
"""

import pytest

import log_check
import postgres
import template_databases
from template_databases import HUB, LOGS

ADDONS = sorted(
    name
    for name, folder in template_databases.own_addons().items()
    if folder.parent == template_databases.ADDONS_FOLDERS[0]
)
# Rows that come and go by themselves in any database.
LIVING_TABLES = {
    "bus_bus",  # messages to browsers
    "ir_attachment",  # asset bundles
    "ir_cron_progress",
    "ir_cron_trigger",
    "ir_logging",
    # Odoo's own uninstallation leaves the names of foreign keys and of inheritances.
    "ir_model_constraint",
    "ir_model_data",
    # the addons on the disk
    "ir_module_module",
    "ir_module_module_dependency",
    "ir_profile",
    "orm_signaling_assets",
    "orm_signaling_default",
    "orm_signaling_groups",
    "orm_signaling_registry",
    "orm_signaling_routing",
    "orm_signaling_stable",
    "orm_signaling_templates",
}
STRUCTURE = """
    SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type
      FROM information_schema.columns WHERE table_schema = 'public'
     UNION SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
     UNION SELECT 'constraint ' || conrelid::regclass || ' ' || conname
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION SELECT 'sequence ' || sequencename
      FROM pg_sequences WHERE schemaname = 'public'
     UNION SELECT 'function ' || proname
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
"""
TABLES = """
    SELECT relname FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


def query(database, sql):
    output = postgres.client_command("psql", "-XAtqc", sql, database)
    return set(output.splitlines())


def everything_in(database):
    tables = sorted(query(database, TABLES) - LIVING_TABLES)
    counts = " UNION ALL ".join(
        f"SELECT 'rows of {table}: ' || count(*) FROM \"{table}\"" for table in tables
    )
    return query(database, STRUCTURE) | query(database, counts)


def names_left(database, addon):
    return query(
        database,
        "SELECT model || ' ' || module || '.' || name FROM ir_model_data"
        f" WHERE module = '{addon}' AND model != 'ir.module.module'",
    )


def own_dependencies(addon):
    """Return the addons of this project that ``addon`` needs, itself left out."""
    folders = template_databases.own_addons()
    waiting, found = [addon], set()
    while waiting:
        manifest = template_databases.read_manifest(folders[waiting.pop()])
        own = set(manifest.get("depends", [])) & folders.keys() - found
        found |= own
        waiting += own
    return sorted(found)


@pytest.fixture(scope="module")
def log():
    LOGS.mkdir(parents=True, exist_ok=True)
    file = LOGS / "install_alone.log"
    file.unlink(missing_ok=True)
    return file


@pytest.fixture(scope="module")
def prepared(log):
    """Return the database that holds some of our addons, made when first asked for.

    What would install itself beside them is left out: each addon comes alone.
    """
    names = {(): template_databases.base_template()}

    def prepare(addons):
        if addons not in names:
            below = prepare((HUB,) if len(addons) > 1 else ())
            name = f"{template_databases.database_prefix()}_alone_{len(names)}"
            template_databases.copy(below, name)
            template_databases.install(name, addons, log, "--skip-auto-install")
            names[addons] = name
        return names[addons]

    yield prepare
    del names[()]
    for name in names.values():
        template_databases.drop(name)


@pytest.fixture
def database():
    name = f"{template_databases.database_prefix()}_alone"
    yield name
    template_databases.drop(name)


@pytest.mark.parametrize("addon", ADDONS)
def test_addon_installs_alone_and_leaves_no_trace(addon, prepared, database, log):
    own = own_dependencies(addon)
    template_databases.copy(prepared(tuple(own)), database)
    stock = template_databases.stock_dependencies([addon])
    if set(stock) - set(template_databases.stock_dependencies([HUB, *own])):
        template_databases.install(database, stock, log, "--skip-auto-install")
    before = everything_in(database)
    template_databases.install(database, [addon], log, "--skip-auto-install")
    assert names_left(database, addon), "The addon was not installed."

    template_databases.uninstall(database, [addon], log)

    assert not names_left(database, addon)
    after = everything_in(database)
    differences = [f"before: {line}" for line in sorted(before - after)]
    differences += [f"after: {line}" for line in sorted(after - before)]
    assert not differences, "\n".join(differences)


def test_glue_addons_come_with_what_they_join():
    suite = template_databases.suite_template()
    installed = query(
        suite, "SELECT name FROM ir_module_module WHERE state = 'installed'"
    )
    assert template_databases.suite_addons().keys() <= installed


def test_the_hub_takes_all_addons_with_it_and_leaves_no_trace(database, log):
    template_databases.copy(template_databases.suite_template(), database)

    template_databases.uninstall(database, [HUB], log)

    for addon in template_databases.suite_addons():
        assert not names_left(database, addon), addon
    stock = everything_in(template_databases.full_stock_template())
    differences = stock ^ everything_in(database)
    assert not differences, "\n".join(sorted(differences))


def test_no_warning_was_logged(log):
    assert not log_check.warnings_in(log)
