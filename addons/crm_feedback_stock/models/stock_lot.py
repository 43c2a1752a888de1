from odoo import models
from odoo.exceptions import UserError


class StockLot(models.Model):
    """A lot that is recalled: one incident, with a case of each customer who got it."""

    _inherit = "stock.lot"

    def action_recall(self):
        """Open the incident of this lot, with a case of everybody who got it.

        Doing it again adds those who got the lot since.
        """
        self.ensure_one()
        self.check_access("read")
        deliveries = self._get_customer_deliveries()
        if not deliveries:
            raise UserError(
                self.env._("Nothing of %s was delivered to a customer.", self.name)
            )
        incident = self._get_open_recall() or self.env["crm.case"].create(
            self._prepare_recall()
        )
        known = incident.child_ids.commercial_partner_id
        self.env["crm.case"].create(
            [
                self._prepare_recall() | self._prepare_recall_child(incident, picking)
                for customer, picking in deliveries.items()
                if customer not in known
            ]
        )
        return incident._get_form_action()

    def _get_customer_deliveries(self):
        """Return by customer the last delivery with the lot or what it went into."""
        pickings = self.sudo().delivery_ids.filtered(
            lambda picking: picking.company_id == self.env.company
            and picking.partner_id
            and picking.state == "done"
        )
        return {
            picking.partner_id.commercial_partner_id: picking.sudo(False)
            for picking in pickings.sorted("date_done")
        }

    def _get_open_recall(self):
        return self.env["crm.case"].search(
            [
                ("lot_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
                ("case_type", "=", "incident"),
                ("partner_id", "=", False),
                ("stage_kind", "in", ("open", "waiting")),
            ],
            limit=1,
        )

    def _prepare_recall(self):
        return {
            # The customer reads it as the subject of our answer.
            "name": self.env._(
                "%(product)s, lot %(lot)s",
                product=self.product_id.display_name,
                lot=self.name,
            ),
            "case_type": "incident",
            "severity": "2",
            "product_id": self.product_id.id,
            "lot_id": self.id,
            "company_id": self.env.company.id,
        }

    def _prepare_recall_child(self, incident, picking):
        delivery = picking.sudo()
        return {
            "parent_id": incident.id,
            "partner_id": (delivery.sale_id or delivery).partner_id.id,
            "picking_id": picking.id,
            "sale_order_id": delivery.sale_id.id,
        }
