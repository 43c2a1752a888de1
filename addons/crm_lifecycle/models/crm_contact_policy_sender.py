from odoo import fields, models


class CrmContactPolicySender(models.Model):
    """Who writes to customers; the first in the list comes first when room is scarce"""

    _name = "crm.contact.policy.sender"
    _description = "Sender of Messages"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Technical name by which programs ask for this sender.",
    )
    sequence = fields.Integer(
        default=10,
        help="While a message of an earlier sender waits for room, messages of later "
        "ones wait too.",
    )
    wait_days = fields.Integer(
        "Waits for (days)",
        default=7,
        help="A message that is held for longer is not sent any more. Zero: messages "
        "don't wait.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "Another sender has this technical name: choose another."
    )
    _wait_positive = models.Constraint(
        "CHECK(wait_days >= 0)", "A message can't wait for less than no time."
    )
