from odoo import api, fields, models


class CrmKnowledgeSearch(models.Model):
    """What somebody looked for, and how much he found: where nothing was found, an
    article is missing."""

    _name = "crm.knowledge.search"
    _description = "Search for Articles"
    _order = "date desc, id desc"
    _rec_name = "text"

    text = fields.Char(required=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    result_count = fields.Integer("Results")
    lang = fields.Char("Language")
    source = fields.Selection(
        [("help", "Help page"), ("case", "Subject of a new case"), ("agent", "Agent")],
        required=True,
        default="help",
    )
    partner_id = fields.Many2one("res.partner", "Who", index="btree_not_null")
    company_id = fields.Many2one("res.company", required=True, index=True)

    _empty_idx = models.Index("(date) WHERE result_count = 0")

    @api.model
    def _record(self, text, articles, source, company, partner):
        return self.create(
            {
                "text": text.strip()[:200],
                "result_count": len(articles),
                "lang": self.env.lang,
                "source": source,
                "company_id": company.id,
                "partner_id": partner.id,
            }
        )
