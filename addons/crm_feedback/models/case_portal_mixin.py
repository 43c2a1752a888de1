from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime

# Days after closing when no team says otherwise.
REOPEN_DAYS = 14


class CrmCasePortalMixin(models.AbstractModel):
    """What a customer does with his case himself: close, reopen and rate it, and read
    in plain words how it stands."""

    _name = "crm.case.portal.mixin"
    _description = "Self-Service on Cases"
    _inherit = ["portal.mixin"]

    requested_remedy = fields.Selection(
        [
            ("return", "Return"),
            ("exchange", "Exchange"),
            ("repair", "Repair"),
            ("credit", "Money back"),
        ],
        "Customer Asks for",
        help="What the customer would like to get. What he got is the resolution.",
    )
    date_customer_closed = fields.Datetime(
        "Solved for the Customer",
        readonly=True,
        copy=False,
        help="When the customer said on the portal that the matter is solved for him.",
    )

    def _compute_access_url(self):
        for case in self:
            case.access_url = f"/my/cases/{case.id}"

    # ------------------------------------------------------------
    # What the customer may do
    # ------------------------------------------------------------

    def _get_reopen_limit(self):
        """Return until when the customer can reopen this closed case, or False."""
        self.ensure_one()
        if not self.date_closed:
            return False
        days = self.team_id.reopen_days if self.team_id else REOPEN_DAYS
        return self.date_closed + timedelta(days=days)

    def _can_customer_reopen(self):
        self.ensure_one()
        limit = self._get_reopen_limit()
        return self.stage_kind == "solved" and (
            bool(limit) and fields.Datetime.now() <= limit
        )

    def _can_customer_close(self):
        self.ensure_one()
        running = self.stage_kind in ("open", "waiting")
        return running and not self.date_customer_closed

    def _can_customer_write(self):
        self.ensure_one()
        return self.stage_kind in ("open", "waiting") or self._can_customer_reopen()

    def _can_customer_rate(self):
        self.ensure_one()
        done = self.stage_kind == "solved" or self.date_customer_closed
        return bool(done) and not self._get_customer_rating()

    def _get_customer_rating(self):
        self.ensure_one()
        return self.rating_ids.filtered("consumed")[:1]

    # ------------------------------------------------------------
    # What the customer does
    # ------------------------------------------------------------

    def _close_by_customer(self):
        """Close the case, or tell its agent what is left to do before it is closed."""
        self.ensure_one()
        if not self._can_customer_close():
            raise UserError(self.env._("This case is closed already."))
        self.date_customer_closed = fields.Datetime.now()
        self._log_customer_step(self.env._("The customer says that this is solved."))
        missing = self._get_missing_for_closing()
        if missing:
            self._ask_agent_to_close(missing)
        else:
            self._move_to("solved")

    def _ask_agent_to_close(self, missing):
        user = self.user_id or self.team_id.user_id
        if not user:
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=self.env._("Solved for the customer: finish and close"),
            note=self.env._("Still to do: %s.", missing),
        )

    def _reopen_by_customer(self):
        self.ensure_one()
        if not self._can_customer_reopen():
            raise UserError(
                self.env._(
                    "This case can't be opened again. Please open a new one: "
                    "we will find this one beside it."
                )
            )
        self.date_customer_closed = False
        self._log_customer_step(self.env._("The customer opened the case again."))
        self._move_to("open")

    def _log_customer_step(self, text):
        self.message_post(
            body=text,
            author_id=self.partner_id.id or self.company_id.partner_id.id,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
        )

    def _rate_by_customer(self, rate, comment):
        """Take the customer's only rating of this case (1 to 5)."""
        self.ensure_one()
        if rate not in range(1, 6):
            raise UserError(self.env._("Please choose one to five stars."))
        # Of two clicks at once the second waits here, then sees the first.
        self.lock_for_update()
        if not self._can_customer_rate():
            raise UserError(self.env._("You have rated this case already. Thank you."))
        token = self._rating_get_access_token(self.partner_id)
        return self.rating_apply(rate, token=token, feedback=comment)

    # ------------------------------------------------------------
    # What the customer reads
    # ------------------------------------------------------------

    def _get_portal_status(self):
        """Return how the case stands, in words for the customer."""
        self.ensure_one()
        describe = {
            "open": self._get_portal_status_open,
            "waiting": lambda: self.env._(
                "We need something from you to go on. Please answer below."
            ),
            "solved": self._get_portal_status_solved,
            "cancelled": lambda: self.env._(
                "This case was closed without further work. "
                "If you still need us, please open a new one."
            ),
        }
        return describe[self.stage_kind]()

    def _get_portal_status_open(self):
        if self.date_customer_closed:
            return self.env._("You told us that this is solved. Thank you.")
        if self.date_responded:
            return self.env._(
                "%s is working on it.", self.user_id.name or self.env._("Our team")
            )
        expected = self._get_expected_answer()
        if expected:
            return self.env._(
                "We have received your message and answer by %s.",
                format_datetime(self.env, expected, dt_format="short"),
            )
        return self.env._("We have received your message and answer soon.")

    def _get_portal_status_solved(self):
        closed = format_date(self.env, self.date_closed)
        if not self._can_customer_reopen():
            return self.env._("This case was solved on %s.", closed)
        return self.env._(
            "This case was solved on %(closed)s. If it is not, open it again "
            "until %(limit)s.",
            closed=closed,
            limit=format_date(self.env, self._get_reopen_limit()),
        )

    # ------------------------------------------------------------
    # Links
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_access_tokens(self):
        """Let the links in old messages expire once a case can't be reopened."""
        limit = 1000
        cases = self.search(
            [
                ("access_token", "!=", False),
                ("stage_kind", "in", ("solved", "cancelled")),
                ("date_closed", "<", fields.Datetime.now()),
            ],
            order="date_closed",
            limit=limit,
        )
        now = fields.Datetime.now()
        expired = cases.filtered(lambda case: case._get_reopen_limit() < now)
        expired.write({"access_token": False})
        return len(expired), len(expired) == limit
