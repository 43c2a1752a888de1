from odoo import fields, models

from .crm_case_acknowledgement import DEFAULT_PAUSE, PAUSE_PARAMETER


class ResConfigSettingsIntake(models.TransientModel):
    """How many e-mails of one sender are taken, and how many are acknowledged."""

    _inherit = "res.config.settings"

    # The names and defaults of Odoo's own mail gateway, which stops the flood.
    crm_mail_flood_count = fields.Integer(
        "E-mails per Sender", config_parameter="mail.gateway.loop.threshold", default=20
    )
    crm_mail_flood_minutes = fields.Integer(
        "Minutes", config_parameter="mail.gateway.loop.minutes", default=120
    )
    crm_acknowledgement_pause = fields.Integer(
        "Pause between Acknowledgements",
        config_parameter=PAUSE_PARAMETER,
        default=DEFAULT_PAUSE,
    )
