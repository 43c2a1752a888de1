from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import html2plaintext, is_html_empty

REVIEW_MONTHS = 12


class CrmKnowledgeArticle(models.Model):
    """What somebody found out once, written down for whoever asks next.

    An article is in one language and for one audience. Customers find published
    articles for customers, agents find all; how they are found is in
    ``crm_knowledge_article_search.py``.
    """

    _name = "crm.knowledge.article"
    _description = "Knowledge Article"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char("Title", required=True, tracking=True)
    body = fields.Html(sanitize_attributes=True, sanitize_form=True)
    body_text = fields.Text(compute="_compute_body_text", store=True)
    keywords = fields.Char(
        help="Words that customers use for it and that the text does not hold."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("archived", "Archived")],
        required=True,
        default="draft",
        tracking=True,
        copy=False,
        index=True,
    )
    audience = fields.Selection(
        [("agents", "Agents only"), ("customers", "Customers and agents")],
        required=True,
        default="agents",
        tracking=True,
        help="Customers read published articles on the help pages.",
    )
    lang = fields.Selection(
        selection="_get_languages",
        string="Language",
        required=True,
        default=lambda self: self.env.lang or "en_US",
    )
    original_id = fields.Many2one(
        "crm.knowledge.article",
        "Translation of",
        index="btree_not_null",
        domain="[('original_id', '=', False), ('id', '!=', id)]",
        check_company=True,
    )
    translation_ids = fields.One2many(
        "crm.knowledge.article", "original_id", "Translations"
    )
    category_id = fields.Many2one("crm.case.category", index=True, check_company=True)
    product_ids = fields.Many2many(
        "product.product", string="Products", check_company=True
    )
    root_cause_ids = fields.Many2many(
        "crm.root.cause", string="Root Causes", check_company=True
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Leave empty for an article of all companies.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Who keeps the article right.",
    )
    date_published = fields.Datetime("Published on", readonly=True, copy=False)
    date_review = fields.Date(
        "Review by",
        tracking=True,
        default=lambda self: fields.Date.add(
            fields.Date.context_today(self), months=REVIEW_MONTHS
        ),
        help="From this day on its owner is asked whether the article is still right.",
    )
    is_stale = fields.Boolean(
        "To Review", compute="_compute_is_stale", search="_search_is_stale"
    )
    version_ids = fields.One2many("crm.knowledge.version", "article_id", "Versions")
    version = fields.Integer(readonly=True, copy=False, default=0)
    vote_ids = fields.One2many("crm.knowledge.vote", "article_id", "Votes")
    helpful_count = fields.Integer("Helpful", compute="_compute_votes", store=True)
    unhelpful_count = fields.Integer(
        "Not Helpful", compute="_compute_votes", store=True
    )
    case_ids = fields.Many2many("crm.case", string="Cases", readonly=True)
    case_count = fields.Integer("Used in Cases", compute="_compute_case_count")
    reading_count = fields.Integer("Readings", compute="_compute_reading_count")
    deflected_count = fields.Integer(
        "Cases Spared",
        compute="_compute_reading_count",
        help="Customers who read it and opened no case within a day.",
    )

    @api.model
    def _get_languages(self):
        return self.env["res.lang"].get_installed()

    @api.depends("body")
    def _compute_body_text(self):
        for article in self:
            empty = is_html_empty(article.body)
            article.body_text = "" if empty else html2plaintext(article.body)

    @api.depends("date_review", "state")
    def _compute_is_stale(self):
        today = fields.Date.context_today(self)
        for article in self:
            due = article.date_review and article.date_review <= today
            article.is_stale = bool(due) and article.state == "published"

    def _search_is_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        stale = Domain("state", "=", "published") & Domain(
            "date_review", "<=", fields.Date.context_today(self)
        )
        return stale if True in value else ~stale

    @api.depends("vote_ids.is_helpful")
    def _compute_votes(self):
        counts = {
            (article, helpful): count
            for article, helpful, count in self.env["crm.knowledge.vote"]._read_group(
                [("article_id", "in", self.ids)],
                ["article_id", "is_helpful"],
                ["__count"],
            )
        }
        for article in self:
            article.helpful_count = counts.get((article, True), 0)
            article.unhelpful_count = counts.get((article, False), 0)

    def _compute_case_count(self):
        counts = dict(
            self.env["crm.case"]._read_group(
                [("article_ids", "in", self.ids)], ["article_ids"], ["__count"]
            )
        )
        for article in self:
            article.case_count = counts.get(article, 0)

    def _compute_reading_count(self):
        counts = {
            (article, state): count
            for article, state, count in self.env["crm.knowledge.reading"]._read_group(
                [("article_id", "in", self.ids)], ["article_id", "state"], ["__count"]
            )
        }
        for article in self:
            own = {key[1]: count for key, count in counts.items() if key[0] == article}
            article.reading_count = sum(own.values())
            article.deflected_count = own.get("deflected", 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        articles = super().create(vals_list)
        if any(article.state != "draft" for article in articles):
            articles._check_publisher()
        articles._add_version()
        return articles

    def write(self, vals):
        if vals.get("state") == "published":
            self._check_publisher()
            vals = dict(vals, date_published=fields.Datetime.now())
        before = {article: (article.name, article.body) for article in self}
        result = super().write(vals)
        if vals.keys() & {"name", "body"}:
            self.filtered(
                lambda article: before[article] != (article.name, article.body)
            )._add_version()
        return result

    def _check_publisher(self):
        manager = "crm_feedback.crm_feedback_group_manager"
        if not self.env.su and not self.env.user.has_group(manager):
            raise AccessError(
                self.env._("Only service managers publish articles. Ask one of them.")
            )

    def _add_version(self):
        """Keep the text as it now stands, with who wrote it and when."""
        for article in self:
            article.version += 1
        self.env["crm.knowledge.version"].sudo().create(
            [
                {
                    "article_id": article.id,
                    "number": article.version,
                    "name": article.name,
                    "body": article.body,
                    "user_id": self.env.uid,
                }
                for article in self
            ]
        )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_publish(self):
        self.write({"state": "published"})

    def action_draft(self):
        self.write({"state": "draft"})

    def action_archive_article(self):
        self.write({"state": "archived"})

    def action_reviewed(self):
        """The article is still right: ask again in a year."""
        today = fields.Date.context_today(self)
        self.write({"date_review": fields.Date.add(today, months=REVIEW_MONTHS)})
        self.activity_feedback(["crm_feedback.mail_activity_type_article_review"])

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action.update(domain=[("article_ids", "in", self.ids)], context={})
        return action

    def action_open_page(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/help/{self.id}",
            "target": "new",
        }

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_ask_for_review(self):
        """Put each stale article on its owner's list, once."""
        asked = self.env.ref("crm_feedback.mail_activity_type_article_review")
        due = [
            ("is_stale", "=", True),
            ("user_id", "!=", False),
            ("activity_ids", "not any", [("activity_type_id", "in", asked.ids)]),
        ]
        stale = self.search(due, limit=500)
        for (user, day), articles in stale.grouped(
            lambda article: (article.user_id, article.date_review)
        ).items():
            articles.activity_schedule(
                "crm_feedback.mail_activity_type_article_review",
                user_id=user.id,
                date_deadline=day,
                summary=self.env._("Is this article still right?"),
            )
