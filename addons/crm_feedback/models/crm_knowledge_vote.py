from odoo import fields, models


class CrmKnowledgeVote(models.Model):
    """Whether an article helped its reader."""

    _name = "crm.knowledge.vote"
    _description = "Vote on an Article"
    _order = "id desc"
    _rec_name = "article_id"

    article_id = fields.Many2one(
        "crm.knowledge.article", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="article_id.company_id", store=True, index=True
    )
    is_helpful = fields.Boolean("Helpful")
    reader = fields.Char(
        required=True,
        help="The contact, or the browser of somebody who is not logged in: "
        "each votes once.",
    )
    partner_id = fields.Many2one("res.partner", "Contact", index="btree_not_null")

    _reader_uniq = models.UniqueIndex(
        "(article_id, reader)", "Each reader has one vote on an article."
    )

    def _cast(self, article, reader, is_helpful, partner):
        """Take a reader's vote; a second one of his replaces the first."""
        vote = self.search([("article_id", "=", article.id), ("reader", "=", reader)])
        if vote:
            vote.is_helpful = is_helpful
            return vote
        return self.create(
            {
                "article_id": article.id,
                "reader": reader,
                "is_helpful": is_helpful,
                "partner_id": partner.id,
            }
        )
