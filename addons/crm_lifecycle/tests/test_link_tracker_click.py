from datetime import timedelta

from odoo.tests import tagged

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestLinkTrackerClick(CampaignCase):
    """What the recipient of a mailing clicked, and what a mail scanner opened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.click = cls.env["link.tracker.click"]
        cls.mailing = cls._create_mailing()
        cls.mailing.action_send_mail()
        cls.trace = cls.mailing.mailing_trace_ids[0]
        cls.links = cls.env["link.tracker"].create(
            [
                {
                    "url": f"https://example.com/{number}",
                    "title": f"Link {number}",
                    "mass_mailing_id": cls.mailing.id,
                    "campaign_id": cls.campaign.id,
                }
                for number in range(3)
            ]
        )

    def _click(self, link, seconds_ago, trace=None):
        trace = trace or self.trace
        click = self.click.add_click(link.code, mailing_trace_id=trace.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE link_tracker_click SET create_date = create_date - %s"
            " WHERE id = %s",
            [timedelta(seconds=seconds_ago), click.id],
        )
        return click

    def _judge(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_lifecycle.ir_cron_judge_clicks").method_direct_trigger()
        self.env.invalidate_all()

    def _count_events(self):
        return self.event.search_count([("type_id.code", "=", "mailing_clicked")])

    def test_a_scanner_that_opens_all_links_adds_no_click(self):
        before = self._count_events()
        clicks = [
            self._click(link, 60 - 2 * place) for place, link in enumerate(self.links)
        ]
        self._judge()
        self.assertEqual({click.crm_clicked_by for click in clicks}, {"scanner"})
        self.assertEqual(self._count_events(), before)
        self.assertFalse(self.trace.crm_click_date)
        self.assertEqual(self.campaign.clicked_count, 0)

    def test_the_recipient_s_click_after_the_scanner_counts_once(self):
        for link in self.links:
            self._click(link, 600)
        first = self._click(self.links[0], 300)
        self._click(self.links[1], 200)
        before = self._count_events()
        self._judge()
        self._judge()
        self.assertEqual(self._count_events(), before + 1)
        self.assertEqual(first.crm_clicked_by, "recipient")
        self.assertEqual(self.trace.crm_click_date, first.create_date)
        self.assertEqual(self.campaign.clicked_count, 1)

    def test_a_double_click_is_the_recipient_s(self):
        clicks = [self._click(self.links[0], seconds) for seconds in (61, 60)]
        self._judge()
        self.assertEqual({click.crm_clicked_by for click in clicks}, {"recipient"})

    def test_clicks_of_two_recipients_are_not_mixed_up(self):
        other = self.mailing.mailing_trace_ids[1]
        clicks = [self._click(self.links[0], 60), self._click(self.links[1], 60, other)]
        self._judge()
        self.assertEqual({click.crm_clicked_by for click in clicks}, {"recipient"})

    def test_a_click_waits_for_those_that_may_follow(self):
        click = self._click(self.links[0], 3)
        before = self._count_events()
        self._judge()
        self.assertFalse(click.crm_clicked_by)
        self.assertEqual(self._count_events(), before)

    def test_clicks_outside_of_mailings_are_not_judged(self):
        click = self.click.add_click(self.links[0].code, ip="127.0.0.1")
        self._judge()
        self.assertFalse(click.crm_clicked_by)
