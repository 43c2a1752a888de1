from collections import Counter

from odoo import api, fields, models


class CrmServiceEntitlement(models.Model):
    """Something that a contract entitles to, and how often."""

    _name = "crm.service.entitlement"
    _description = "Entitlement"
    _order = "contract_id, id"

    contract_id = fields.Many2one(
        "crm.service.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="contract_id.company_id", store=True, index=True
    )
    kind = fields.Selection(
        [
            ("visit", "Visits on site"),
            ("replacement", "Replacements"),
            ("repair", "Repairs"),
            ("case", "Cases"),
        ],
        required=True,
        default="visit",
    )
    quantity = fields.Integer("Included", help="In the whole contract. 0: no limit.")
    used = fields.Integer(compute="_compute_used")

    _kind_uniq = models.UniqueIndex(
        "(contract_id, kind)", "Name each kind once in a contract."
    )
    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0)", "Enter how many are included; 0 for no limit."
    )

    @api.depends("contract_id", "kind")
    def _compute_used(self):
        counts = {
            kind: self._count(kind) for kind in set(self.mapped("kind")) - {False}
        }
        for entitlement in self:
            by_contract = counts.get(entitlement.kind, {})
            entitlement.used = by_contract.get(entitlement.contract_id._origin.id, 0)

    def _count(self, kind):
        """Return how much of a kind was used, by id of the contract."""
        model_name, path, condition = self._get_counted()[kind]
        records = (
            self.env[model_name]
            .sudo()
            .search([(f"{path}contract_id", "in", self.contract_id.ids), *condition])
        )
        return Counter(
            (record.case_id if path else record).contract_id.id for record in records
        )

    @api.model
    def _get_counted(self):
        """Return by kind the model, path to the case and condition of what is used."""
        granted = [("state", "=", "granted")]
        return {
            "visit": ("crm.case.visit", "case_id.", [("state", "!=", "cancelled")]),
            "replacement": (
                "crm.case.compensation",
                "case_id.",
                [("kind", "=", "replacement"), *granted],
            ),
            "repair": (
                "crm.case.compensation",
                "case_id.",
                [("kind", "=", "repair"), *granted],
            ),
            "case": ("crm.case", "", []),
        }

    def _get_text(self):
        """Return what is left, in words."""
        self.ensure_one()
        kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        if not self.quantity:
            return self.env._("%s without limit", kind)
        left = max(self.quantity - self.used, 0)
        return self.env._(
            "%(kind)s: %(left)s of %(all)s left",
            kind=kind,
            left=left,
            all=self.quantity,
        )
