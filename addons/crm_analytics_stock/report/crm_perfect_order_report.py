from odoo import api, fields, models
from odoo.tools import SQL

PARTS = ("on_time", "in_full", "undamaged", "documents_right")


class CrmPerfectOrderReport(models.Model):
    """Orders of goods that are delivered or due: which of them were faultless.

    An order is perfect when every part is right for all its lines. The rates of the
    parts are never multiplied: four of 95 % do not make 81 %, since the same order may
    miss several.
    """

    _name = "crm.perfect.order.report"
    _description = "Perfect Order"
    _auto = False
    _order = "date_order DESC, id DESC"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    warehouse_id = fields.Many2one("stock.warehouse", readonly=True)
    date_order = fields.Datetime("Order Date", readonly=True)
    promise_date = fields.Datetime(
        "Promised",
        readonly=True,
        help="The promise that counts by the settings: requested, first or last.",
    )
    delivery_date = fields.Datetime(
        "Delivered", readonly=True, help="When the last part of it was delivered."
    )
    on_time = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="1: everything was delivered by the promised day.",
    )
    in_full = fields.Integer(
        readonly=True, aggregator="avg", help="1: of each line all that was ordered."
    )
    undamaged = fields.Integer(
        readonly=True, aggregator="avg", help="1: nothing came back."
    )
    documents_right = fields.Integer(
        readonly=True, aggregator="avg", help="1: no credit note was needed."
    )
    is_perfect = fields.Integer(
        "Perfect",
        readonly=True,
        aggregator="avg",
        help="1: all parts are right. The mean is the share of faultless orders.",
    )
    fault_count = fields.Integer("Faults", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT judged.*,
                   on_time * in_full * undamaged * documents_right AS is_perfect,
                   4 - on_time - in_full - undamaged - documents_right AS fault_count
              FROM (SELECT %(select)s FROM %(source)s WHERE %(where)s) judged
             WHERE NOT judged.is_open OR judged.promise_date < %(now)s
            """,
            select=self._select(),
            source=self._from(),
            where=self._where(),
            now=self.env.cr.now(),
        )

    @api.model
    def _select(self):
        return SQL(
            """
            so.id, so.id AS order_id, so.partner_id, so.company_id, so.user_id,
            so.team_id, so.warehouse_id, so.date_order,
            %(promise)s AS promise_date, goods.delivery_date,
            COALESCE(NOT goods.is_open
                AND goods.delivery_date::date <= %(promise)s::date,
                %(promise)s IS NULL)::int AS on_time,
            goods.is_open,
            goods.is_complete::int AS in_full,
            (NOT (%(damage)s))::int AS undamaged,
            (NOT EXISTS (
                SELECT 1 FROM sale_order_line_invoice_rel rel
                  JOIN sale_order_line line ON line.id = rel.order_line_id
                  JOIN account_move_line item ON item.id = rel.invoice_line_id
                  JOIN account_move move ON move.id = item.move_id
                 WHERE line.order_id = so.id AND move.state = 'posted'
                   AND move.move_type = 'out_refund'))::int AS documents_right
            """,
            promise=self._get_promise(),
            damage=SQL(" OR ").join(self._get_damage_conditions()),
        )

    @api.model
    def _get_promise(self):
        """Return the promise that counts; where it is missing, the next best."""
        return SQL(
            """
            CASE company.perfect_order_promise
                WHEN 'requested' THEN COALESCE(so.customer_requested_date,
                    so.first_promise_date, so.commitment_date, goods.deadline)
                WHEN 'last' THEN COALESCE(goods.deadline, so.commitment_date,
                    so.first_promise_date)
                ELSE COALESCE(so.first_promise_date, so.commitment_date, goods.deadline)
            END
            """
        )

    @api.model
    def _get_damage_conditions(self):
        """Hook: return SQL conditions on ``so`` that make an order a damaged one."""
        return [SQL("goods.is_returned")]

    @api.model
    def _from(self):
        """Return the orders with what was delivered of their goods."""
        return SQL(
            """
            sale_order so
            JOIN res_company company ON company.id = so.company_id
            JOIN LATERAL (
                SELECT bool_and(line.delivered >= line.ordered - 1e-6) AS is_complete,
                       bool_or(line.is_returned) AS is_returned,
                       max(line.delivery_date) AS delivery_date,
                       max(line.deadline) AS deadline,
                       bool_or(line.is_open) AS is_open
                  FROM (%s) line
            ) goods ON goods.is_complete IS NOT NULL
            """,
            self._get_delivered_lines(),
        )

    @api.model
    def _get_delivered_lines(self):
        """Return per line of goods what was ordered, brought and taken back."""
        return SQL(
            """
            SELECT line.product_uom_qty AS ordered,
                   COALESCE(sum(move.quantity * unit.factor / own.factor)
                       FILTER (WHERE target.usage = 'customer'
                                 AND move.state = 'done'), 0) AS delivered,
                   COALESCE(bool_or(source.usage = 'customer'
                       AND move.state = 'done'), FALSE) AS is_returned,
                   COALESCE(bool_or(target.usage = 'customer' AND move.state != 'done'),
                            TRUE) AS is_open,
                   max(move.date) FILTER (WHERE target.usage = 'customer'
                       AND move.state = 'done') AS delivery_date,
                   max(move.date_deadline)
                       FILTER (WHERE target.usage = 'customer') AS deadline
              FROM sale_order_line line
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom own ON own.id = line.product_uom_id
              LEFT JOIN stock_move move ON move.sale_line_id = line.id
                   AND move.state != 'cancel'
              LEFT JOIN stock_location source ON source.id = move.location_id
              LEFT JOIN stock_location target ON target.id = move.location_dest_id
              LEFT JOIN uom_uom unit ON unit.id = move.product_uom
             WHERE line.order_id = so.id AND template.type = 'consu'
               AND line.display_type IS NULL AND line.product_uom_qty > 0
             GROUP BY line.id
            """
        )

    @api.model
    def _where(self):
        return SQL("so.state = 'sale'")

    # ------------------------------------------------------------
    # The document behind a miss
    # ------------------------------------------------------------

    def action_open_fault(self):
        """Open what broke the order: the documents of its first fault."""
        self.ensure_one()
        for part in PARTS:
            if not self[part]:
                documents = getattr(self, f"_get_documents_of_{part}")()
                return (documents or self.order_id)._get_records_action()
        return self.order_id._get_records_action()

    def action_open_on_time(self):
        """Open the delivery that was late, or is."""
        return self._open(self._get_documents_of_on_time())

    def action_open_in_full(self):
        """Open what is not delivered yet, or the order whose rest was given up."""
        return self._open(self._get_documents_of_in_full())

    def action_open_undamaged(self):
        """Open the return."""
        return self._open(self._get_documents_of_undamaged())

    def action_open_documents_right(self):
        """Open the credit note."""
        return self._open(self._get_documents_of_documents_right())

    def _open(self, documents):
        return (documents or self.order_id)._get_records_action()

    def _get_documents_of_on_time(self):
        promised = self.promise_date.date()
        return self.order_id.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
            and picking.state != "cancel"
            and (not picking.date_done or picking.date_done.date() > promised)
        )

    def _get_documents_of_in_full(self):
        return self.order_id.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
            and picking.state not in ("done", "cancel")
        )

    def _get_documents_of_undamaged(self):
        moves = self.order_id.order_line.move_ids.filtered(
            lambda move: move.location_id.usage == "customer" and move.state == "done"
        )
        return moves.picking_id

    def _get_documents_of_documents_right(self):
        return self.order_id.invoice_ids.filtered(
            lambda move: move.move_type == "out_refund" and move.state == "posted"
        )
