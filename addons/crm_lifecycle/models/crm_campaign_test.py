from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..experiments.sequential_test import find_winner
from .utm_campaign import HASH_RANGE


class CrmCampaignTest(models.Model):
    """Mailings tried against each other on a share of the audience.

    Chance, the same however often it is asked, gives each customer of the share one of
    the mailings. When one is proven better than every other, the test stops and the
    rest of the audience gets it. The proof may be asked for at any time without being
    wrong more often than in the given share of tests.
    """

    _name = "crm.campaign.test"
    _description = "Campaign A/B Test"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id DESC"

    name = fields.Char(required=True)
    campaign_id = fields.Many2one(
        "utm.campaign", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="campaign_id.company_id", store=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("decided", "Decided"),
            ("undecided", "No Winner"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    metric = fields.Selection(
        [("click", "Clicks"), ("response", "Replies and leads"), ("order", "Orders")],
        "Decided By",
        required=True,
        default="click",
        help="People, each counted once. Clicks of mail scanners don't count, and "
        "openings never decide: scanners make them.",
    )
    share = fields.Float(
        "Tried On (%)",
        required=True,
        default=20,
        help="Share of the audience that gets one of the mailings at random; the rest "
        "gets the winner.",
    )
    error_rate = fields.Float(
        "Chance of Error (%)",
        required=True,
        default=5,
        help="How often a winner may be named though all are alike.",
    )
    fewest = fields.Integer(
        "Fewest Recipients",
        required=True,
        default=100,
        help="Of each mailing, before one may win.",
    )
    date_end = fields.Datetime(
        "At Latest", help="Without a winner by then the responsible decides."
    )
    variant_ids = fields.One2many(
        "crm.campaign.test.variant", "test_id", "Mailings", copy=False
    )
    winner_id = fields.Many2one(
        "crm.campaign.test.variant", readonly=True, copy=False, ondelete="set null"
    )
    final_mailing_id = fields.Many2one(
        "mailing.mailing", "Sent to the Rest", readonly=True, copy=False
    )

    _share_range = models.Constraint(
        "CHECK(share > 0 AND share <= 100)",
        "The share the mailings are tried on is between 0 and 100 %.",
    )
    _error_range = models.Constraint(
        "CHECK(error_rate > 0 AND error_rate < 50)",
        "The chance of error is between 0 and 50 %.",
    )

    # ------------------------------------------------------------
    # Running
    # ------------------------------------------------------------

    def action_start(self):
        """Queue the mailings; each goes to its part of the audience."""
        for test in self:
            if len(test.variant_ids) < 2:
                raise UserError(self.env._("Add two mailings or more."))
            mailings = test.variant_ids.mailing_id
            strangers = mailings.filtered(
                lambda mailing, test=test: mailing.campaign_id != test.campaign_id
            )
            if strangers:
                raise UserError(
                    self.env._(
                        "%s is no mailing of the campaign.", strangers[0].subject
                    )
                )
            sent = mailings.filtered(lambda mailing: mailing.state != "draft")
            if sent:
                raise UserError(self.env._("%s is sent already.", sent[0].subject))
            test.state = "running"
            mailings.action_put_in_queue()

    def action_decide(self):
        """Ask whether one is proven better; send it to the rest if so."""
        running = self.filtered(lambda test: test.state == "running")
        for test in running:
            test._decide()
        return running.filtered(lambda test: test.state == "running")._say_undecided()

    def _say_undecided(self):
        """Tell why there is no winner yet; a click without an answer looks broken."""
        if not self:
            return True
        variants = self.variant_ids
        few = variants.filtered(lambda one: one.sent_count < one.test_id.fewest)
        message = (
            self.env._("Not yet: each mailing needs the fewest recipients first.")
            if few
            else self.env._(
                "Not yet: none is proven better so far. It is asked again every hour."
            )
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message},
        }

    def _decide(self):
        variants = self.variant_ids
        results = [(variant.success_count, variant.sent_count) for variant in variants]
        if min(number for _successes, number in results) >= self.fewest:
            winner = find_winner(results, self.error_rate / 100)
            if winner is not None:
                self._finish(variants[winner])
                return
        if self.date_end and self.date_end <= fields.Datetime.now():
            self._give_up()

    def _finish(self, winner):
        """Send the winner to who got none of the mailings."""
        final = winner.mailing_id.copy(
            {
                "name": winner.mailing_id.name,
                "campaign_id": self.campaign_id.id,
                "segment_ids": [Command.set(winner.mailing_id.segment_ids.ids)],
            }
        )
        self.write(
            {
                "state": "decided",
                "winner_id": winner.id,
                "final_mailing_id": final.id,
            }
        )
        if self.share < 100:
            final.action_put_in_queue()

    def _give_up(self):
        self.state = "undecided"
        user = self.campaign_id.user_id or self.env.ref("base.user_admin")
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=self.env._("Choose the mailing for the rest"),
            note=self.env._("None was proven better than the others in time."),
        )

    @api.model
    def _cron_decide(self):
        tests = self.search([("state", "=", "running")])
        self.env["ir.cron"]._commit_progress(remaining=len(tests))
        for test in tests:
            if test.campaign_id.state != "paused":
                test._decide()
            self.env["ir.cron"]._commit_progress(1)

    # ------------------------------------------------------------
    # Who gets which
    # ------------------------------------------------------------

    def _get_part_domain(self, mailing):
        """Return a domain on ``res.partner``: those chance gives this mailing."""
        self.ensure_one()
        parts = self.share / 100 * HASH_RANGE
        if mailing == self.final_mailing_id:
            low, high = parts, HASH_RANGE
        else:
            variants = self.variant_ids
            index = variants.mailing_id.ids.index(mailing.id)
            low, high = (parts * step / len(variants) for step in (index, index + 1))
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "('x' || substr(md5(%s || ':' || %s), 1, 8))::bit(32)::bigint"
                " BETWEEN %s AND %s",
                f"test {self.id}",
                SQL.identifier(alias, "id"),
                round(low),
                round(high) - 1,
            )
        )
