from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmConsentPreference(models.Model):
    """How often and when a contact wants to be written to.

    One row without purpose for all messages, and one for each purpose about which he
    said more. Messages of a contract go anyway.
    """

    _name = "crm.consent.preference"
    _description = "Contact Preference"
    _order = "partner_id, purpose_id NULLS FIRST"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    purpose_id = fields.Many2one(
        "crm.consent.purpose",
        ondelete="cascade",
        index="btree_not_null",
        help="Without a purpose it is for all messages.",
    )
    frequency = fields.Selection(
        [
            ("any", "As often as there is something"),
            ("week", "At most once a week"),
            ("month", "At most once a month"),
        ],
        required=True,
        default="any",
    )
    pause_start = fields.Date("Pause from")
    pause_end = fields.Date("Pause until", help="The last day without messages.")
    quiet_from = fields.Float(
        help="No messages from this hour on, in the contact's time zone."
    )
    quiet_to = fields.Float("Quiet until")
    source = fields.Char(help="Where it was said, such as a form or a counter.")

    _wish_uniq = models.UniqueIndex(
        "(partner_id, COALESCE(purpose_id, 0))",
        "This contact has preferences for this purpose: change that record.",
    )
    _pause_order = models.Constraint(
        "CHECK(pause_end >= pause_start)", "A pause can't end before it starts."
    )
    _quiet_hours = models.Constraint(
        "CHECK(quiet_from >= 0 AND quiet_from < 24 "
        "AND quiet_to >= 0 AND quiet_to < 24)",
        "Quiet hours are between 0:00 and 23:59.",
    )

    @api.constrains("purpose_id")
    def _check_purpose(self):
        for wish in self:
            if wish.purpose_id.kind == "use":
                raise ValidationError(
                    self.env._(
                        "%s is not about messages: there is nothing to time.",
                        wish.purpose_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        wishes = super().create(vals_list)
        wishes._log()
        return wishes

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"source"}:
            self._log()
        return result

    def _log(self):
        now = self.env.cr.now()
        self.env["crm.consent.log"].sudo().create(
            [
                {
                    "kind": "wish",
                    "partner_id": wish.partner_id.id,
                    "purpose_id": wish.purpose_id.id,
                    "granted": False,
                    "date": now,
                    "source": wish.source,
                    "wording": wish._get_wording(),
                }
                for wish in self
            ]
        )

    def _get_wording(self):
        """Return the wish in words, in the reader's language."""
        self.ensure_one()
        labels = dict(self._fields["frequency"]._description_selection(self.env))
        subject = self.purpose_id.name or self.env._("All messages")
        parts = [labels[self.frequency]]
        if self.pause_start or self.pause_end:
            parts.append(self._get_pause_wording())
        if self.quiet_from != self.quiet_to:
            parts.append(
                self.env._(
                    "Not between %(start)s and %(end)s",
                    start=self._format_hour(self.quiet_from),
                    end=self._format_hour(self.quiet_to),
                )
            )
        return f"{subject}: {'; '.join(parts)}"

    def _get_pause_wording(self):
        start = fields.Date.to_string(self.pause_start)
        end = fields.Date.to_string(self.pause_end)
        if not end:
            return self.env._("Pause from %s on", start)
        if not start:
            return self.env._("Pause until %s", end)
        return self.env._("Pause from %(start)s to %(end)s", start=start, end=end)

    @api.model
    def _format_hour(self, hour):
        return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"

    @api.model
    def _set_wish(self, partner, purpose, vals, source):
        """Keep what a contact said about ``purpose``, if it is new.

        :param purpose: the purpose, or an empty recordset for all messages
        :param dict vals: frequency, pause and quiet hours
        """
        wish = self.search(
            [("partner_id", "=", partner.id), ("purpose_id", "=", purpose.id)], limit=1
        )
        known = wish or self.new({"partner_id": partner.id, "frequency": "any"})
        changed = {
            name: value
            for name, value in vals.items()
            if (known[name] or False) != (value or False)
        }
        if not changed:
            return wish
        if wish:
            wish.write({**changed, "source": source})
            return wish
        return self.create(
            {
                "partner_id": partner.id,
                "purpose_id": purpose.id,
                "source": source,
                **changed,
            }
        )
