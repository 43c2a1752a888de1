"""How articles are ranked for a question.

Each word of the question, cut to its stem, counts by its rarity among the articles
(inverse document frequency, K. Sparck Jones 1972) and by where it stands (title and
keywords before body, ``ts_rank`` of PostgreSQL). What closed such cases, and what
readers called helpful, moves an article up.
"""

from odoo.tools import SQL

# Weights of body (D, C), keywords (B) and title (A) in ts_rank.
WEIGHTS = "{0.1, 0.25, 0.7, 1.0}"
# An article that holds less of the question than this is no answer to it.
MIN_COVERAGE = 0.25
# What ln(1 + cases closed with it) adds to the score of the words.
EVIDENCE = 0.3


def make_ranking(articles, evidence, configuration, text, limit):
    """Return the query of (article id, score), the best first.

    :param SQL articles: select of the ids that may be found
    :param SQL evidence: select of article_id and count of the cases it closed
    :param str configuration: text search configuration, see ``get_configuration``
    :param str text: the question
    """
    return SQL(
        """
        WITH allowed AS (%(articles)s),
        word AS (
            SELECT lexeme, to_tsquery('simple', quote_literal(lexeme)) AS query
              FROM unnest(tsvector_to_array(
                       to_tsvector(%(configuration)s::regconfig, %(text)s)
                   )) AS lexeme
        ),
        hit AS (
            SELECT article.id, word.lexeme,
                   ts_rank(%(weights)s, article.search_vector, word.query, 1) AS rank
              FROM word
              JOIN crm_knowledge_article article
                ON article.search_vector @@ word.query
             WHERE article.id IN (SELECT id FROM allowed)
        ),
        rarity AS (
            SELECT word.lexeme,
                   ln(1 + (SELECT count(*) FROM allowed)::float
                      / (1 + count(hit.id))) AS weight
              FROM word
         LEFT JOIN hit ON hit.lexeme = word.lexeme
          GROUP BY word.lexeme
        ),
        found AS (
            SELECT hit.id,
                   SUM(hit.rank * rarity.weight) AS score,
                   SUM(rarity.weight) / (SELECT SUM(weight) FROM rarity) AS coverage
              FROM hit
              JOIN rarity ON rarity.lexeme = hit.lexeme
          GROUP BY hit.id
        ),
        evidence AS (%(evidence)s)
        SELECT found.id,
               found.score * found.coverage
               * (1 + %(weight)s * ln(1 + COALESCE(evidence.count, 0)))
               * (article.helpful_count + 2.0)
               / (article.helpful_count + article.unhelpful_count + 2.0) AS score
          FROM found
          JOIN crm_knowledge_article article ON article.id = found.id
     LEFT JOIN evidence ON evidence.article_id = found.id
         WHERE found.coverage >= %(coverage)s
      ORDER BY score DESC, found.id
         LIMIT %(limit)s
        """,
        articles=articles,
        evidence=evidence,
        configuration=configuration,
        text=text,
        weights=WEIGHTS,
        weight=EVIDENCE,
        coverage=MIN_COVERAGE,
        limit=limit,
    )
