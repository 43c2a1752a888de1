import time

from werkzeug.exceptions import NotFound

from odoo.fields import Domain
from odoo.http import Controller, request, route

from .portal import ID_MAX

SEARCH_MAX = 200
LIST_LIMIT = 30
SUGGESTION_LIMIT = 3
# A person types no faster; a program that reads us out does.
SUGGESTIONS_PER_MINUTE = 40
EXCERPT = 160


class HelpPages(Controller):
    """What customers read before they ask. Nothing is shown but published articles for
    customers, of the company whose pages these are."""

    def _get_domain(self):
        articles = request.env["crm.knowledge.article"]
        return articles._get_customer_domain(request.env.company)

    def _get_articles(self):
        return request.env["crm.knowledge.article"].sudo()

    def _get_article(self, article_id):
        domain = self._get_domain() & Domain("id", "=", article_id)
        article = self._get_articles().search(domain) if article_id <= ID_MAX else None
        if not article:
            raise NotFound
        return article

    def _get_reader(self):
        """Return the customer who reads, or none."""
        user = request.env.user
        return user.partner_id.browse() if user._is_public() else user.partner_id

    # ------------------------------------------------------------
    # List and search
    # ------------------------------------------------------------

    @route(["/help", "/my/knowledge"], type="http", auth="public", website=True)
    def help_pages(self, search="", category="", **kw):
        search = search.strip()[:SEARCH_MAX]
        topics = self._get_topics()
        topic = topics.filtered(lambda topic: str(topic.id) == category)
        if search:
            articles = self._search(search)
        else:
            articles = self._list(topic)
        values = {
            "articles": articles,
            "excerpts": {article: self._get_excerpt(article) for article in articles},
            "categories": topics,
            "category": topic,
            "search": search,
            "page_name": "help",
        }
        return request.render("crm_feedback.help_pages", values)

    def _get_topics(self):
        rows = self._get_articles()._read_group(self._get_domain(), ["category_id"])
        return rows and sum((row[0] for row in rows), rows[0][0].browse())

    def _list(self, topic):
        domain = self._get_domain() & Domain("lang", "=", request.env.lang)
        if topic:
            domain &= Domain("category_id", "child_of", topic.id)
        order = "helpful_count desc, name"
        return self._get_articles().search(domain, order=order, limit=LIST_LIMIT)

    def _search(self, text):
        found = self._get_articles()._find(text, self._get_domain())
        request.env["crm.knowledge.search"].sudo()._record(
            text, found, "help", request.env.company, self._get_reader()
        )
        return found

    def _get_excerpt(self, article):
        text = " ".join((article.body_text or "").split())
        return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"

    # ------------------------------------------------------------
    # One article
    # ------------------------------------------------------------

    @route(["/help/<int:article_id>"], type="http", auth="public", website=True)
    def help_page(self, article_id, **kw):
        article = self._get_article(article_id)
        request.env["crm.knowledge.reading"].sudo()._record(
            article, self._get_reader(), request.env.company
        )
        values = {
            "article": article,
            "voted": request.session.get("crm_help_votes", {}).get(str(article.id)),
            "page_name": "help",
        }
        return request.render("crm_feedback.help_page", values)

    @route(
        ["/help/<int:article_id>/vote"],
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def help_vote(self, article_id, helpful="", **post):
        article = self._get_article(article_id)
        partner = self._get_reader()
        # The session's id is a secret: what is kept is made of it.
        reader = f"contact {partner.id}" if partner else self._get_browser()
        request.env["crm.knowledge.vote"].sudo()._cast(
            article, reader, helpful == "1", partner
        )
        votes = dict(request.session.get("crm_help_votes", {}))
        request.session["crm_help_votes"] = {**votes, str(article.id): helpful == "1"}
        return request.redirect(f"/help/{article.id}")

    def _get_browser(self):
        if "crm_help_reader" not in request.session:
            request.session["crm_help_reader"] = f"browser {time.time_ns():x}"
        return request.session["crm_help_reader"]

    # ------------------------------------------------------------
    # While the customer types
    # ------------------------------------------------------------

    @route("/help/suggest", type="jsonrpc", auth="public", website=True)
    def help_suggest(self, text=""):
        """Return the articles that answer what is being typed."""
        if not isinstance(text, str) or self._is_too_fast():
            return []
        found = self._get_articles()._find(
            text[:SEARCH_MAX], self._get_domain(), limit=SUGGESTION_LIMIT
        )
        return [
            {
                "url": f"/help/{article.id}",
                "name": article.name,
                "excerpt": self._get_excerpt(article),
            }
            for article in found
        ]

    def _is_too_fast(self):
        """Count the suggestions of this minute in the session."""
        minute = int(time.time() // 60)
        counted, count = request.session.get("crm_help_pace", (minute, 0))
        count = count + 1 if counted == minute else 1
        request.session["crm_help_pace"] = (minute, count)
        return count > SUGGESTIONS_PER_MINUTE
