"""Open a database of Odoo in this process."""

import os
import runpy
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Bulk loads write history: nobody is to be told, nothing to be logged on the records.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_automation_skip": True,
    "sale_no_log_for_new_lines": True,
}


@contextmanager
def odoo_environment(database, *options, **context):
    """Yield an environment of ``database`` as superuser; the caller commits."""
    registry = open_registry(database, *options)
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {"lang": "en_US", **context})


def open_registry(database, *options):
    """Return the registry of ``database``, installed or updated as ``options`` say."""
    configure_odoo(["-d", database, *options])
    from odoo.modules.registry import Registry
    from odoo.tools import config

    return Registry.new(
        database,
        update_module=bool(config["init"]) or bool(config["update"]),
        install_modules=config["init"],
        upgrade_modules=config["update"],
    )


def configure_odoo(arguments):
    """Make ``odoo`` importable and give it the settings of ``dev/odoo``."""
    from_command = runpy.run_path(str(ROOT / "dev" / "odoo"))
    import get_odoo
    import postgres

    odoo_path = str(get_odoo.get_odoo())
    if odoo_path not in sys.path:
        sys.path.insert(0, odoo_path)
    postgres.start()
    os.environ.update(postgres.environment())
    command = from_command["odoo_command"](arguments)
    import odoo  # noqa: F401  (sets the time zone and the addons' namespace)
    from odoo.tools import config

    config.parse_config(command[command.index("odoo") + 1 :], setup_logging=True)
