from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmCampaignTestVariant(models.Model):
    """A mailing on trial: another subject, content, sender, offer or time."""

    _name = "crm.campaign.test.variant"
    _description = "Campaign A/B Test Mailing"
    _order = "test_id, sequence, id"
    _rec_name = "mailing_id"

    test_id = fields.Many2one(
        "crm.campaign.test", required=True, ondelete="cascade", index=True
    )
    campaign_id = fields.Many2one(related="test_id.campaign_id")
    company_id = fields.Many2one(related="test_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    mailing_id = fields.Many2one(
        "mailing.mailing",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('campaign_id', '=', campaign_id), ('mailing_type', '=', 'mail')]",
    )
    sent_count = fields.Integer(
        "Recipients", compute="_compute_results", compute_sudo=True
    )
    success_count = fields.Integer(
        "Successes", compute="_compute_results", compute_sudo=True
    )
    rate = fields.Float("Rate (%)", compute="_compute_results", compute_sudo=True)
    is_winner = fields.Boolean(compute="_compute_is_winner")

    _mailing_uniq = models.Constraint(
        "UNIQUE(mailing_id)", "A mailing is in one test only."
    )

    @api.depends("test_id.winner_id")
    def _compute_is_winner(self):
        for variant in self:
            variant.is_winner = variant == variant.test_id.winner_id

    def _compute_results(self):
        results = self._read_results() if self.ids else {}
        for variant in self:
            sent, successes = results.get(variant.id, (0, 0))
            variant.sent_count = sent
            variant.success_count = successes
            variant.rate = 100 * successes / sent if sent else 0

    def _read_results(self):
        """Return recipients and those of them with the success that decides.

        :rtype: dict[int, tuple[int, int]]
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT variant.id, count(DISTINCT recipient.customer_id),
                       count(DISTINCT recipient.customer_id) FILTER (
                           WHERE CASE test.metric
                             WHEN 'click' THEN recipient.has_clicked
                             WHEN 'response' THEN recipient.has_replied OR EXISTS (
                                 SELECT FROM crm_lead lead
                                   JOIN res_partner contact
                                     ON contact.id = lead.partner_id
                                  WHERE lead.campaign_id = test.campaign_id
                                    AND contact.commercial_partner_id
                                        = recipient.customer_id
                                    AND lead.create_date >= recipient.sent)
                             ELSE EXISTS (
                                 SELECT FROM sale_order so
                                   JOIN res_partner contact
                                     ON contact.id = so.partner_id
                                  WHERE so.state = 'sale'
                                    AND contact.commercial_partner_id
                                        = recipient.customer_id
                                    AND so.date_order >= recipient.sent)
                           END)
                  FROM crm_campaign_test_variant variant
                  JOIN crm_campaign_test test ON test.id = variant.test_id
                  JOIN LATERAL (
                        SELECT COALESCE(contact.commercial_partner_id, -trace.id)
                                   AS customer_id,
                               trace.crm_click_date IS NOT NULL AS has_clicked,
                               trace.trace_status = 'reply' AS has_replied,
                               trace.sent_datetime AS sent
                          FROM mailing_trace trace
                     LEFT JOIN res_partner contact ON contact.id = trace.partner_id
                         WHERE trace.mass_mailing_id = variant.mailing_id
                           AND trace.sent_datetime IS NOT NULL
                           AND trace.trace_status != 'bounce'
                           AND trace.is_test_trace IS NOT TRUE
                       ) recipient ON TRUE
                 WHERE variant.id IN %s
                 GROUP BY variant.id
                """,
                tuple(self.ids),
            )
        )
        return {variant_id: (sent, good) for variant_id, sent, good in rows}

    def action_choose(self):
        """Send this one to the rest, without a proof."""
        self.ensure_one()
        if self.test_id.state not in ("running", "undecided"):
            raise UserError(self.env._("Start the test first."))
        self.test_id.activity_ids.action_feedback()
        self.test_id._finish(self)

    def _get_test(self, mailing):
        """Return the test in which ``mailing`` is, as a trial or for the rest."""
        variant = self.sudo().search([("mailing_id", "=", mailing.id)], limit=1)
        if variant:
            return variant.test_id
        tests = self.env["crm.campaign.test"].sudo()
        return tests.search([("final_mailing_id", "=", mailing.id)], limit=1)
