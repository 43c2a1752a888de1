from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# As many cases are recomputed at once when a policy or calendar changes; more are
# left to the scheduled action (1,000 take about 2 s).
AT_ONCE = 500
BATCH = 1000


class CrmCaseRefresh(models.Model):
    """Promises follow when policies, calendars and holidays change."""

    _inherit = "crm.case"

    sla_stale = fields.Boolean(
        "Promise to Be Looked at Again", copy=False, groups="base.group_user"
    )

    _stale_idx = models.Index("(id) WHERE sla_stale")

    @api.model
    def _refresh_service_levels(self, domain):
        """Look at the promises of the open cases of a domain again: at once when they
        are few, else soon.
        """
        domain = Domain(domain) & Domain("stage_kind", "in", ("open", "waiting"))
        cases = self.sudo().search(domain, limit=AT_ONCE + 1)
        if len(cases) <= AT_ONCE:
            cases._start_service_levels()
            return
        self.sudo()._mark_stale(domain)
        self.env.ref("crm_feedback.ir_cron_refresh_service_levels")._trigger()

    @api.model
    def _mark_stale(self, domain):
        query = self._search(domain & Domain("sla_stale", "not in", [True]))
        self.env.execute_query(
            SQL(
                "UPDATE crm_case SET sla_stale = TRUE WHERE id IN %s RETURNING id",
                query.subselect(),
            )
        )
        self.invalidate_model(["sla_stale"])

    @api.model
    def _cron_refresh_service_levels(self):
        """Look at the promises of the cases that were marked, batch by batch."""
        domain = [("sla_stale", "=", True)]
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        while stale := self.search(domain, limit=BATCH).try_lock_for_update():
            stale._start_service_levels()
            stale.with_context(tracking_disable=True).write({"sla_stale": False})
            if not cron._commit_progress(len(stale)):
                break
            self.env.invalidate_all()
