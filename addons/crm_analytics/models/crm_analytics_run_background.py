from odoo import api, fields, models

PARAMETER = "crm_analytics.background_customers"
# About twenty seconds for the slowest analysis; a request may take 120.
DEFAULT_CUSTOMERS = 20_000
UNFINISHED = ("waiting", "running", "computed")


class CrmAnalyticsRun(models.Model):
    """Analyses of many customers run in the background, and tell how far they are.

    A request of the web client is ended after a time (``limit_time_real``): what may
    take longer is left to the scheduled action, which is woken at once.
    """

    _inherit = "crm.analytics.run"

    is_awaited = fields.Boolean(
        "In the Background",
        readonly=True,
        copy=False,
        help="Who asked for it is told when it is done.",
    )

    def _is_for_background(self):
        """Return whether the company has too many customers to wait for the run.

        From the system parameter ``crm_analytics.background_customers`` on. Without
        the scheduled action there is no background.
        """
        self.ensure_one()
        text = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
        limit = int(text) if str(text).isdecimal() else DEFAULT_CUSTOMERS
        customers = (
            self.env["crm.customer.profile"]
            .sudo()
            .search_count([("company_id", "=", self.company_id.id)], limit=limit + 1)
        )
        return customers > limit and self._get_nightly_cron().active

    @api.model
    def _get_nightly_cron(self):
        return self.env.ref("crm_analytics.ir_cron_run_analyses").sudo()

    def _get_unfinished(self):
        """Return the other runs of the kind and company that are not done yet."""
        return self.search(
            [
                ("kind", "=", self.kind),
                ("company_id", "=", self.company_id.id),
                ("state", "in", UNFINISHED),
                ("id", "!=", self.id),
            ],
            order="id",
        )

    def _run_later(self):
        """Leave the runs to the scheduled action, which starts at once."""
        self._await()
        self._get_nightly_cron()._trigger()

    def _await(self):
        """Let who asks for these runs be told when they are done."""
        self.write({"is_awaited": True, "user_id": self.env.uid})
        self.filtered(lambda run: run.state in ("draft", "failed")).state = "waiting"

    def _tell_progress(self):
        """Bring the open form up to date; say it when an awaited run is over."""
        for run in self:
            run.user_id._bus_send("crm_analytics.run_changed", {"id": run.id})
            if run.is_awaited and run.state not in UNFINISHED:
                run.is_awaited = False
                run._tell_end()

    def _tell_end(self):
        run = self.with_context(lang=self.user_id.lang, tz=self.user_id.tz)
        is_failed = run.state == "failed"
        run.user_id._bus_send(
            "simple_notification",
            {
                "type": "danger" if is_failed else "success",
                "title": run.display_name,
                "message": run.summary or run.env._("The analysis is done."),
                # Who left the page may have left the desk too.
                "sticky": True,
            },
        )
