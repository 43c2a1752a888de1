from odoo import fields, models


class CrmKnowledgeVersion(models.Model):
    """The text of an article as it once stood."""

    _name = "crm.knowledge.version"
    _description = "Version of an Article"
    _order = "article_id, number desc"
    _rec_name = "number"

    article_id = fields.Many2one(
        "crm.knowledge.article", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="article_id.company_id", store=True, index=True
    )
    number = fields.Integer("Version", required=True, readonly=True)
    name = fields.Char("Title", required=True, readonly=True)
    body = fields.Html(readonly=True)
    user_id = fields.Many2one("res.users", "Written by", readonly=True)

    def action_restore(self):
        """Make this text the article's again; it becomes its newest version."""
        self.ensure_one()
        self.article_id.write({"name": self.name, "body": self.body})
