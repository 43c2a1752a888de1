from datetime import timedelta

from odoo import api, fields, models
from odoo.http import request
from odoo.tools import SQL

# Nobody follows two links of a mail within so many seconds: scanners do.
SCANNER_SECONDS = 5
# A click is judged when those around it must have been written.
WAIT_SECONDS = 15
JUDGE_BATCH = 10_000


class LinkTrackerClick(models.Model):
    """Clicks of mailings are judged first: mail gateways open links to scan them.

    Stock counts every click at once. What the recipient clicked is known some seconds
    later, and only that becomes a customer event and counts in campaigns.
    """

    _inherit = "link.tracker.click"

    crm_clicked_by = fields.Selection(
        [("recipient", "Recipient"), ("scanner", "Mail scanner")],
        "Clicked by",
        readonly=True,
        copy=False,
        help="Links of one mail that were opened within a few seconds were opened by a "
        "mail scanner. Empty: not judged yet.",
    )

    _unjudged_idx = models.Index(
        "(id) WHERE crm_clicked_by IS NULL AND mailing_trace_id IS NOT NULL"
    )

    @api.model
    def add_click(self, code, **route_values):
        if not route_values.get("mailing_trace_id"):
            return super().add_click(code, **route_values)
        if request and request.httprequest.method == "HEAD":
            # No browser asks for the head of a page only.
            return self.browse()
        judging = self.with_context(crm_judge_click=True)
        click = super(LinkTrackerClick, judging).add_click(code, **route_values)
        if click:
            self._trigger_judging()
        return click

    @api.model
    def _trigger_judging(self):
        cron = self.env.ref("crm_lifecycle.ir_cron_judge_clicks").sudo()
        cron._trigger(self.env.cr.now() + timedelta(seconds=WAIT_SECONDS + 1))

    @api.model
    def _cron_judge(self):
        """Say of every click of a mailing who clicked, batch by batch."""
        count = JUDGE_BATCH
        while count == JUDGE_BATCH:
            count = self._judge()
            more = int(count == JUDGE_BATCH)
            if not self.env["ir.cron"]._commit_progress(count, remaining=more):
                return

    @api.model
    def _judge(self):
        """Judge the next batch of clicks, make the events of the human ones.

        :return: number of clicks judged
        """
        self.env.flush_all()
        [(count, trace_ids)] = self.env.execute_query(
            SQL(
                """
                WITH ripe AS (
                    SELECT click.id, click.mailing_trace_id, click.create_date,
                           EXISTS (SELECT FROM link_tracker_click other
                                    WHERE other.mailing_trace_id
                                          = click.mailing_trace_id
                                      AND other.link_id != click.link_id
                                      AND other.create_date
                                          BETWEEN click.create_date - %(apart)s
                                              AND click.create_date + %(apart)s
                           ) AS by_scanner
                      FROM link_tracker_click click
                     WHERE click.crm_clicked_by IS NULL
                       AND click.mailing_trace_id IS NOT NULL
                       AND click.create_date <= %(until)s
                     ORDER BY click.id LIMIT %(limit)s
                ), judged AS (
                    UPDATE link_tracker_click click
                       SET crm_clicked_by = CASE WHEN by_scanner
                           THEN 'scanner' ELSE 'recipient' END
                      FROM ripe WHERE ripe.id = click.id
                ), clicked AS (
                    UPDATE mailing_trace trace
                       SET crm_click_date = COALESCE(trace.crm_click_date, first.date)
                      FROM (SELECT mailing_trace_id, min(create_date) AS date
                              FROM ripe WHERE NOT by_scanner GROUP BY 1) first
                     WHERE trace.id = first.mailing_trace_id
                    RETURNING trace.id
                )
                SELECT (SELECT count(*) FROM ripe), ARRAY(SELECT id FROM clicked)
                """,
                apart=timedelta(seconds=SCANNER_SECONDS),
                until=self.env.cr.now() - timedelta(seconds=WAIT_SECONDS),
                limit=JUDGE_BATCH,
            )
        )
        self.invalidate_model(["crm_clicked_by"])
        traces = self.env["mailing.trace"].browse(trace_ids)
        traces.invalidate_model(["crm_click_date"])
        self.env["crm.customer.event.type"]._capture("mailing_clicked", traces)
        return count
