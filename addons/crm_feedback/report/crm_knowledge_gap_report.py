from odoo import fields, models
from odoo.tools import SQL

# Ids of the two kinds must differ: searches are odd, cases even.


class CrmKnowledgeGapReport(models.Model):
    """Where an article is missing: searches that found nothing, and cases that were
    solved without one."""

    _name = "crm.knowledge.gap.report"
    _description = "Gaps in the Knowledge"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "name"
    _depends = {
        "crm.knowledge.search": [
            "text",
            "date",
            "result_count",
            "lang",
            "company_id",
            "partner_id",
        ],
        "crm.case": [
            "name",
            "date_closed",
            "category_id",
            "product_id",
            "company_id",
            "partner_id",
            "stage_kind",
            "article_ids",
        ],
    }

    kind = fields.Selection(
        [("search", "Search without result"), ("case", "Solved without an article")],
        readonly=True,
    )
    name = fields.Char("Asked", readonly=True)
    date = fields.Datetime(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    category_id = fields.Many2one("crm.case.category", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    case_id = fields.Many2one("crm.case", readonly=True)

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._select_searches(), self._select_cases())

    def _select_searches(self):
        return SQL(
            """
            SELECT 2 * id + 1 AS id, 'search' AS kind, text AS name, date, company_id,
                   partner_id, NULL::int AS category_id, NULL::int AS product_id,
                   NULL::int AS case_id
              FROM crm_knowledge_search
             WHERE result_count = 0
            """
        )

    def _select_cases(self):
        relation = self.env["crm.case"]._fields["article_ids"]
        return SQL(
            """
            SELECT 2 * id, 'case', name, date_closed, company_id, partner_id,
                   category_id, product_id, id
              FROM crm_case
             WHERE stage_kind = 'solved' AND active
               AND NOT EXISTS (SELECT FROM %s WHERE %s = crm_case.id)
            """,
            SQL.identifier(relation.relation),
            SQL.identifier(relation.column1),
        )
