from odoo import api, fields, models
from odoo.tools import SQL

# More at once stock's merge takes from the administrator only.
MERGED_AT_ONCE = 3
# What two customers should not have in common, as the indexes of res.partner have it.
IDENTIFIERS = {
    "email": SQL("partner.email_normalized"),
    "phone": SQL("partner.phone_sanitized"),
    "vat": SQL("upper(regexp_replace(partner.vat, '[^a-zA-Z0-9]', '', 'g'))"),
}


class CrmIdentityDuplicate(models.Model):
    """Contacts of different customers that have an identifier in common.

    They may be one customer, who is merged, or not, which is remembered until one more
    contact has the same identifier.
    """

    _name = "crm.identity.duplicate"
    _description = "Duplicate Contacts"
    _order = "kind, value, id"
    _rec_name = "value"

    kind = fields.Selection(
        [("email", "E-mail"), ("phone", "Phone"), ("vat", "VAT")],
        "In Common",
        required=True,
        readonly=True,
    )
    value = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", ondelete="cascade", readonly=True, index="btree_not_null"
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "crm_identity_duplicate_contact",
        "duplicate_id",
        "partner_id",
        "Contacts",
        readonly=True,
    )
    partner_count = fields.Integer("Number", compute="_compute_partner_count")
    state = fields.Selection(
        [("open", "To decide"), ("different", "Different"), ("merged", "Merged")],
        required=True,
        default="open",
        readonly=True,
    )

    _value_uniq = models.UniqueIndex(
        "(kind, value, COALESCE(company_id, 0))", "These are in the list already."
    )

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for duplicate in self:
            duplicate.partner_count = len(duplicate.partner_ids)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_merge(self):
        """Open stock's merge of the contacts."""
        self.ensure_one()
        partners = self.partner_ids
        if not self.env.is_admin():
            partners = partners[:MERGED_AT_ONCE]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "base.action_partner_merge"
        )
        action["context"] = {
            "active_model": "res.partner",
            "active_ids": partners.ids,
        }
        return action

    def action_differ(self):
        """They are different customers: leave the list."""
        self.filtered(lambda duplicate: duplicate.state == "open").state = "different"

    def action_reopen(self):
        self.filtered(lambda duplicate: duplicate.state == "different").state = "open"

    # ------------------------------------------------------------
    # Finding them
    # ------------------------------------------------------------

    @api.model
    def _close_merged(self, partners):
        """Close what the merge that left ``partners`` has settled."""
        listed = self.search(
            [("partner_ids", "in", partners.ids), ("state", "!=", "merged")]
        )
        listed.filtered(lambda d: d.partner_count < 2).state = "merged"

    @api.model
    def _cron_refresh(self):
        """Bring the list up to date, an identifier at a time."""
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(IDENTIFIERS))
        for kind in IDENTIFIERS:
            self._refresh(kind)
            if not commit(1):
                return

    @api.model
    def _refresh(self, kind):
        """List the contacts that have an identifier in common, forget who had.

        Of each customer one contact is listed. Contacts of one company don't meet those
        of another; those without a company meet all.

        :param str kind: one of ``IDENTIFIERS``
        """
        self.env.flush_all()
        grown = self.env.execute_query(
            SQL(
                """
                WITH %(found)s,
                listed AS (
                    INSERT INTO crm_identity_duplicate (kind, value, company_id, state,
                           create_uid, create_date, write_uid, write_date)
                    SELECT DISTINCT %(kind)s, value, company_id, 'open',
                           %(uid)s, %(now)s::timestamp, %(uid)s, %(now)s::timestamp
                      FROM found
                    ON CONFLICT (kind, value, COALESCE(company_id, 0))
                        DO UPDATE SET kind = excluded.kind
                    RETURNING id, value, company_id
                ), gone AS (
                    DELETE FROM crm_identity_duplicate_contact link
                     USING crm_identity_duplicate duplicate
                     WHERE duplicate.id = link.duplicate_id
                       AND duplicate.kind = %(kind)s
                       AND NOT EXISTS (
                           SELECT FROM found
                            WHERE found.value = duplicate.value
                              AND found.company_id
                                  IS NOT DISTINCT FROM duplicate.company_id
                              AND found.partner_id = link.partner_id)
                )
                INSERT INTO crm_identity_duplicate_contact (duplicate_id, partner_id)
                SELECT listed.id, found.partner_id
                  FROM listed
                  JOIN found ON found.value = listed.value
                   AND found.company_id IS NOT DISTINCT FROM listed.company_id
                ON CONFLICT DO NOTHING
                RETURNING duplicate_id
                """,
                found=self._get_found_query(kind),
                kind=kind,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        self.invalidate_model()
        self._reopen_grown({duplicate_id for (duplicate_id,) in grown})
        self._delete_settled(kind)

    @api.model
    def _get_found_query(self, kind):
        """Return common table expressions, ``found`` the last of them."""
        return SQL(
            """
            identified AS MATERIALIZED (
                SELECT DISTINCT ON (value, customer) value, partner_id, company_id
                  FROM (SELECT %(value)s AS value, partner.id AS partner_id,
                               COALESCE(partner.commercial_partner_id, partner.id)
                                   AS customer,
                               partner.company_id
                          FROM res_partner partner
                         WHERE partner.active AND %(value)s <> '') contact
                 ORDER BY value, customer, partner_id != customer, partner_id
            ), scope AS (
                SELECT doubled.value, scope.company_id
                  FROM (SELECT value,
                               array_agg(DISTINCT company_id)
                                   FILTER (WHERE company_id IS NOT NULL) AS companies
                          FROM identified GROUP BY value HAVING count(*) > 1) doubled
                 CROSS JOIN LATERAL unnest(COALESCE(companies, ARRAY[NULL::int]))
                       scope (company_id)
            ), scoped AS (
                SELECT scope.value, scope.company_id, identified.partner_id,
                       count(*) OVER (PARTITION BY scope.value, scope.company_id)
                           AS customers
                  FROM scope
                  JOIN identified ON identified.value = scope.value
                   AND COALESCE(identified.company_id, scope.company_id)
                       IS NOT DISTINCT FROM scope.company_id
            ), found AS MATERIALIZED (
                SELECT value, company_id, partner_id FROM scoped WHERE customers > 1
            )
            """,
            value=IDENTIFIERS[kind],
        )

    @api.model
    def _reopen_grown(self, duplicate_ids):
        """One contact more is a new question, whatever was decided of the others."""
        self.search(
            [("id", "in", list(duplicate_ids)), ("state", "!=", "open")]
        ).state = "open"

    @api.model
    def _delete_settled(self, kind):
        self.env.execute_query(
            SQL(
                """
                DELETE FROM crm_identity_duplicate duplicate
                 WHERE kind = %s AND (
                       SELECT count(*) FROM crm_identity_duplicate_contact link
                        WHERE link.duplicate_id = duplicate.id) < 2
                RETURNING id
                """,
                kind,
            )
        )
        self.invalidate_model()
