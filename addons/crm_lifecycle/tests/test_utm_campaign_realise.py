import base64
import csv
import io

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestUtmCampaignRealise(CampaignCase):
    """Calls, letters and links: to whom they may go, and what they leave behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.contact.policy"].search([]).active = False
        cls.callers = cls.env["res.users"].concat(
            *(
                new_test_user(
                    cls.env, f"caller_{name}", "sales_team.group_sale_salesman"
                )
                for name in ("ann", "bob")
            )
        )
        for number, member in enumerate(cls.members):
            member.write(
                {
                    "phone": f"+32 470 12 34 {number:02}",
                    "street": f"Street {number}",
                    "zip": f"{9000 - number}",
                    "city": "Ghent",
                }
            )
        for channel in ("phone", "post"):
            cls.env["crm.consent"]._record(
                cls.members, "marketing", channel, True, "Counter", "Offers"
            )
        cls.campaign.control_share = 20
        cls.control = cls.env["res.partner"].search(
            cls.campaign._get_control_domain() & cls.campaign._get_audience_domain()
        )

    def _refuse(self, partners, channel):
        self.env["crm.consent"]._record(
            partners, "marketing", channel, False, "Counter", "No"
        )

    # ------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------

    def _call(self, **values):
        wizard = self.env["crm.campaign.call.list"].create(
            {
                "campaign_id": self.campaign.id,
                "user_ids": [Command.set(self.callers.ids)],
                "summary": "Ask about the lamps",
                **values,
            }
        )
        wizard.action_create()
        return wizard

    def test_calls_are_dealt_out_once(self):
        treated = self.members - self.control
        silent, refusing, own = treated[0], treated[1], treated[2]
        silent.phone = False
        self._refuse(refusing, "phone")
        own.user_id = self.callers[1]
        self._call()
        calls = self.campaign.call_ids
        self.assertEqual(calls.partner_id, treated - silent - refusing)
        self.assertEqual(
            own.activity_ids.user_id, self.callers[1], "the salesperson calls his own"
        )
        counts = [
            len(calls.filtered(lambda call, user=user: call.user_id == user))
            for user in self.callers
        ]
        self.assertLessEqual(abs(counts[0] - counts[1]), 2)
        self.assertEqual(
            calls[0].partner_id.activity_ids.summary, "Ask about the lamps"
        )
        with self.assertRaisesRegex(UserError, "Nobody of the audience is left"):
            self._call()

    def test_calls_done_are_counted(self):
        self._call(limit=3)
        self.assertEqual(self.campaign.call_count, 3)
        self.campaign.call_ids[0].activity_id.action_feedback("Bought")
        self.campaign.invalidate_recordset()
        self.assertEqual(self.campaign.open_call_count, 2)
        self._call(limit=3)
        self.assertEqual(self.campaign.call_count, 6)

    # ------------------------------------------------------------
    # Letters
    # ------------------------------------------------------------

    def _write_letter(self, user=None):
        letters = self.env["crm.campaign.letter"].with_user(user or self.env.user)
        return letters.create(
            {
                "campaign_id": self.campaign.id,
                "subject": "Our lamps",
                "body": '<p>Dear <t t-out="object.name"/>!</p>',
            }
        )

    def test_addresses_for_a_printer(self):
        treated = self.members - self.control
        self._refuse(treated[0], "post")
        treated[1].street = False
        treated[2].name = "=cmd|' /C calc'!A0"
        letter = self._write_letter()
        letter.action_export()
        text = base64.b64decode(letter.file).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))[1:]
        self.assertEqual(len(rows), len(treated) - 2)
        self.assertEqual(letter.recipient_count, len(rows))
        names = [row[1] for row in rows]
        self.assertNotIn(treated[0].name, names)
        self.assertFalse([name for name in names if name.startswith("=")])
        codes = [row[4] for row in rows]
        self.assertEqual(codes, sorted(codes), "by post code, as the post wants it")

    def test_letters_are_printed_with_address_and_name(self):
        letter = self._write_letter()
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "crm_lifecycle.crm_campaign_letter_document", letter.ids
            )[0]
            .decode()
        )
        treated = self.members - self.control
        for partner in treated:
            self.assertIn(f"Dear {partner.name}!", html)
            self.assertIn(partner.street, html)
        for partner in self.control:
            self.assertNotIn(f"Dear {partner.name}!", html)

    def test_who_may_not_export_gets_no_addresses(self):
        with self.assertRaises(AccessError):
            self._write_letter(self.user).action_export()

    # ------------------------------------------------------------
    # Links
    # ------------------------------------------------------------

    def test_share_links_lead_to_the_campaign(self):
        share = self.env["crm.campaign.share"].create(
            {"campaign_id": self.campaign.id, "url": "https://shop.example.com/lamps"}
        )
        share.action_make()
        links = share.network_ids.link_id
        self.assertEqual(len(links), 5)
        self.assertEqual(links.campaign_id, self.campaign)
        self.assertEqual(len(links.source_id), 5)
        linkedin = share.network_ids.filtered(lambda each: each.network == "linkedin")
        self.assertIn(
            linkedin.link_id.code, linkedin.action_post()["url"], "the short link"
        )
        share.action_make()
        self.assertEqual(share.network_ids.link_id, links, "made once")
        self.assertEqual(self.campaign.link_ids, links)

    def test_share_link_needs_an_address(self):
        share = self.env["crm.campaign.share"].create(
            {"campaign_id": self.campaign.id, "url": "lamps"}
        )
        with self.assertRaisesRegex(UserError, "https://"):
            share.action_make()

    # ------------------------------------------------------------
    # Journeys by hand
    # ------------------------------------------------------------

    def test_customers_of_a_list_are_added_to_a_journey(self):
        self._create_order(self.members[0])
        self._create_order(self.members[1])
        self._run_pipeline()
        journey = self.env["crm.journey"].create(
            {"name": "By hand", "trigger": "manual"}
        )
        version = self.env["crm.journey.version"].create({"journey_id": journey.id})
        version.start_step_id = self.env["crm.journey.step"].create(
            {"version_id": version.id, "name": "Wait", "kind": "wait"}
        )
        journey.action_start()
        chosen = self.members[:2]
        for _time, entered in ((1, 2), (2, 0)):
            wizard = (
                self.env["crm.journey.enrol"]
                .with_context(active_model="res.partner", active_ids=chosen.ids)
                .create({"journey_id": journey.id})
            )
            message = wizard.action_enrol()["params"]["message"]
            self.assertIn(f"{entered} of 2 customers", message)
        self.assertEqual(journey.participant_ids.partner_id, chosen)

    # ------------------------------------------------------------
    # Report
    # ------------------------------------------------------------

    def test_printed_results(self):
        self.campaign.action_start()
        self._create_order(self.members[0], campaign_id=self.campaign.id)
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "crm_lifecycle.utm_campaign_document", self.campaign.ids
            )[0]
            .decode()
        )
        for text in ("Spring", "Way of the customers", "Orders Paid", "unsubscribed"):
            self.assertIn(text, html)
