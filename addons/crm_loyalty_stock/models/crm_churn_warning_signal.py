from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_loyalty.churn_signals.signal_kind import SignalKind

# So many deliveries are looked at, if there are as many as the fewest.
DELIVERIES = 6
FEWEST_DELIVERIES = 3
# A warehouse that has delivered nothing for so long does not keep its deliveries here:
# what is open there is not overdue, it is not recorded.
WORKED_WITHIN = timedelta(days=90)


class CrmChurnWarningSignal(models.Model):
    """Late deliveries drive customers away, and only the warehouse knows of them."""

    _inherit = "crm.churn.warning.signal"

    kind = fields.Selection(
        selection_add=[("late_delivery", "Late deliveries"), ("complaint",)],
        ondelete={"late_delivery": "cascade"},
    )

    @api.model
    def _get_kinds(self):
        return {
            **super()._get_kinds(),
            "late_delivery": SignalKind(
                3,
                self.env._("late of the last six"),
                self.env._(
                    "Deliveries after the promised day, and those overdue now "
                    "(customers with three deliveries or more)."
                ),
            ),
        }

    def _get_late_delivery_query(self, moment):
        return SQL(
            """
            SELECT partner_id,
                   jsonb_build_object('late', count(*) FILTER (WHERE is_late),
                                      'deliveries', count(*)) AS figures
              FROM (%(deliveries)s) delivery
             WHERE place <= %(number)s
             GROUP BY partner_id
            HAVING count(*) >= %(fewest)s
               AND count(*) FILTER (WHERE is_late) >= %(threshold)s
            """,
            deliveries=self._get_deliveries_sql(moment),
            number=DELIVERIES,
            fewest=FEWEST_DELIVERIES,
            threshold=self.threshold,
        )

    def _get_deliveries_sql(self, moment):
        """Return SQL of the deliveries that were due, the newest in the first place."""
        return SQL(
            """
            SELECT watched.partner_id,
                   COALESCE(CASE WHEN picking.state = 'done'
                                      AND picking.date_done < %(moment)s
                                 THEN picking.date_done END, %(moment)s)::date
                       > picking.date_deadline::date AS is_late,
                   row_number() OVER (
                       PARTITION BY watched.partner_id
                           ORDER BY picking.date_deadline DESC, picking.id DESC)
                   AS place
              FROM watched
              JOIN res_partner contact
                ON contact.commercial_partner_id = watched.partner_id
              JOIN stock_picking picking ON picking.partner_id = contact.id
              JOIN stock_picking_type kind
                ON kind.id = picking.picking_type_id AND kind.code = 'outgoing'
              JOIN (SELECT picking_type_id, max(date_done) AS last_done
                      FROM stock_picking
                     WHERE company_id = %(company)s AND state = 'done'
                       AND date_done < %(moment)s
                     GROUP BY picking_type_id) worked
                ON worked.picking_type_id = kind.id
             WHERE picking.company_id = %(company)s
               AND picking.state NOT IN ('draft', 'cancel')
               AND picking.date_deadline < %(moment)s
               AND (worked.last_done >= %(worked_since)s
                    OR picking.state = 'done' AND picking.date_done < %(moment)s)
            """,
            moment=moment,
            worked_since=moment - WORKED_WITHIN,
            company=self.company_id.id,
        )

    @api.model
    def _tell_late_delivery(self, figures):
        return self.env._(
            "%(late)s of the last %(deliveries)s deliveries were late through us",
            late=figures["late"],
            deliveries=figures["deliveries"],
        )
