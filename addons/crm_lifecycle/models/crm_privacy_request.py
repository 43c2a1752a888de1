from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

# GDPR, article 12 (3): one month, from the day of receipt.
MONTHS_TO_ANSWER = 1
SOURCES = [
    ("portal", "Portal"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("phone", "Phone"),
    ("person", "In person"),
]


class CrmPrivacyRequest(models.Model):
    """A data subject request: what a person may ask of who keeps data of him.

    Access and portability (GDPR, articles 15 and 20), erasure (17), restriction (18)
    and objection to profiling (21). The *person* is the contact with all contacts and
    addresses below it; the records about him are told by the sections, see
    :meth:`_get_sections`.
    """

    _name = "crm.privacy.request"
    _description = "Data Subject Request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, date_deadline, id DESC"

    name = fields.Char("Number", readonly=True, copy=False, default="/")
    kind = fields.Selection(
        [
            ("access", "Access and portability"),
            ("erasure", "Erasure"),
            ("objection", "Objection to profiling"),
            ("restriction", "Restriction of processing"),
        ],
        required=True,
        default="access",
        tracking=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Person",
        required=True,
        index=True,
        ondelete="restrict",
        help="With all contacts and addresses below this contact.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Handled by", default=lambda self: self._default_user_id()
    )
    source = fields.Selection(SOURCES, "Received by", required=True, default="email")
    date_received = fields.Date(
        "Received on", required=True, default=fields.Date.context_today
    )
    date_deadline = fields.Date(
        "Answer until",
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
        help="One month after receipt. May be extended by two months for good reason, "
        "if the person is told within the first month (GDPR, article 12).",
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    state = fields.Selection(
        [("open", "Open"), ("done", "Done"), ("refused", "Refused")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        tracking=True,
    )
    date_done = fields.Datetime("Answered on", readonly=True, copy=False)
    note = fields.Text("What Was Asked", copy=False)
    refusal_reason = fields.Text(
        copy=False, help="Told to the person, with the right to complain."
    )
    archive_id = fields.Many2one(
        "ir.attachment", readonly=True, copy=False, ondelete="set null"
    )
    preview = fields.Html("What Will Happen", compute="_compute_preview")
    report = fields.Html("Closing Report", readonly=True, copy=False)

    @api.model
    def _default_user_id(self):
        return self.env.uid if self._may_handle(self.env.user) else False

    @api.model
    def _may_handle(self, user):
        return user.has_group("crm_lifecycle.crm_lifecycle_group_manager")

    @api.depends("date_received")
    def _compute_date_deadline(self):
        for request in self:
            received = request.date_received or fields.Date.context_today(self)
            request.date_deadline = received + relativedelta(months=MONTHS_TO_ANSWER)

    @api.depends("date_deadline", "state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for request in self:
            request.is_late = request.state == "open" and request.date_deadline < today

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return [("state", "=", "open"), ("date_deadline", "<", today)]

    @api.depends("kind", "partner_id")
    def _compute_preview(self):
        for request in self:
            request.preview = request._get_preview() if request.partner_id else False

    def _get_preview(self):
        """Return, for the user, what an answer to this request does."""
        return self.env["ir.qweb"]._render(
            "crm_lifecycle.crm_privacy_request_preview",
            {
                "asked": self,
                "plan": self._get_erasure_plan() if self.kind == "erasure" else [],
                "refusal": self.kind == "erasure" and self._get_erasure_refusal(),
                "subject": self._get_subject(),
            },
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                sequence = self.env["ir.sequence"].sudo()
                vals["name"] = sequence.next_by_code("crm.privacy.request") or "/"
        requests = super().create(vals_list)
        requests._schedule_answer()
        return requests

    def _schedule_answer(self):
        for request in self.filtered(lambda request: request.state == "open"):
            request.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=request.date_deadline,
                summary=self.env._("Answer the request of the person"),
                user_id=request.user_id.id or self.env.ref("base.user_admin").id,
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        if any(request.state != "open" for request in self):
            raise UserError(
                self.env._("An answered request is proof: it can't be deleted.")
            )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_answer(self):
        """Do what the person asks; an erasure asks for confirmation first."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "open":
            raise UserError(self.env._("This request is answered already."))
        if self.kind == "erasure":
            return self._open_erasure()
        getattr(self, f"_answer_{self.kind}")()
        return self._download_archive() if self.archive_id else None

    def _open_erasure(self):
        refusal = self._get_erasure_refusal()
        if refusal:
            raise UserError(refusal)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase the person"),
            "res_model": "crm.privacy.request.erase",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": self.id},
        }

    def action_refuse(self):
        for request in self:
            if request.state != "open":
                raise UserError(self.env._("This request is answered already."))
            if not request.refusal_reason:
                raise UserError(
                    self.env._(
                        "Write down why the request is refused: the person has to be "
                        "told (GDPR, article 12)."
                    )
                )
            request._close("refused", Markup("<p>%s</p>") % request.refusal_reason)

    def action_download(self):
        self.ensure_one()
        self.check_access("read")
        return self._download_archive()

    def _download_archive(self):
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.archive_id.id}?download=true",
            "target": "self",
        }

    def action_lookup(self):
        """Open stock's lookup, which also finds other people of the same name."""
        self.ensure_one()
        return self.partner_id.action_privacy_lookup()

    # ------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------

    def _answer_access(self):
        self._make_archive()
        self._close(
            "done",
            Markup("<p>%s</p>")
            % self.env._("The archive was made. The person finds it on the portal."),
        )

    def _answer_objection(self):
        self._record_no(
            self.env["crm.customer.profile"]._get_profiling_purpose(), ["use"]
        )
        self._close(
            "done",
            Markup("<p>%s</p>")
            % self.env._(
                "Scores and predictions are deleted, and stays in segments by rule "
                "have ended."
            ),
        )

    def _answer_restriction(self):
        """Nothing is done with the data but keeping it: no messages, no profiling."""
        self._record_no(
            self.env["crm.customer.profile"]._get_profiling_purpose(), ["use"]
        )
        for purpose in self.env["crm.consent"]._get_refusable_purposes():
            self._record_no(purpose, purpose._get_channels())
        self._close(
            "done",
            Markup("<p>%s</p>")
            % self.env._("No messages but those of a contract, and no profiling."),
        )

    def _record_no(self, purpose, channels):
        if not purpose:
            raise UserError(
                self.env._(
                    "There is no consent purpose with the technical name “profiling”: "
                    "make one under Configuration."
                )
            )
        for channel in channels:
            self.env["crm.consent"].sudo()._record(
                self._get_subject().partners,
                purpose.code,
                channel,
                False,
                self.env._("Request %s", self.name),
                purpose._get_wording(channel),
                document=self,
            )

    def _close(self, state, report):
        self.write({"state": state, "date_done": fields.Datetime.now()})
        self.sudo().report = report
        self.message_post(body=report)
        self.activity_ids.action_feedback()
