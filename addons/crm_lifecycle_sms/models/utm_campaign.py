from odoo import fields, models


class UtmCampaign(models.Model):
    """Counts of text messages on the campaign's form, for all who may open it."""

    _inherit = "utm.campaign"

    # Stock counts them with the user's rights, and its form fails for who has none to
    # mailings.
    mailing_sms_count = fields.Integer(compute_sudo=True)
    ab_testing_mailings_sms_count = fields.Integer(compute_sudo=True)
