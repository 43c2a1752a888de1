from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError


class CrmCase(models.Model):
    """A customer's matter: a complaint, a question, an incident, a request or a
    dispute about a bill.

    A case waits in the queue of a team, belongs to one agent and moves through
    stages. What complaints need beyond that (the steps of ISO 10002) comes from
    ``crm.case.complaint.mixin``, intake by e-mail from ``crm.case.intake.mixin``,
    the clock from ``crm.case.service.level.mixin`` and what customers do themselves
    from ``crm.case.portal.mixin``.
    """

    _name = "crm.case"
    _description = "Case"
    _inherit = [
        "crm.case.intake.mixin",
        "crm.case.complaint.mixin",
        "crm.case.service.level.mixin",
        "crm.case.portal.mixin",
        "rating.mixin",
        "mail.activity.mixin",
        "mail.tracking.duration.mixin",
        "utm.mixin",
    ]
    _order = "severity desc, date_due, id desc"
    _primary_email = "email_from"
    _mail_post_access = "read"
    _mail_thread_customer = True
    _rec_names_search = ["number", "name", "partner_id.complete_name"]
    _check_company_auto = True
    _track_duration_field = "stage_id"

    name = fields.Char("Subject", required=True, index="trigram")
    number = fields.Char(readonly=True, copy=False, default="/", index=True)
    active = fields.Boolean(default=True)
    case_type = fields.Selection(
        [
            ("complaint", "Complaint"),
            ("question", "Question"),
            ("incident", "Incident"),
            ("request", "Request"),
            ("billing_dispute", "Billing Dispute"),
        ],
        string="Type",
        required=True,
        default="question",
        tracking=True,
        index=True,
    )
    description = fields.Html(sanitize_attributes=True, sanitize_form=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        index=True,
        tracking=True,
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    email_from = fields.Char(
        "Email",
        compute="_compute_contact_details",
        store=True,
        readonly=False,
        index="btree_not_null",
    )
    phone = fields.Char(compute="_compute_contact_details", store=True, readonly=False)
    channel = fields.Selection(
        [
            ("email", "Email"),
            ("phone", "Phone"),
            ("portal", "Portal"),
            ("survey", "Survey"),
            ("website", "Website"),
            ("chat", "Chat"),
            ("api", "Other system"),
            ("internal", "Entered by an agent"),
        ],
        required=True,
        default="internal",
        help="How the customer's matter reached us.",
    )
    team_id = fields.Many2one(
        "crm.case.team",
        index=True,
        tracking=True,
        check_company=True,
        help="The queue in which the case waits.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Assigned to",
        index=True,
        tracking=True,
        check_company=True,
        domain="[('share', '=', False)]",
    )
    date_assigned = fields.Datetime("Assigned on", readonly=True, copy=False)
    stage_id = fields.Many2one(
        "crm.case.stage",
        required=True,
        index=True,
        tracking=True,
        copy=False,
        default=lambda self: self._default_stage_id(),
        domain="['|', ('team_ids', '=', False), ('team_ids', 'in', team_id)]",
        group_expand="_read_group_expand_full",
        ondelete="restrict",
    )
    stage_kind = fields.Selection(related="stage_id.kind", store=True, index=True)
    category_id = fields.Many2one(
        "crm.case.category",
        index=True,
        tracking=True,
        check_company=True,
    )
    severity = fields.Selection(
        [("0", "Low"), ("1", "Normal"), ("2", "High"), ("3", "Critical")],
        required=True,
        default="1",
        tracking=True,
        help="How badly the customer is hit.",
    )
    sale_order_id = fields.Many2one(
        "sale.order",
        "Sales Order",
        index="btree_not_null",
        check_company=True,
        help="The order that the case is about.",
    )
    invoice_id = fields.Many2one(
        "account.move",
        index="btree_not_null",
        check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_refund'))]",
        help="The invoice that the case is about.",
    )
    routing_rule_id = fields.Many2one(
        "crm.routing.rule",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    routing_note = fields.Text(
        "Why here?",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Why the case went to this team and this person.",
    )
    feedback_id = fields.Many2one(
        "crm.feedback",
        "Answer Followed Up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
        help="The unhappy customer's answer that this case follows up.",
    )
    feedback_ids = fields.One2many(
        "crm.feedback", "case_id", "Answers", groups="base.group_user"
    )
    reopen_count = fields.Integer("Reopened", readonly=True, copy=False)
    color = fields.Integer("Color Index")

    _number_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number != '/'",
        "Two cases of a company can't have the same number.",
    )
    # The queue of a team, and the sweep of what an agent has open.
    _open_idx = models.Index(
        "(team_id, user_id) WHERE stage_kind IN ('open', 'waiting') AND active"
    )

    @api.model
    def _default_stage_id(self):
        team = self.env.context.get("default_team_id", False)
        return self.env["crm.case.stage"]._get_first(team).id

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("number", "name")
    def _compute_display_name(self):
        for case in self:
            if case.number and case.number != "/":
                case.display_name = f"{case.number} {case.name or ''}"
            else:
                case.display_name = case.name

    @api.depends("partner_id")
    def _compute_contact_details(self):
        for case in self.filtered("partner_id"):
            case.email_from = case.partner_id.email or case.email_from
            case.phone = case.partner_id.phone or case.phone

    @api.onchange("team_id")
    def _onchange_team_id(self):
        if self.team_id and self.user_id not in self.team_id.member_ids:
            self.user_id = False

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        self._assign_numbers(vals_list)
        self._assign_stages(vals_list)
        now = fields.Datetime.now()
        for vals in vals_list:
            if vals.get("user_id"):
                vals.setdefault("date_assigned", now)
        cases = super().create(vals_list)
        cases.filtered(lambda case: not case.user_id)._route()
        cases._stamp_complaint_steps()
        cases._start_service_levels()
        self.env["crm.customer.event.type"]._capture("case_opened", cases)
        return cases

    def write(self, vals):
        stage = self.env["crm.case.stage"].browse(vals.get("stage_id"))
        moved = self.filtered(lambda case: stage and case.stage_id != stage)
        before = {case: case.stage_kind for case in moved}
        if vals.get("user_id") and "date_assigned" not in vals:
            vals = dict(vals, date_assigned=fields.Datetime.now())
        result = super().write(vals)
        if moved:
            moved._after_move(before)
        if vals.get("partner_id"):
            self.env["crm.customer.event.type"]._capture("case_opened", self)
        if vals.keys() & self._get_complaint_step_fields():
            self._stamp_complaint_steps()
        if vals.keys() & self._get_service_level_fields():
            self._start_service_levels()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        return [
            dict(vals, name=self.env._("%s (copy)", case.name))
            for case, vals in zip(self, vals_list, strict=True)
        ]

    @api.model
    def _assign_numbers(self, vals_list):
        """Give each new case the next number of its company's sequence."""
        sequences = {}
        for vals in vals_list:
            if vals.get("number", "/") != "/":
                continue
            company_id = vals.get("company_id") or self.env.company.id
            if company_id not in sequences:
                sequences[company_id] = self._get_number_sequence(company_id)
            vals["number"] = sequences[company_id].next_by_id()

    @api.model
    def _assign_stages(self, vals_list):
        """Give each new case the first stage of its team."""
        default_team = self.env.context.get("default_team_id", False)
        stages = {}
        for vals in vals_list:
            if "stage_id" in vals or "default_stage_id" in self.env.context:
                continue
            team = vals.get("team_id") or default_team
            if team not in stages:
                stages[team] = self.env["crm.case.stage"]._get_first(team).id
            vals["stage_id"] = stages[team]

    @api.model
    def _get_number_sequence(self, company_id):
        return (
            self.env["ir.sequence"]
            .sudo()
            .search(
                [
                    ("code", "=", "crm.case"),
                    ("company_id", "in", (company_id, False)),
                ],
                order="company_id",
                limit=1,
            )
        )

    # ------------------------------------------------------------
    # Stages
    # ------------------------------------------------------------

    def _after_move(self, before):
        """Do what the move to another stage brings with it.

        :param before: kind of the stage left, by case
        """
        closed_kinds = self.env["crm.case.stage"]._CLOSED_KINDS
        closed = self.filtered(
            lambda case: case.stage_kind in closed_kinds
            and before[case] not in closed_kinds
        )
        reopened = self.filtered(
            lambda case: case.stage_kind not in closed_kinds
            and before[case] in closed_kinds
        )
        closed._close()
        reopened._reopen()
        self._follow_pauses(before)
        solved = closed.filtered(lambda case: case.stage_kind == "solved")
        if solved:
            self.env["crm.customer.event.type"]._capture("case_solved", solved)
            self.env["crm.feedback.program"].sudo()._ask_about_cases(solved)

    def _close(self):
        """Check that the cases may be closed, and date it."""
        self._check_closing()
        if self:
            self.write({"date_closed": fields.Datetime.now()})

    def _reopen(self):
        for case in self:
            case.write(
                {
                    "reopen_count": case.reopen_count + 1,
                    "date_closed": False,
                    "date_customer_closed": False,
                }
            )

    def _check_closing(self):
        """Refuse to close a case before its customer got what he has to get."""
        for case in self:
            missing = case._get_missing_for_closing()
            if missing:
                raise UserError(
                    self.env._(
                        "%(case)s can't be closed yet. Please: %(missing)s.",
                        case=case.number,
                        missing=missing,
                    )
                )

    def _get_missing_for_closing(self):
        """Return what is left to do before this case can be closed (list of str)."""
        self.ensure_one()
        if self.stage_kind == "cancelled":
            return self._get_missing_for_cancelling()
        missing = []
        if self.case_type == "complaint" or self.feedback_id:
            if not self.date_responded:
                missing.append(self.env._("answer the customer (Send message)"))
            if not self.root_cause_id:
                missing.append(self.env._("choose the root cause"))
        if self.case_type == "complaint" and not self.resolution_id:
            missing.append(self.env._("choose the resolution"))
        return missing

    def _get_missing_for_cancelling(self):
        if self.case_type == "complaint" and not self.resolution_id:
            return [self.env._("choose the resolution that says why")]
        return []

    def _move_to(self, kind):
        """Move each case to the first stage of a kind that its team knows."""
        for team, cases in self.grouped("team_id").items():
            stage = self.env["crm.case.stage"]._get_first(team.id, kind)
            if stage:
                cases.write({"stage_id": stage.id})

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_assign_to_me(self):
        self.write({"user_id": self.env.uid})

    def action_start(self):
        self._move_to("open")

    def action_wait(self):
        self._move_to("waiting")

    def action_solve(self):
        self._move_to("solved")

    def action_cancel(self):
        self._move_to("cancelled")

    def action_reopen(self):
        self._move_to("open")

    def action_route(self):
        """Ask the routing rules again."""
        self._route()

    def action_open_feedback(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_feedback_action"
        )
        action.update(domain=[("case_id", "=", self.id)], context={})
        return action

    def action_open_customer_360(self):
        self.ensure_one()
        return self.partner_id.action_open_customer_360()

    # ------------------------------------------------------------
    # Routing
    # ------------------------------------------------------------

    def _route(self):
        """Send the cases to a team and a person, and note why."""
        if self:
            self.env["crm.routing.rule"].sudo()._route(self)

    # ------------------------------------------------------------
    # Messaging
    # ------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        self.sudo()._follow_message(message)
        return super()._message_post_after_hook(message, msg_values)

    def _follow_message(self, message):
        """Stamp an agent's answer; wake the case when the customer wrote."""
        public = message.subtype_id and not (
            message.subtype_id.internal or message.is_internal
        )
        if not public or message.message_type not in ("comment", "email"):
            return
        author = message.author_id
        if author and not author.partner_share:
            if self._is_addressed_to_customer(message):
                self._stamp_answer()
        elif message.message_type == "comment":
            # E-mails come through message_update, where automatic ones are known.
            self._follow_customer_reply()

    def _is_addressed_to_customer(self, message):
        self.ensure_one()
        if not self.partner_id:
            return bool(message.outgoing_email_to)
        reached = message.partner_ids | self.message_partner_ids
        return self.partner_id in reached

    def _stamp_answer(self):
        now = fields.Datetime.now()
        self.filtered(lambda case: not case.date_responded).write(
            {"date_responded": now}
        )
        self._stamp_communication(now)

    def _follow_customer_reply(self):
        """Take up the work again: the customer has written."""
        self.filtered("date_customer_closed").date_customer_closed = False
        self.filtered(lambda case: case.stage_kind != "open")._move_to("open")

    def _notify_get_reply_to(self, default=None, author_id=False):
        """Replies go to the address of the team."""
        aliases = (
            self.sudo()
            .mapped("team_id")
            ._notify_get_reply_to(default=default, author_id=author_id)
        )
        result = {case.id: aliases.get(case.sudo().team_id.id) for case in self}
        leftover = self.filtered(lambda case: not case.sudo().team_id)
        if leftover:
            result.update(
                super(CrmCase, leftover)._notify_get_reply_to(
                    default=default, author_id=author_id
                )
            )
        return result

    def _schedule_follow_up(self):
        """Put the follow-up of an unhappy customer on its owner's list."""
        self.ensure_one()
        self.activity_schedule(
            "crm_feedback.mail_activity_type_follow_up",
            date_deadline=fields.Date.to_date(self.date_promised),
            user_id=self.user_id.id,
            summary=self.env._("Call the unhappy customer"),
        )

    # ------------------------------------------------------------
    # Rating
    # ------------------------------------------------------------

    def rating_apply(
        self,
        rate,
        token=None,
        rating=None,
        feedback=None,
        subtype_xmlid=None,
        notify_delay_send=False,
    ):
        rating = super().rating_apply(
            rate,
            token=token,
            rating=rating,
            feedback=feedback,
            subtype_xmlid=subtype_xmlid,
            notify_delay_send=notify_delay_send,
        )
        answers = self.env["crm.feedback"].with_user(SUPERUSER_ID)
        answers._record_rating(rating.with_user(SUPERUSER_ID))
        return rating

    def _rating_get_parent_field_name(self):
        return "team_id"
