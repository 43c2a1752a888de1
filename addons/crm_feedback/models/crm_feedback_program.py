from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CrmFeedbackProgram(models.Model):
    """When which customers are asked what, and what follows from their answers."""

    _name = "crm.feedback.program"
    _description = "Feedback Program"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        help="Leave empty for all companies.",
    )
    moment = fields.Selection(
        [
            ("case_solved", "When a case is solved"),
            ("journey", "At a step of a journey"),
        ],
        "Ask",
        required=True,
        default="case_solved",
    )
    domain = fields.Char(
        "Cases",
        required=True,
        default='[("feedback_id", "=", False)]',
        help="The cases after which the customer is asked.",
    )
    survey_id = fields.Many2one("survey.survey", required=True, index=True)
    question_id = fields.Many2one(
        "survey.question",
        "Score Question",
        required=True,
        domain="[('survey_id', '=', survey_id), ('question_type', '=', 'scale')]",
        help="The answer to this question is the score.",
    )
    comment_question_id = fields.Many2one(
        "survey.question",
        domain="[('survey_id', '=', survey_id),"
        " ('question_type', 'in', ('text_box', 'char_box'))]",
    )
    scale = fields.Selection(
        selection=lambda self: self.env["crm.feedback"]._fields["scale"].selection,
        required=True,
        default="nps",
    )
    crm_segment_ids = fields.Many2many(
        "crm.segment",
        "crm_feedback_program_crm_segment_rel",
        "program_id",
        "segment_id",
        "Segments",
        help="Only members of these segments are asked. Empty: all customers.",
    )
    purpose_id = fields.Many2one(
        "crm.consent.purpose",
        "Consent",
        required=True,
        default=lambda self: self._default_purpose_id(),
        help="Customers who don't allow this purpose are not asked.",
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        "Invitation",
        required=True,
        domain="[('model', '=', 'survey.user_input')]",
        default=lambda self: self._default_mail_template_id(),
    )
    fatigue_days = fields.Integer(
        "Ask at most once in",
        default=30,
        help="Days in which a customer gets one invitation at most, "
        "whatever program it comes from.",
    )
    valid_days = fields.Integer(
        "Open for", default=30, help="Days in which the survey can be answered."
    )
    follow_up_hours = fields.Integer(
        "Follow up within",
        default=48,
        help="Hours in which an unhappy customer has to be contacted. 0: no follow-up.",
    )
    follow_up_team_id = fields.Many2one(
        "crm.case.team", "Follow-up Team", check_company=True
    )
    follow_up_user_id = fields.Many2one(
        "res.users",
        "Follow-up Owner",
        domain="[('share', '=', False)]",
        check_company=True,
        help="Leave empty for the leader of the follow-up team.",
    )
    invitation_ids = fields.One2many(
        "survey.user_input", "feedback_program_id", "Invitations"
    )
    invitation_count = fields.Integer(compute="_compute_counts")
    answer_count = fields.Integer(compute="_compute_counts")
    nps = fields.Float("NPS", compute="_compute_nps", digits=(4, 1))
    nps_margin = fields.Float("±", compute="_compute_nps", digits=(4, 1))

    _days_positive = models.Constraint(
        "CHECK (fatigue_days >= 0 AND valid_days >= 1 AND follow_up_hours >= 0)",
        "A survey is open for at least one day; other durations can't be negative.",
    )

    @api.model
    def _default_purpose_id(self):
        return self.env["crm.consent.purpose"].search(
            [("code", "=", "survey")], limit=1
        )

    @api.model
    def _default_mail_template_id(self):
        return self.env.ref(
            "crm_feedback.mail_template_feedback_invitation", raise_if_not_found=False
        )

    @api.depends("follow_up_team_id")
    def _compute_company_id(self):
        for program in self:
            team = program.follow_up_team_id
            program.company_id = team.company_id or program.company_id

    def _compute_counts(self):
        sources = {
            "invitation_count": ("survey.user_input", "feedback_program_id"),
            "answer_count": ("crm.feedback", "program_id"),
        }
        for name, (model, path) in sources.items():
            counts = dict(
                self.env[model]
                .sudo()
                ._read_group([(path, "in", self.ids)], [path], ["__count"])
            )
            for program in self:
                program[name] = counts.get(program, 0)

    def _compute_nps(self):
        for program in self:
            figures = self.env["crm.feedback"]._get_net_promoter_score(
                [("program_id", "=", program.id)]
            )
            program.nps, program.nps_margin = figures or (0, 0)

    @api.constrains("survey_id", "question_id", "comment_question_id", "scale")
    def _check_questions(self):
        for program in self:
            questions = program.question_id | program.comment_question_id
            if questions.survey_id != program.survey_id:
                raise ValidationError(
                    self.env._(
                        "Choose questions of the survey “%s”.", program.survey_id.title
                    )
                )
            limits = {"nps": (0, 10)}.get(program.scale, (1, 5))
            question = program.question_id
            if (question.scale_min, question.scale_max) != limits:
                raise ValidationError(
                    self.env._(
                        "The score question has to have a scale from %(low)s to "
                        "%(high)s.",
                        low=limits[0],
                        high=limits[1],
                    )
                )

    @api.constrains("domain")
    def _check_domain(self):
        for program in self:
            try:
                Domain(literal_eval(program.domain)).validate(self.env["crm.case"])
            except (ValueError, SyntaxError) as error:
                raise ValidationError(
                    self.env._("The filter on cases is not valid: %s", error)
                ) from error

    # ------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------

    @api.model
    def _ask_about_cases(self, cases):
        """Ask the customers of solved cases; a note on each case says if not."""
        left, reasons = cases.sudo(), {}
        for program in self.search([("moment", "=", "case_solved")]):
            matched = left.filtered_domain(program._get_domain())
            reasons.update(program._ask(matched))
            left -= matched
        if reasons:
            self.env["crm.case"].sudo().browse(reasons)._message_log_batch(
                bodies=reasons
            )

    def _get_domain(self):
        self.ensure_one()
        domain = Domain(literal_eval(self.domain))
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return domain

    def _ask(self, cases):
        """Invite the customers of the cases, as far as they may be asked.

        :return: why a case's customer was not asked (dict of case id to text)
        """
        self.ensure_one()
        wanted = self._filter_segments(cases)
        reachable = wanted.filtered("partner_id.email_normalized")
        answer = self.env["crm.contact.policy"]._ask(
            reachable.partner_id, self.purpose_id.code, "email", "survey", self
        )
        consenting = reachable.filtered(lambda case: case.partner_id in answer.allowed)
        rested = self._filter_rested(consenting)
        self._invite(rested)
        return {
            **self._reason(cases - wanted, self.env._("not in its segments")),
            **self._reason(wanted - reachable, self.env._("no e-mail address")),
            **self._explain_held(reachable - consenting, answer),
            **self._reason(
                consenting - rested,
                self.env._("already asked within %s days", self.fatigue_days),
            ),
        }

    def _explain_held(self, cases, answer):
        """Return why the customers of these cases may not be asked now."""
        get_label = self.env["crm.contact.policy"]._get_reason_label
        reasons = {}
        for case in cases:
            label = get_label(answer.held[case.partner_id.id])
            reasons.update(self._reason(case, label))
        return reasons

    def _release_contact_holds(self, partners):
        """The moment has come for customers who could not be asked: ask them now.

        About their cases solved while an invitation may wait.
        """
        self.ensure_one()
        sender = self.env.ref("crm_lifecycle.crm_contact_policy_sender_survey").sudo()
        since = fields.Datetime.subtract(fields.Datetime.now(), days=sender.wait_days)
        cases = (
            self.env["crm.case"]
            .sudo()
            .search(
                self._get_domain()
                & Domain("partner_id", "in", partners.ids)
                & Domain("stage_kind", "=", "solved")
                & Domain("date_closed", ">=", since)
            )
        )
        invited = self.env["survey.user_input"].sudo()
        invited = invited.search([("feedback_case_id", "in", cases.ids)])
        left = self._filter_segments(cases - invited.feedback_case_id)
        self._invite(self._filter_rested(left))

    def _filter_segments(self, cases):
        """Return the cases of members of the segments, all if there are none."""
        segments = self.sudo().crm_segment_ids
        if not segments:
            return cases
        members = segments._filter_partners(cases.partner_id)
        return cases.filtered(lambda case: case.partner_id in members)

    def _reason(self, cases, reason):
        text = self.env._(
            "“%(program)s” did not ask the customer: %(reason)s.",
            program=self.name,
            reason=reason,
        )
        return dict.fromkeys(cases.ids, text)

    def _filter_rested(self, cases):
        """Return one case for each customer who was not asked of late.

        :param cases: or contacts, or whatever else has a commercial partner
        """
        customers = cases.commercial_partner_id
        since = fields.Datetime.subtract(fields.Datetime.now(), days=self.fatigue_days)
        asked = (
            self.env["survey.user_input"]
            .sudo()
            ._read_group(
                [
                    ("feedback_program_id", "!=", False),
                    ("partner_id.commercial_partner_id", "in", customers.ids),
                    ("invitation_date", ">", since),
                ],
                ["partner_id"],
            )
        )
        tired = {partner.commercial_partner_id for (partner,) in asked}
        if not self.fatigue_days:
            return cases
        rested = cases.filtered(lambda case: case.commercial_partner_id not in tired)
        firsts = rested.grouped("commercial_partner_id").values()
        return cases.browse([members[0].id for members in firsts])

    def _invite(self, cases):
        """Create an invitation for each case and queue its e-mail."""
        return self._send_invitations(
            [
                {
                    **self._prepare_invitation_values(case.partner_id),
                    "feedback_case_id": case.id,
                }
                for case in cases
            ]
        )

    def _send_invitations(self, vals_list):
        invitations = self.env["survey.user_input"].sudo().create(vals_list)
        self.env["crm.customer.event.type"]._capture("survey_sent", invitations)
        if invitations:
            self.mail_template_id.sudo().send_mail_batch(invitations.ids)
        return invitations

    def _prepare_invitation_values(self, partner):
        now = fields.Datetime.now()
        return {
            "survey_id": self.survey_id.id,
            "partner_id": partner.id,
            "email": partner.email,
            "nickname": partner.name,
            "deadline": fields.Datetime.add(now, days=self.valid_days),
            "feedback_program_id": self.id,
            "invitation_date": now,
        }

    def action_open_answers(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_feedback_action"
        )
        action.update(domain=[("program_id", "in", self.ids)], context={})
        return action
