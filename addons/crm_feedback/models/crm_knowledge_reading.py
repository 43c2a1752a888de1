from datetime import timedelta

from odoo import api, fields, models

# Who opens a case within these hours was not helped by what he read.
DEFLECTION_HOURS = 24


class CrmKnowledgeReading(models.Model):
    """A customer read an article. If he opens no case within a day, the article spared
    him and us one."""

    _name = "crm.knowledge.reading"
    _description = "Reading of an Article"
    _order = "date desc, id desc"
    _rec_name = "article_id"

    article_id = fields.Many2one(
        "crm.knowledge.article", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", "Reader", index="btree_not_null", ondelete="cascade"
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    state = fields.Selection(
        [
            ("waiting", "Less than a day ago"),
            ("deflected", "No case within a day"),
            ("filed", "Opened a case"),
            ("unknown", "Not logged in"),
        ],
        required=True,
        default="waiting",
        index=True,
    )
    case_id = fields.Many2one("crm.case", index="btree_not_null", ondelete="set null")

    @api.model
    def _record(self, article, partner, company):
        """Note that the customer has opened the article; once an hour is enough."""
        recent = fields.Datetime.now() - timedelta(hours=1)
        known = partner and self.search_count(
            [
                ("article_id", "=", article.id),
                ("partner_id", "=", partner.id),
                ("date", ">=", recent),
            ],
            limit=1,
        )
        if known:
            return self.browse()
        return self.create(
            {
                "article_id": article.id,
                "partner_id": partner.id,
                "company_id": company.id,
                "state": "waiting" if partner else "unknown",
            }
        )

    @api.model
    def _follow_new_cases(self, cases):
        """Mark what the customers read in the day before they opened these cases."""
        since = fields.Datetime.now() - timedelta(hours=DEFLECTION_HOURS)
        readings = self.search(
            [
                ("partner_id", "in", cases.partner_id.ids),
                ("state", "=", "waiting"),
                ("date", ">=", since),
            ]
        )
        by_partner = {case.partner_id: case for case in cases}
        for reading in readings:
            reading.write(
                {"state": "filed", "case_id": by_partner[reading.partner_id].id}
            )

    @api.model
    def _cron_settle(self):
        """After a day without a case, count the readings as deflected."""
        before = fields.Datetime.now() - timedelta(hours=DEFLECTION_HOURS)
        self.search([("state", "=", "waiting"), ("date", "<", before)]).write(
            {"state": "deflected"}
        )
