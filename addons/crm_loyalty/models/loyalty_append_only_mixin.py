from odoo import api, models
from odoo.exceptions import UserError


class LoyaltyAppendOnlyMixin(models.AbstractModel):
    """Records that are made once and stay as they are: corrections are new records.

    Nobody is excepted, the superuser neither; only :meth:`create` of the model writes.
    """

    _name = "loyalty.append.only.mixin"
    _description = "Append-only Records"

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._(
                "%(records)s are kept as they were booked and can't be changed. "
                "Book a correction instead.",
                records=self._description,
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_always(self):
        raise UserError(
            self.env._(
                "%(records)s are kept as they were booked and can't be deleted. "
                "Book a correction instead.",
                records=self._description,
            )
        )
