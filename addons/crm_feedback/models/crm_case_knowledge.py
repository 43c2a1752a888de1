from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

SUGGESTION_LIMIT = 5


class CrmCaseKnowledge(models.Model):
    """The articles that help with a case, and those that it was solved with."""

    _inherit = "crm.case"

    article_ids = fields.Many2many(
        "crm.knowledge.article",
        string="Articles Used",
        groups="base.group_user",
        help="What the case was answered or solved with: "
        "such articles come first when the next such case arrives.",
    )
    suggested_article_ids = fields.Many2many(
        "crm.knowledge.article",
        string="Suggested Articles",
        compute="_compute_suggested_article_ids",
        groups="crm_feedback.crm_feedback_group_user",
    )

    @api.depends("name", "category_id", "product_id")
    def _compute_suggested_article_ids(self):
        articles = self.env["crm.knowledge.article"]
        for case in self:
            found = articles._find(
                case.name,
                case._get_knowledge_domain(),
                lang=case.partner_id.lang,
                cases=case._get_such_cases(),
                limit=SUGGESTION_LIMIT,
            )
            case.suggested_article_ids = found - case.article_ids

    def _get_knowledge_domain(self):
        self.ensure_one()
        return Domain("state", "=", "published") & Domain(
            "company_id", "in", (self.company_id.id, False)
        )

    def _get_such_cases(self):
        """Return what cases are like this one: its category, else its product."""
        self.ensure_one()
        domains = [
            Domain(name, "=", self[name].id)
            for name in ("category_id", "product_id")
            if self[name]
        ]
        return Domain.OR(domains) if domains else Domain.TRUE

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        self.env["crm.knowledge.reading"].sudo()._follow_new_cases(cases)
        return cases

    def _use_article(self, article):
        """Note that the article helped with the case."""
        self.write({"article_ids": [fields.Command.link(article.id)]})

    def _get_answer_from(self, article):
        """Return the composer with the article in an answer to the customer."""
        self.ensure_one()
        if article.audience != "customers":
            raise UserError(
                self.env._(
                    "“%s” is for agents only. Answer in your own words, "
                    "or ask its owner to release it for customers.",
                    article.name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer the Customer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": "crm.case",
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": self.partner_id.ids,
                "default_body": article.body,
                "default_subject": f"{self.number} {self.name}",
            },
        }
