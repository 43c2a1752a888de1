from odoo import api, fields, models
from odoo.tools import SQL

from ..net_promoter_score import category, net_promoter_score

# From here on an answer on a scale from 1 to 5 counts as satisfied (CSAT, share of
# 4 and 5), up to there as dissatisfied.
SATISFIED_FROM = 4
DISSATISFIED_UP_TO = 2


class CrmFeedback(models.Model):
    """An answer of a customer, whatever its source.

    The scale says how the score is to be read: recommendation from 0 to 10 (NPS),
    satisfaction from 1 to 5 (CSAT), effort from 1, easy, to 5, hard (CES).
    """

    _name = "crm.feedback"
    _description = "Customer Feedback"
    _order = "date desc, id desc"
    _check_company_auto = True

    date = fields.Datetime("Answered on", required=True, index=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one("res.partner", "Customer", index=True)
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    program_id = fields.Many2one(
        "crm.feedback.program",
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    source = fields.Selection(
        [("survey", "Survey"), ("rating", "Rating")], required=True
    )
    scale = fields.Selection(
        [
            ("nps", "Recommendation (NPS)"),
            ("csat", "Satisfaction (CSAT)"),
            ("ces", "Effort (CES)"),
        ],
        required=True,
        index=True,
    )
    score = fields.Float(required=True, aggregator="avg", digits=(4, 1))
    category = fields.Selection(
        [
            ("promoter", "Promoter"),
            ("passive", "Passive"),
            ("detractor", "Detractor"),
            ("satisfied", "Satisfied"),
            ("neutral", "Neutral"),
            ("dissatisfied", "Dissatisfied"),
        ],
        compute="_compute_category",
        store=True,
        index=True,
        help="Recommendation: promoters gave 9 or 10, passives 7 or 8, detractors less."
        "\nSatisfaction and effort: the two best answers, the middle one, "
        "the two worst.",
    )
    nps_points = fields.Integer(
        "NPS",
        compute="_compute_category",
        store=True,
        aggregator="avg",
        help="100 for a promoter, 0 for a passive, -100 for a detractor: "
        "the average of any group of recommendations is its Net Promoter Score.",
    )
    is_unhappy = fields.Boolean(
        "Unhappy", compute="_compute_category", store=True, index=True
    )
    comment = fields.Text()
    case_id = fields.Many2one(
        "crm.case", index="btree_not_null", ondelete="set null", check_company=True
    )
    team_id = fields.Many2one(related="case_id.team_id", store=True, index=True)
    user_id = fields.Many2one(
        related="case_id.user_id", string="Agent", store=True, index=True
    )
    sale_order_id = fields.Many2one(
        "sale.order", index="btree_not_null", ondelete="set null", check_company=True
    )
    follow_up_ids = fields.One2many("crm.case", "feedback_id", "Follow-ups")
    follow_up_state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        "Follow-up",
        compute="_compute_follow_up_state",
        store=True,
    )
    user_input_id = fields.Many2one(
        "survey.user_input",
        "Survey Answer",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    rating_id = fields.Many2one(
        "rating.rating",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    _user_input_uniq = models.UniqueIndex(
        "(user_input_id) WHERE user_input_id IS NOT NULL",
        "This survey answer has been recorded already.",
    )
    _rating_uniq = models.UniqueIndex(
        "(rating_id) WHERE rating_id IS NOT NULL",
        "This rating has been recorded already.",
    )
    _score_in_scale = models.Constraint(
        "CHECK ((scale = 'nps' AND score BETWEEN 0 AND 10)"
        " OR (scale != 'nps' AND score BETWEEN 1 AND 5))",
        "A recommendation lies between 0 and 10, any other answer between 1 and 5.",
    )
    # The latest recommendation of each customer, for the profile.
    _latest_idx = models.Index(
        "(commercial_partner_id, company_id, date DESC) WHERE scale = 'nps'"
    )

    @api.depends("scale", "score")
    def _compute_category(self):
        points = {"promoter": 100, "detractor": -100}
        for feedback in self:
            if feedback.scale == "nps":
                feedback.category = category(feedback.score)
            else:
                feedback.category = feedback._get_satisfaction()
            feedback.nps_points = points.get(feedback.category, 0)
            feedback.is_unhappy = feedback.category in ("detractor", "dissatisfied")

    def _get_satisfaction(self):
        score = 6 - self.score if self.scale == "ces" else self.score
        if score >= SATISFIED_FROM:
            return "satisfied"
        return "dissatisfied" if score <= DISSATISFIED_UP_TO else "neutral"

    @api.depends("follow_up_ids.stage_kind")
    def _compute_follow_up_state(self):
        for feedback in self:
            kinds = set(feedback.follow_up_ids.mapped("stage_kind"))
            still_open = kinds & {"open", "waiting"}
            state = "open" if still_open else "closed"
            feedback.follow_up_state = state if kinds else False

    @api.depends("score", "partner_id")
    def _compute_display_name(self):
        for feedback in self:
            feedback.display_name = self.env._(
                "%(score)g from %(customer)s",
                score=feedback.score,
                customer=feedback.partner_id.display_name or self.env._("anonymous"),
            )

    @api.model_create_multi
    def create(self, vals_list):
        answers = super().create(vals_list)
        event_type = self.env["crm.customer.event.type"]
        event_type._capture("survey_answered", answers)
        event_type._capture("detractor_answer", answers)
        answers.filtered("is_unhappy")._follow_up()
        return answers

    # ------------------------------------------------------------
    # Sources
    # ------------------------------------------------------------

    @api.model
    def _record_survey_answers(self, user_inputs):
        """Record completed survey answers that a feedback program asked for."""
        known = self.search([("user_input_id", "in", user_inputs.ids)]).user_input_id
        asked = (user_inputs - known).filtered(
            lambda answer: answer.feedback_program_id and not answer.test_entry
        )
        values = [answer._prepare_feedback_values() for answer in asked]
        return self.create([vals for vals in values if vals])

    @api.model
    def _record_rating(self, rating):
        """Record the rating of a case; a customer who rates again changes it."""
        case = self.env["crm.case"].browse(rating.res_id)
        values = {
            "date": rating.rated_on or fields.Datetime.now(),
            "score": max(rating.rating, 1),
            "comment": rating.feedback,
        }
        known = self.search([("rating_id", "=", rating.id)])
        if known:
            known.write(values)
            return known
        return self.create(
            dict(
                values,
                source="rating",
                scale="csat",
                rating_id=rating.id,
                partner_id=rating.partner_id.id,
                case_id=case.id,
                sale_order_id=case.sale_order_id.id,
                company_id=case.company_id.id,
            )
        )

    # ------------------------------------------------------------
    # Follow-up
    # ------------------------------------------------------------

    def _follow_up(self):
        """Open a case for each unhappy customer, with an owner and a due time."""
        to_follow = self.filtered(
            lambda answer: answer.program_id.follow_up_hours
            and answer.partner_id
            and not answer.follow_up_ids
        )
        cases = (
            self.env["crm.case"]
            .sudo()
            .create([answer._prepare_follow_up_values() for answer in to_follow])
        )
        for case in cases:
            case._schedule_follow_up()
        return cases

    def _prepare_follow_up_values(self):
        self.ensure_one()
        program = self.program_id
        team = program.follow_up_team_id
        owner = program.follow_up_user_id or team.user_id or self.case_id.user_id
        hours = program.follow_up_hours
        return {
            # The customer reads it as the subject of our answer.
            "name": self.env._(
                "Your answer on %s",
                self.case_id.display_name or self.program_id.survey_id.title,
            ),
            "case_type": "request",
            "channel": "survey",
            "severity": "2",
            "feedback_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "team_id": team.id,
            "user_id": owner.id,
            "sale_order_id": self.sale_order_id.id,
            "date_promised": fields.Datetime.add(self.date, hours=hours),
            "description": self.comment,
        }

    def action_open_follow_ups(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action_follow_up"
        )
        action["domain"] = [("feedback_id", "in", self.ids)]
        return action

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    @api.model
    def _get_net_promoter_score(self, domain=()):
        """Return the Net Promoter Score of the recommendations in ``domain``.

        :return: :class:`NetPromoterScore`, or None without an answer
        """
        counts = dict(
            self._read_group(
                [("scale", "=", "nps"), *domain], ["category"], ["__count"]
            )
        )
        names = ("promoter", "passive", "detractor")
        return net_promoter_score(*(counts.get(name, 0) for name in names))

    @api.model
    def _get_latest_nps_query(self, customers):
        """Return SQL of the latest recommendation of each customer and company.

        :param WantedCustomers customers: those to refresh
        """
        self.flush_model(
            ["commercial_partner_id", "company_id", "date", "scale", "score"]
        )
        return SQL(
            """
            SELECT DISTINCT ON (f.commercial_partner_id, f.company_id)
                   f.commercial_partner_id AS partner_id, f.company_id,
                   f.score AS last_nps, f.category AS nps_category
              FROM crm_feedback f
             WHERE f.scale = 'nps' AND %s
             ORDER BY f.commercial_partner_id, f.company_id, f.date DESC, f.id DESC
            """,
            customers.include(SQL.identifier("f", "commercial_partner_id")),
        )
