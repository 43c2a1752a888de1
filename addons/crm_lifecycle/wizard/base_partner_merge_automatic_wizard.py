from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging contacts loses nothing that is known of them as customers.

    Stock lets the rows of the contacts that go follow to the one that stays, but
    deletes all of a table as soon as one of them would be there twice. So what would
    be there twice is united before: see :meth:`_unite_customer_data`.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env.flush_all()
        stale = self._get_customers_to_refresh(src_partners, dst_partner)
        self._unite_customer_data(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        self.env["crm.customer.profile.refresh"].sudo().create(
            [
                {"partner_id": dst_partner.commercial_partner_id.id, **row}
                for row in stale
            ]
        )
        return result

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """The merged customer is up to date when the wizard closes."""
        partners = self.env["res.partner"].browse(partner_ids)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        left = partners.exists()
        self.env["crm.customer.profile"]._refresh(left)
        self._settle_doubts(left)
        return result

    @api.model
    def _settle_doubts(self, partners):
        """What was doubtful about the contacts that were merged may be so no more."""
        self.env["crm.identity.duplicate"].sudo()._close_merged(partners)
        matches = self.env["crm.identity.match"].sudo()
        matches.search(
            [
                ("state", "=", "open"),
                ("candidate_ids.partner_id", "in", partners.ids),
            ]
        )._look_again()

    @api.model
    def _get_customers_to_refresh(self, src_partners, dst_partner):
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT company_id FROM crm_customer_profile "
                "WHERE partner_id IN %s",
                (src_partners | dst_partner).commercial_partner_id._ids,
            )
        )
        return [{"company_id": company_id} for (company_id,) in rows]

    @api.model
    def _unite_customer_data(self, src_partners, dst_partner):
        """Hook: unite what would collide of the contacts that go and the one left.

        An addon whose tables have a unique key with a contact in it extends this,
        calls ``super()`` and decides which of two rows stays; :meth:`_keep_best_row`
        does it by an order. Rows that can't collide need nothing: stock moves them.

        :param src_partners: the contacts that are deleted afterwards
        :param dst_partner: the contact that stays
        """
        customer = dst_partner.commercial_partner_id
        # The customer stays in the stage of the profile that is kept.
        self._keep_best_row(
            "crm_customer_stage",
            src_partners,
            customer,
            SQL("company_id"),
            SQL(
                """
                (SELECT profile.id FROM crm_customer_profile profile
                  WHERE profile.partner_id = crm_customer_stage.partner_id
                    AND profile.company_id = crm_customer_stage.company_id)
                """
            ),
            where=SQL("date_left IS NULL"),
        )
        self._move_runs_of_journeys(src_partners, customer)
        # Figures are computed anew; of two profiles one is enough.
        self._keep_best_row(
            "crm_customer_profile", src_partners, customer, SQL("company_id"), SQL("id")
        )
        # Who was a member twice is so since the first time.
        self._keep_best_row(
            "crm_segment_member",
            src_partners,
            customer,
            SQL("segment_id, company_id"),
            SQL("date_entered, id"),
            where=SQL("date_left IS NULL"),
        )
        # Whoever got the campaign is no control for it.
        self._keep_best_row(
            "crm_campaign_member",
            src_partners,
            customer,
            SQL("campaign_id"),
            SQL("is_control, id"),
        )
        self._keep_best_row(
            "crm_campaign_call",
            src_partners,
            dst_partner,
            SQL("campaign_id"),
            SQL("activity_id IS NULL, id"),
        )
        # The last word counts; of two at the same time the no. The log keeps all.
        self._keep_best_row(
            "crm_consent",
            src_partners,
            dst_partner,
            SQL("purpose_id, channel"),
            SQL("date DESC, granted, id"),
        )
        self._keep_best_row(
            "crm_consent_preference",
            src_partners,
            dst_partner,
            SQL("COALESCE(purpose_id, 0)"),
            SQL("write_date DESC, id"),
        )
        self._keep_best_row(
            "crm_contact_hold",
            src_partners,
            dst_partner,
            SQL(
                "purpose_id, channel, sender_id, COALESCE(res_model, ''), "
                "COALESCE(res_id, 0)"
            ),
            SQL("date DESC, id"),
            where=SQL("state IN ('waiting', 'refused')"),
        )
        self._keep_best_row(
            "crm_identity_candidate",
            src_partners,
            dst_partner,
            SQL("match_id"),
            SQL("id"),
        )
        self._move_events(src_partners, dst_partner)
        self._add_up_totals(src_partners, customer)

    @api.model
    def _add_up_totals(self, src_partners, customer):
        """Let the monthly totals of expired events be those of all the contacts."""
        self.env.execute_query(
            SQL(
                """
                WITH moved AS (
                    DELETE FROM crm_customer_event_total WHERE partner_id IN %s
                    RETURNING company_id, type_id, month, event_count, value
                )
                INSERT INTO crm_customer_event_total AS total
                       (partner_id, company_id, type_id, month, event_count, value)
                SELECT %s, company_id, type_id, month, sum(event_count), sum(value)
                  FROM moved GROUP BY company_id, type_id, month
                ON CONFLICT (partner_id, company_id, type_id, month) DO UPDATE
                   SET event_count = total.event_count + excluded.event_count,
                       value = total.value + excluded.value
                RETURNING id
                """,
                src_partners._ids,
                customer.id,
            )
        )

    @api.model
    def _keep_best_row(self, table, src_partners, target, key, order, where=None):
        """Of the rows with the same key keep the best one, and give it to ``target``.

        :param str table: has a column ``partner_id``
        :param SQL key: columns that are unique together with ``partner_id``
        :param SQL order: which row comes first and stays
        :param SQL where: which rows are meant; all without it
        """
        where = where or SQL("TRUE")
        rows = {
            "table": SQL.identifier(table),
            "partners": (*src_partners.ids, target.id),
            "where": where,
        }
        self.env.execute_query(
            SQL(
                """
                DELETE FROM %(table)s WHERE id IN (
                    SELECT id FROM (
                        SELECT id, row_number() OVER (
                                   PARTITION BY %(key)s ORDER BY %(order)s) AS place
                          FROM %(table)s
                         WHERE partner_id IN %(partners)s AND %(where)s) ranked
                     WHERE place > 1)
                RETURNING id
                """,
                key=key,
                order=order,
                **rows,
            )
        )
        self.env.execute_query(
            SQL(
                """
                UPDATE %(table)s SET partner_id = %(target)s
                 WHERE partner_id IN %(partners)s AND %(where)s
                RETURNING id
                """,
                target=target.id,
                **rows,
            )
        )

    @api.model
    def _move_events(self, src_partners, dst_partner):
        """Let the events follow: as customer, as person, and as their document."""
        sources = src_partners._ids
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_customer_event SET partner_id = %s
                 WHERE partner_id IN %s OR contact_id IN %s RETURNING id
                """,
                dst_partner.commercial_partner_id.id,
                sources,
                sources,
            )
        )
        # A fact about both contacts, such as their birthday, is one fact now.
        self.env.execute_query(
            SQL(
                """
                WITH event AS (
                    SELECT id, row_number() OVER (
                               PARTITION BY type_id, occurrence
                                   ORDER BY res_id != %s, id) AS place
                      FROM crm_customer_event
                     WHERE res_model = 'res.partner' AND res_id IN %s
                ), doubled AS (
                    DELETE FROM crm_customer_event
                     WHERE id IN (SELECT id FROM event WHERE place > 1) RETURNING id
                )
                UPDATE crm_customer_event SET res_id = %s
                 WHERE id IN (SELECT id FROM event WHERE place = 1) RETURNING id
                """,
                dst_partner.id,
                (*sources, dst_partner.id),
                dst_partner.id,
            )
        )

    @api.model
    def _move_runs_of_journeys(self, src_partners, customer):
        """Runs per customer follow; one that stays behind was for the same occasion."""
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_journey_participant run SET res_id = %(customer)s
                 WHERE run.res_model = 'res.partner' AND run.res_id IN %(gone)s
                   AND NOT EXISTS (
                       SELECT 1 FROM crm_journey_participant other
                        WHERE other.journey_id = run.journey_id
                          AND other.occasion = run.occasion AND other.id != run.id
                          AND other.res_id IN %(all)s)
                RETURNING id
                """,
                customer=customer.id,
                gone=src_partners._ids,
                all=(*src_partners._ids, customer.id),
            )
        )
