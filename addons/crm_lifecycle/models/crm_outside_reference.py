from odoo import api, fields, models
from odoo.tools import SQL


class CrmOutsideReference(models.Model):
    """The number by which an outside source knows a contact.

    Learned from events that named the contact by other means, too, and from the
    decisions in the review list: the next event needs the number only.
    """

    _name = "crm.outside.reference"
    _description = "Outside Reference"
    _order = "source_id, reference"
    _log_access = False
    _rec_name = "reference"

    source_id = fields.Many2one(
        "crm.outside.source", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="source_id.company_id")
    reference = fields.Char(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )

    _reference_uniq = models.Constraint(
        "UNIQUE(source_id, reference)",
        "A source has one contact for each of its references.",
    )

    @api.model
    def _learn(self, source, partner_id_by_reference, overwrite=False):
        """Remember whom the source means by its references.

        :param dict partner_id_by_reference: ids of the contacts
        :param bool overwrite: whether a contact learned before is replaced
        """
        if not partner_id_by_reference:
            return
        action = SQL("NOTHING")
        if overwrite:
            action = SQL("UPDATE SET partner_id = excluded.partner_id")
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_outside_reference (source_id, reference, partner_id)
                SELECT %s, unnest(%s::text[]), unnest(%s::int[])
                ON CONFLICT (source_id, reference) DO %s
                RETURNING id
                """,
                source.id,
                list(partner_id_by_reference),
                list(partner_id_by_reference.values()),
                action,
            )
        )
        self.invalidate_model()
