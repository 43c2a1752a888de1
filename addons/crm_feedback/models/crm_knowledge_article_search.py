from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..knowledge_search import get_configuration, make_ranking

RESULT_LIMIT = 10
TEXT_MAX = 500


class CrmKnowledgeArticle(models.Model):
    """Finding articles: full text in the language of each article, ranked by words and
    by what closed such cases."""

    _inherit = "crm.knowledge.article"

    def init(self):
        # A tsvector is no type of the ORM: column and index are made by hand.
        self.env.cr.execute(
            """
            ALTER TABLE crm_knowledge_article
              ADD COLUMN IF NOT EXISTS search_vector tsvector;
            CREATE INDEX IF NOT EXISTS crm_knowledge_article_search_vector_idx
                ON crm_knowledge_article USING gin (search_vector);
            """
        )

    @api.model_create_multi
    def create(self, vals_list):
        articles = super().create(vals_list)
        articles._index_text()
        return articles

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"name", "body", "keywords", "lang"}:
            self._index_text()
        return result

    def _index_text(self):
        """Cut the texts to stems, each in its language."""
        self.flush_recordset(["name", "body_text", "keywords", "lang"])
        for lang, articles in self.grouped("lang").items():
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_knowledge_article
                       SET search_vector =
                           setweight(to_tsvector(%(conf)s::regconfig, name), 'A')
                        || setweight(to_tsvector(%(conf)s::regconfig,
                                                 COALESCE(keywords, '')), 'B')
                        || setweight(to_tsvector(%(conf)s::regconfig,
                                                 COALESCE(body_text, '')), 'C')
                     WHERE id IN %(ids)s
                    """,
                    conf=get_configuration(lang),
                    ids=articles._ids,
                )
            )

    @api.model
    def _get_customer_domain(self, company):
        """Return what customers of the company may read. All else is denied."""
        return Domain(
            [
                ("state", "=", "published"),
                ("audience", "=", "customers"),
                ("company_id", "in", (company.id, False)),
            ]
        )

    @api.model
    def _find(self, text, domain, lang=None, cases=(), limit=RESULT_LIMIT):
        """Return the articles that answer the text, the best first.

        Articles in the language asked for come first; others fill up.

        :param Domain domain: which articles may be found
        :param Domain cases: what "such cases" are, for the evidence of closed ones
        """
        text = (text or "").strip()[:TEXT_MAX]
        lang = lang or self.env.lang or "en_US"
        if not text:
            return self.browse()
        found = self._find_in(
            text, Domain(domain) & Domain("lang", "=", lang), lang, cases, limit
        )
        if len(found) < limit:
            found |= self._find_in_other_languages(
                text, domain, lang, cases, limit - len(found)
            )
        return found

    @api.model
    def _find_in_other_languages(self, text, domain, lang, cases, limit):
        """Return what is not there in the language asked for."""
        translated = Domain("translation_ids.lang", "=", lang) | Domain(
            "original_id.lang", "=", lang
        )
        found = self.browse()
        for other, _name in self._get_languages():
            if other != lang:
                inside = Domain(domain) & Domain("lang", "=", other) & ~translated
                found |= self._find_in(text, inside, other, cases, limit)
        return found[:limit]

    @api.model
    def _find_in(self, text, domain, lang, cases, limit):
        query = make_ranking(
            self._search(domain).subselect(),
            self._select_evidence(cases),
            get_configuration(lang),
            text,
            limit,
        )
        self.flush_model(["helpful_count", "unhelpful_count"])
        return self.browse(row[0] for row in self.env.execute_query(query))

    @api.model
    def _select_evidence(self, cases):
        """Return the select of how many such cases each article closed."""
        relation = self._fields["case_ids"]
        solved = Domain("stage_kind", "=", "solved") & Domain(cases or Domain.TRUE)
        self.env["crm.case"].flush_model(["article_ids"])
        return SQL(
            "SELECT %(article)s AS article_id, count(*) AS count FROM %(table)s"
            " WHERE %(case)s IN %(cases)s GROUP BY 1",
            article=SQL.identifier(relation.column1),
            case=SQL.identifier(relation.column2),
            table=SQL.identifier(relation.relation),
            cases=self.env["crm.case"].sudo()._search(solved).subselect(),
        )
