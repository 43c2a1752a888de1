from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL


class CrmServiceElement(models.Model):
    """What is promised for one element of service, and what customers got.

    Elements are of before, during and after the transaction. Each is measured on the
    documents of the last days, of all customers or of a segment. How a kind is measured
    says ``_query_<kind>``: a number for each document.
    """

    _name = "crm.service.element"
    _description = "Element of Customer Service"
    _order = "phase, kind, id"

    _LABELS = {
        "answer_hours": ("1_before", "hours", "crm.case"),
        "lead_days": ("2_during", "days", "stock.picking"),
        "fill_rate": ("2_during", "%", "stock.picking"),
        "on_time": ("2_during", "%", "stock.picking"),
        "no_backorder": ("2_during", "%", "stock.picking"),
        "claim_days": ("3_after", "days", "crm.case"),
        "kept": ("3_after", "%", "stock.picking"),
    }

    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    kind = fields.Selection(
        [
            ("answer_hours", "Questions: hours until the first answer"),
            ("lead_days", "Orders: days until delivered"),
            ("fill_rate", "Orders: share delivered at once"),
            ("on_time", "Deliveries: on time"),
            ("no_backorder", "Deliveries: without backorder"),
            ("claim_days", "Complaints: days until closed"),
            ("kept", "Deliveries: nothing came back"),
        ],
        string="Element",
        required=True,
    )
    phase = fields.Selection(
        [
            ("1_before", "Before the transaction"),
            ("2_during", "During the transaction"),
            ("3_after", "After the transaction"),
        ],
        compute="_compute_phase",
        store=True,
    )
    unit = fields.Char(compute="_compute_unit")
    segment_id = fields.Many2one(
        "crm.segment", index="btree_not_null", help="Leave empty for all customers."
    )
    days = fields.Integer("Last Days", required=True, default=90)
    target = fields.Float("Policy", required=True, help="In the unit of the element.")
    actual = fields.Float(compute="_compute_actual")
    document_count = fields.Integer("Documents", compute="_compute_actual")
    missed_count = fields.Integer("Missed", compute="_compute_actual")
    state = fields.Selection(
        [("met", "Met"), ("missed", "Missed"), ("none", "No data")],
        compute="_compute_actual",
    )

    _days_positive = models.Constraint("CHECK (days > 0)", "Enter how many days back.")

    @api.depends("kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for element in self:
            element.display_name = kinds.get(element.kind)

    @api.depends("kind")
    def _compute_phase(self):
        for element in self:
            element.phase = self._LABELS.get(element.kind, (False,))[0]

    @api.depends("kind")
    def _compute_unit(self):
        for element in self:
            element.unit = self._LABELS.get(element.kind, (False, False))[1]

    @api.depends("kind", "segment_id", "days", "target", "company_id")
    def _compute_actual(self):
        for element in self:
            rows = element._measure() if element.kind else []
            values = [value for _document_id, value in rows]
            element.document_count = len(values)
            element.actual = element._scale(sum(values) / len(values)) if values else 0
            element.missed_count = len(element._find_missed(rows))
            element.state = element._judge() if values else "none"

    def _is_share(self):
        return self.unit == "%"

    def _scale(self, value):
        return 100 * value if self._is_share() else value

    def _judge(self):
        better = self.actual >= self.target
        if not self._is_share():
            better = self.actual <= self.target
        return "met" if better else "missed"

    def _find_missed(self, rows):
        """Return the ids of the documents that fell short of the policy."""
        if self._is_share():
            return [document_id for document_id, value in rows if value < 1]
        return [document_id for document_id, value in rows if value > self.target]

    def action_open_missed(self):
        """Open the documents that fell short."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._LABELS[self.kind][2],
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self._find_missed(self._measure()))],
        }

    # ------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------

    def _measure(self):
        """Return the id and the measure of each document."""
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(getattr(self, f"_query_{self.kind}")())
        return [(document_id, float(value)) for document_id, value in rows]

    def _get_since(self):
        return fields.Datetime.now() - timedelta(days=self.days)

    def _filter_customer(self, column):
        """Return SQL that holds for contacts of the segment's customers."""
        if not self.segment_id:
            return SQL("TRUE")
        return SQL(
            """
            EXISTS (SELECT
                      FROM crm_segment_member member
                      JOIN res_partner contact
                        ON contact.commercial_partner_id = member.partner_id
                     WHERE member.segment_id = %s AND member.date_left IS NULL
                       AND contact.id = %s)
            """,
            self.segment_id.id,
            column,
        )

    def _query_cases(self, value, condition):
        return SQL(
            """
            SELECT k.id, %s
              FROM crm_case k
             WHERE k.active AND k.company_id = %s AND k.date_received >= %s
               AND %s AND %s
            """,
            value,
            self.company_id.id,
            self._get_since(),
            condition,
            self._filter_customer(SQL("k.commercial_partner_id")),
        )

    def _query_answer_hours(self):
        return self._query_cases(
            SQL("EXTRACT(EPOCH FROM k.date_responded - k.date_received) / 3600"),
            SQL("k.case_type = 'question' AND k.date_responded IS NOT NULL"),
        )

    def _query_claim_days(self):
        return self._query_cases(
            SQL("EXTRACT(EPOCH FROM k.date_closed - k.date_received) / 86400"),
            SQL("k.case_type = 'complaint' AND k.date_closed IS NOT NULL"),
        )

    def _query_deliveries(self, value, condition):
        return SQL(
            """
            SELECT p.id, %s
              FROM stock_picking p
              JOIN stock_picking_type t
                ON t.id = p.picking_type_id AND t.code = 'outgoing'
              JOIN sale_order o ON o.id = p.sale_id
             WHERE p.state = 'done' AND p.company_id = %s AND p.date_done >= %s
               AND p.return_id IS NULL AND %s AND %s
            """,
            value,
            self.company_id.id,
            self._get_since(),
            condition,
            self._filter_customer(SQL("o.partner_id")),
        )

    def _query_lead_days(self):
        return self._query_deliveries(
            SQL("EXTRACT(EPOCH FROM p.date_done - o.date_order) / 86400"), SQL("TRUE")
        )

    def _query_on_time(self):
        return self._query_deliveries(
            SQL("(p.date_done <= p.date_deadline)::int"),
            SQL("p.date_deadline IS NOT NULL"),
        )

    def _query_no_backorder(self):
        return self._query_deliveries(
            SQL(
                "(NOT EXISTS (SELECT FROM stock_picking b "
                "WHERE b.backorder_id = p.id))::int"
            ),
            SQL("TRUE"),
        )

    def _query_kept(self):
        return self._query_deliveries(
            SQL(
                "(NOT EXISTS (SELECT FROM stock_picking r "
                "WHERE r.return_id = p.id AND r.state = 'done'))::int"
            ),
            SQL("TRUE"),
        )

    def _query_fill_rate(self):
        """Measure what the first delivery of an order brought of its goods."""
        brought = SQL(
            """
            (SELECT COALESCE(SUM(m.quantity), 0) FROM stock_move m
              WHERE m.picking_id = p.id AND m.state = 'done')
            / NULLIF((SELECT SUM(l.product_uom_qty)
                        FROM sale_order_line l
                        JOIN product_product pp ON pp.id = l.product_id
                        JOIN product_template pt ON pt.id = pp.product_tmpl_id
                       WHERE l.order_id = o.id AND pt.type = 'consu'), 0)
            """
        )
        return self._query_deliveries(
            SQL("LEAST(1, COALESCE(%s, 1))", brought), SQL("p.backorder_id IS NULL")
        )
