from odoo import fields, models
from odoo.fields import Domain


class CrmCaseDocumentMixin(models.AbstractModel):
    """Documents that know the cases about them and the case that they make good.

    An inheriting model names in ``_case_field`` the field of a case that leads to it,
    if there is one, and may override ``_prepare_opening_values``.
    """

    _name = "crm.case.document.mixin"
    _description = "Document with Cases"

    _case_field = None

    case_count = fields.Integer(
        "Number of Cases",
        compute="_compute_case_count",
        groups="crm_feedback.crm_feedback_group_user",
    )

    def _compute_case_count(self):
        counts = self._count_compensated_cases()
        if self._case_field:
            rows = self.env["crm.case"]._read_group(
                [(self._case_field, "in", self.ids)], [self._case_field], ["__count"]
            )
            for document, count in rows:
                counts[document.id] = counts.get(document.id, 0) + count
        for document in self:
            document.case_count = counts.get(document.id, 0)

    def _count_compensated_cases(self):
        rows = self.env["crm.case.compensation"]._read_group(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)],
            ["res_id"],
            ["case_id:count_distinct"],
        )
        return dict(rows)

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        domain = Domain(
            "compensation_ids",
            "any",
            [("res_model", "=", self._name), ("res_id", "=", self.id)],
        )
        if self._case_field:
            domain |= Domain(self._case_field, "=", self.id)
        action["domain"] = list(domain)
        action["context"] = self.action_open_case()["context"]
        return action

    def action_open_case(self):
        """Open the form of a new case about the document, its lines prefilled."""
        self.ensure_one()
        return self.env["crm.case"]._get_opening_action(self._prepare_opening_values())

    def _prepare_opening_values(self):
        """Return the values of a new case about this document."""
        self.ensure_one()
        values = {"partner_id": self.partner_id.id, "company_id": self.company_id.id}
        if self._case_field:
            values[self._case_field] = self.id
        return values
