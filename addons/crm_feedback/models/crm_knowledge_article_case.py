from odoo import models


class CrmKnowledgeArticle(models.Model):
    """What an agent does with an article on the form of a case."""

    _inherit = "crm.knowledge.article"

    def _get_case_of_form(self):
        return self.env["crm.case"].browse(self.env.context.get("knowledge_case_id"))

    def action_use(self):
        self.ensure_one()
        self._get_case_of_form()._use_article(self)

    def action_insert_into_answer(self):
        """Open an answer to the customer with the article in it."""
        self.ensure_one()
        case = self._get_case_of_form()
        action = case._get_answer_from(self)
        case._use_article(self)
        return action

    def action_open_article(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
