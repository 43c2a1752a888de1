from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..analysis_results import mail_chart


class CrmDashboardMail(models.Model):
    """A board that is mailed on schedule, to each recipient what he may see."""

    _name = "crm.dashboard.mail"
    _description = "Dashboard by Mail"
    _inherit = ["mail.thread"]
    _order = "next_date, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    board = fields.Selection(
        [
            ("sales", "Sales"),
            ("marketing", "Marketing"),
            ("service", "Service"),
            ("loyalty", "Loyalty"),
            ("management", "Management"),
            ("value", "Value and Retention"),
        ],
        required=True,
        default="management",
    )
    months = fields.Integer("Months back", required=True, default=12)
    interval = fields.Selection(
        [("days", "Every day"), ("weeks", "Every week"), ("months", "Every month")],
        required=True,
        default="weeks",
    )
    next_date = fields.Date("Next on", required=True, default=fields.Date.context_today)
    user_ids = fields.Many2many(
        "res.users",
        string="Recipients",
        required=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    last_date = fields.Datetime("Last sent", readonly=True, copy=False)

    _months_positive = models.Constraint(
        "CHECK(months BETWEEN 1 AND 60)", "Choose 1 to 60 months."
    )

    def action_send(self):
        """Mail the board now to its recipients.

        :return: action that says how many mails were made
        :raise UserError: none of them may see it
        """
        self.check_access("write")
        count = 0
        for schedule in self:
            sent = schedule._send()
            count += sent
            if not sent:
                raise UserError(
                    self.env._(
                        "None of the recipients may see this board, or none has an "
                        "address."
                    )
                )
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Mails on their way: %s.", count),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _send(self):
        """Mail each recipient the figures that his own rights show.

        :return: how many mails were made
        """
        self.ensure_one()
        values = [
            self._prepare_mail_values(user, figures)
            for user in self.sudo().user_ids
            if user.email and (figures := self._get_figures(user))
        ]
        self.env["mail.mail"].sudo().create(values)
        self.sudo().last_date = fields.Datetime.now()
        return len(values)

    def _get_figures(self, user):
        """Return the board as ``user`` sees it; nothing if he may not open it."""
        dashboard = (
            self.env["crm.dashboard"]
            .with_user(user)
            .with_context(allowed_company_ids=self.company_id.ids, lang=user.lang)
        )
        labels = {key: label for key, label, _place in dashboard._get_boards()}
        if self.board not in labels or self.company_id not in user.company_ids:
            return None
        figures = dashboard.get_dashboard(self.board, self.months)
        return {**figures, "title": labels[self.board]}

    def _prepare_mail_values(self, user, figures):
        body = (
            self.env["ir.qweb"]
            .with_context(lang=user.lang)
            ._render(
                "crm_analytics.crm_dashboard_mail_body",
                {
                    "schedule": self,
                    "figures": figures,
                    "charts": [
                        chart
                        for chart in map(mail_chart.plain, figures["charts"])
                        if chart["bars"] or chart["rows"]
                    ],
                    "company": self.company_id,
                    "url": f"{self.get_base_url()}/odoo/customer-dashboard"
                    f"?board={self.board}",
                    "format": self.with_context(lang=user.lang)
                    .env["crm.dashboard"]
                    ._format_count,
                    "format_date": lambda day: format_date(
                        self.env, day, lang_code=user.lang
                    ),
                },
            )
        )
        return {
            "subject": f"{self.name}: {figures['title']}, "
            + format_date(self.env, figures["date_to"], lang_code=user.lang),
            "body_html": body,
            "email_to": user.email_formatted,
            "email_from": self.company_id.email_formatted or user.email_formatted,
            "auto_delete": True,
            "model": self._name,
            "res_id": self.id,
            # Of one recipient alone: not in the chatter, which all may read.
            "message_type": "user_notification",
        }

    @api.model
    def _cron_send(self):
        """Mail what is due; a board that fails is told and does not hold up others."""
        today = fields.Date.context_today(self)
        due = self.search(Domain("next_date", "<=", today))
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(due))
        for schedule in due:
            schedule._send()
            schedule._set_next_date(today)
            if not commit(1):
                return

    def _set_next_date(self, today):
        step = relativedelta(**{self.interval: 1})
        following = self.next_date
        while following <= today:
            following += step
        self.next_date = following
