from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

PROFILING = "profiling"


class CrmCustomerProfileProfiling(models.Model):
    """Who may be scored: the right to object to profiling (GDPR, article 21).

    Whatever judges customers (scores, predictions, segments by rule) asks
    :meth:`_get_profiled_domain` or, in SQL, :meth:`_profiled_to_sql`. An objection
    takes the scores away at once. The customer's own decision counts, and so does
    that of the contact whom a lead is about; one person's objection does not silence
    the figures of the company he works for.
    """

    _inherit = "crm.customer.profile"

    @api.model
    def _get_profiled_domain(self):
        """Return the domain of the profiles whose customer may be profiled.

        By an outer join, which stays one below an OR of segments.
        """
        purpose = self._get_profiling_purpose()
        if not purpose or purpose.basis == "contract":
            return Domain.TRUE
        self.env["crm.consent"].flush_model()

        def to_sql(_model, alias, query):
            decision = query.make_alias(alias, "profiling")
            column = {
                name: SQL.identifier(decision, name)
                for name in ("partner_id", "purpose_id", "channel", "granted")
            }
            condition = SQL(
                "%s = %s AND %s = %s AND %s = 'use'",
                column["partner_id"],
                SQL.identifier(alias, "partner_id"),
                column["purpose_id"],
                purpose.id,
                column["channel"],
            )
            query.add_join("LEFT JOIN", decision, "crm_consent", condition)
            return self._decided_to_sql(purpose, decision)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _decided_to_sql(self, purpose, decision):
        """Return the condition that a decision, or none, lets the customer be profiled.

        :param str decision: alias of the decision, outer joined
        """
        granted, pending, date_end = (
            SQL.identifier(decision, name)
            for name in ("granted", "pending", "date_end")
        )
        if purpose.basis == "consent":
            now = self.env.cr.now()
            return SQL(
                "(%s AND (%s IS NULL OR %s > %s))", granted, date_end, date_end, now
            )
        return SQL("(COALESCE(%s, TRUE) OR %s IS TRUE)", granted, pending)

    @api.model
    def _profiled_to_sql(self, partner_id):
        """Return the SQL condition that a contact may be profiled.

        :param SQL partner_id: the id of the contact
        """
        purpose = self._get_profiling_purpose()
        if not purpose:
            return SQL("TRUE")
        consents = self.env["crm.consent"]
        consents.flush_model()
        return consents._allowed_to_sql(purpose, "use", partner_id)

    @api.model
    def _get_profiling_purpose(self):
        """Return the purpose; an archived one is not asked any more, but holds."""
        purposes = self.env["crm.consent.purpose"].sudo()
        return purposes.with_context(active_test=False).search(
            [("code", "=", PROFILING)], limit=1
        )

    @api.model
    def _filter_profiled(self, partners):
        """Return those of ``partners`` who may be profiled."""
        if not partners:
            return partners
        rows = self.env.execute_query(
            SQL(
                "SELECT contact.id FROM unnest(%s) contact (id) WHERE %s",
                list(partners._ids),
                self._profiled_to_sql(SQL("contact.id")),
            )
        )
        allowed = {partner_id for (partner_id,) in rows}
        return partners.filtered(lambda partner: partner.id in allowed)

    @api.model
    def _get_score_field_names(self):
        """Hook: return the fields that judge the customer, emptied on an objection."""
        return []

    @api.model
    def _profiling_decided(self, partners):
        """Take the scores of who objects now; give segments to who allows it again."""
        profiles = self.sudo().search([("partner_id", "in", partners.ids)])
        refused = partners - self._filter_profiled(partners)
        profiles.filtered(lambda profile: profile.partner_id in refused)._clear_scores()
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        leads = leads.search(
            [
                "|",
                ("partner_id", "in", partners.ids),
                ("partner_id.commercial_partner_id", "in", partners.ids),
            ]
        )
        self.env["crm.scoring.model"]._score(leads)
        self.env["crm.segment"].sudo()._profiling_decided(profiles)

    def _clear_scores(self):
        names = self._get_score_field_names()
        if not self or not names:
            return
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE crm_customer_profile SET %s WHERE id IN %s RETURNING id",
                SQL(", ").join(
                    SQL("%s = NULL", SQL.identifier(name)) for name in names
                ),
                self._ids,
            )
        )
        self.invalidate_recordset(names)
