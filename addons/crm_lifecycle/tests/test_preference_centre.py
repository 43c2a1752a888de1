import re
from datetime import timedelta
from urllib.parse import urlsplit

from freezegun import freeze_time
from lxml import html

from odoo import Command, fields
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestPreferenceCentre(HttpCase, LifecycleCase):
    """The page on which a customer decides, by link and on the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.lang = "en_US"
        cls.newsletter = cls.env.ref("crm_lifecycle.crm_consent_purpose_newsletter")
        cls.marketing = cls.env.ref("crm_lifecycle.crm_consent_purpose_marketing")
        cls.page = urlsplit(cls.customer._get_preference_url()).path

    def _get_consent(self, purpose, channel="email"):
        return self.env["crm.consent"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("purpose_id", "=", purpose.id),
                ("channel", "=", channel),
            ]
        )

    def _submit(self, page=None, **answers):
        """Send the form as a browser does: all it holds, with ``answers`` changed.

        An answer of None is a tick that is taken away.
        """
        page = page or self.page
        found = html.fromstring(self.url_open(page).text).xpath(
            "//form[@action=$page]", page=page
        )
        filled = {**dict(found[0].form_values()), **answers}
        data = {name: value for name, value in filled.items() if value is not None}
        return self.url_open(page, data=data)

    def test_newsletter_monthly_by_email_and_a_pause_in_august(self):
        answer = self._submit(
            **{
                f"choice_{self.newsletter.id}_email": "1",
                f"frequency_{self.newsletter.id}": "month",
                "pause_start": "2027-08-01",
                "pause_end": "2027-08-31",
            }
        )
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._get_consent(self.newsletter).state, "granted")
        wishes = self.env["crm.consent.preference"].search(
            [("partner_id", "=", self.customer.id)]
        )
        by_purpose = {wish.purpose_id: wish for wish in wishes}
        self.assertEqual(by_purpose[self.newsletter].frequency, "month")
        general = by_purpose[self.env["crm.consent.purpose"]]
        self.assertEqual(str(general.pause_end), "2027-08-31")
        log = self.env["crm.consent.log"].search(
            [("partner_id", "=", self.customer.id), ("kind", "=", "decision")]
        )
        given = log.filtered("granted")
        self.assertEqual(given.source, "Preference page, by link")
        self.assertIn("News about us", given.wording)
        with freeze_time("2027-08-10 12:00:00"):
            self.env.cr._now = fields.Datetime.now()
            self.addCleanup(setattr, self.env.cr, "_now", None)
            answer = self.env["crm.contact.policy"]._ask(self.customer, "newsletter")
            self.assertEqual(answer.held, {self.customer.id: "paused"})
            self.assertTrue(
                self.env["crm.contact.policy"]._ask(self.customer, "service").allowed
            )

    def test_saving_the_page_as_it_is_decides_nothing(self):
        answer = self._submit()
        self.assertIn("your preferences are saved", answer.text)
        self.assertFalse(
            self.env["crm.consent"].search([("partner_id", "=", self.customer.id)])
        )

    def test_a_mistake_keeps_what_was_filled_in(self):
        newsletter = f"choice_{self.newsletter.id}_email"
        answer = self._submit(
            **{
                newsletter: "1",
                f"frequency_{self.newsletter.id}": "week",
                "pause_start": "2027-08-31",
                "pause_end": "2027-08-01",
                "quiet_from": "22",
            }
        )
        self.assertIn("The pause ends before it starts", answer.text)
        self.assertFalse(self._get_consent(self.newsletter))
        form = html.fromstring(answer.text).xpath(
            "//form[@action=$page]", page=self.page
        )
        filled = dict(form[0].form_values())
        self.assertEqual(filled[newsletter], "1")
        self.assertEqual(filled[f"frequency_{self.newsletter.id}"], "week")
        self.assertEqual(filled["pause_end"], "2027-08-01")
        self.assertEqual(filled["quiet_from"], "22")

    def test_a_tick_taken_away_is_a_no(self):
        survey = self.env.ref("crm_lifecycle.crm_consent_purpose_survey")
        self._submit(**{f"choice_{survey.id}_email": None})
        self.assertEqual(self._get_consent(survey).state, "refused")

    def test_reading_the_page_changes_nothing(self):
        self.env["crm.consent"]._record(
            self.customer, "newsletter", "email", True, "Form", "News"
        )
        logs = self.env["crm.consent.log"].search_count([])
        self.assertEqual(self.url_open(self.page).status_code, 200)
        self.assertEqual(self.env["crm.consent.log"].search_count([]), logs)

    def test_forged_old_and_moved_links_are_refused(self):
        self.assertEqual(self.url_open(self.page).status_code, 200)
        forged = self.page[:-6] + "AAAAAA"
        self.assertEqual(self.url_open(forged).status_code, 403)
        with freeze_time(fields.Datetime.now() - timedelta(days=400)):
            old = urlsplit(self.customer._get_preference_url()).path
        self.assertEqual(self.url_open(old).status_code, 403)
        self.customer.email = "new.owner@example.com"
        self.assertEqual(self.url_open(self.page).status_code, 403)

    def test_the_link_of_the_counter_is_kept_as_the_source(self):
        page = urlsplit(self.customer._get_preference_url("counter")).path
        self._submit(page, **{f"choice_{self.newsletter.id}_email": "1"})
        self.assertEqual(
            self._get_consent(self.newsletter).source, "Preference page, at the counter"
        )

    def test_double_opt_in_waits_for_the_second_yes(self):
        self.customer.country_id = self.env.ref("base.de")
        self._submit(**{f"choice_{self.newsletter.id}_email": "1"})
        consent = self._get_consent(self.newsletter)
        self.assertEqual(consent.state, "pending")
        asked = self.env["crm.contact.policy"]._ask(self.customer, "newsletter")
        self.assertEqual(asked.held, {self.customer.id: "pending"})
        confirm = urlsplit(consent._get_confirm_url()).path
        self.url_open(confirm)
        self.assertEqual(consent.state, "pending", "a visit confirms nothing")
        self._submit(confirm)
        consent.invalidate_recordset()
        self.assertEqual(consent.state, "granted")
        self.assertEqual(self.url_open(confirm).status_code, 403, "used up")

    def test_the_language_of_the_customer(self):
        french = self.env["res.lang"]._activate_lang("fr_FR")
        if "website" in self.env:
            # A website speaks the languages that it offers.
            self.env["website"].search([]).language_ids += french
        self.customer.lang = "fr_FR"
        found = re.search(
            r'js_change_lang active[^>]* href="/fr/', self.url_open(self.page).text
        )
        self.assertTrue(found, "the page is not in French")

    def test_portal_customers_decide_for_themselves_only(self):
        new_test_user(
            self.env, "ada", groups="base.group_portal", partner_id=self.customer.id
        )
        other = self._create_customer("Bob Ltd")
        self.authenticate("ada", "ada")
        answer = self.url_open(
            "/my/preferences",
            data={
                "csrf_token": Request.csrf_token(self),
                f"choice_{self.newsletter.id}_email": "1",
                "partner_id": other.id,
            },
        )
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(self._get_consent(self.newsletter).granted)
        self.assertFalse(
            self.env["crm.consent"].search([("partner_id", "=", other.id)])
        )

    def test_the_public_has_no_page_of_its_own(self):
        self.assertEqual(self.url_open("/preferences").status_code, 403)
        answer = self.url_open("/my/preferences", allow_redirects=False)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_one_click_ends_what_the_mailing_was_for(self):
        self.env["crm.consent"]._record(
            self.customer, "marketing", "email", True, "Form", "Offers"
        )
        self.env["crm.consent"]._record(
            self.customer, "newsletter", "email", True, "Form", "News"
        )
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Offer",
                "body_html": "<p>Offer</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": f"[('id', '=', {self.customer.id})]",
            }
        )
        email = self.customer.email
        token = mailing._generate_mailing_recipient_token(self.customer.id, email)
        url = (
            f"/mailing/{mailing.id}/unsubscribe_oneclick?document_id="
            f"{self.customer.id}&email={email}&hash_token="
        )
        post = {"List-Unsubscribe": "One-Click"}
        self.assertGreaterEqual(
            self.url_open(f"{url}forged", data=post).status_code, 400
        )
        self.assertTrue(self._get_consent(self.marketing).granted)
        self.assertEqual(self.url_open(f"{url}{token}", data=post).status_code, 200)
        self.assertFalse(self._get_consent(self.marketing).granted)
        self.assertTrue(self._get_consent(self.newsletter).granted)
        log = self.env["crm.consent.log"].search(
            [("partner_id", "=", self.customer.id)], limit=1, order="id desc"
        )
        self.assertRecordValues(
            log, [{"granted": False, "res_model": "mailing.mailing"}]
        )

    def test_every_mailing_carries_the_link_and_the_headers(self):
        self.env["crm.consent"]._record(
            self.customer, "marketing", "email", True, "Form", "Offers"
        )
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Offer",
                "body_html": "<p>Offer</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": f"[('id', '=', {self.customer.id})]",
                "segment_ids": [Command.clear()],
            }
        )
        mailing.action_put_in_queue()
        mailing.action_send_mail()
        mail = self.env["mail.mail"].search([("mailing_id", "=", mailing.id)])
        [values] = mail._prepare_outgoing_list()
        self.assertIn(f"{mailing.get_base_url()}/preferences/", values["body"])
        self.assertEqual(
            values["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click"
        )
