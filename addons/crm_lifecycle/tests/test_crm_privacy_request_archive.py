import io
import json
import zipfile
from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import mute_logger

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmPrivacyRequestArchive(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["res.partner"].create(
            {"name": "Grace Hopper", "email": "grace@navy.example", "phone": "555-1234"}
        )
        cls.order = cls._create_order(cls.person, amount=250)
        cls.invoice = cls._invoice(cls.order, paid=True)
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Compiler", "email_from": "Grace <grace@navy.example>"}
        )
        cls.env["crm.consent"]._record(
            cls.person, "newsletter", "email", True, "Form", "News", confirmed=True
        )
        cls.person.message_post(
            body="Wants the nanosecond wire", message_type="comment"
        )
        cls.other_order = cls._create_order(cls.customer, amount=999)
        cls._run_pipeline()
        cls.request = cls.env["crm.privacy.request"].create(
            {"kind": "access", "partner_id": cls.person.id}
        )

    def _read_archive(self):
        content = io.BytesIO(self.request.archive_id.raw)
        with zipfile.ZipFile(content) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def _get_records(self, data, model):
        found = [s for s in data["sections"] if s["model"] == model]
        self.assertTrue(found, model)
        return [record for section in found for record in section["records"]]

    def test_the_archive_holds_all_that_is_held(self):
        self.request.with_user(self.manager).action_answer()
        self.assertEqual(self.request.state, "done")
        files = self._read_archive()
        data = json.loads(files["data.json"])
        [contact] = self._get_records(data, "res.partner")
        self.assertEqual(contact["email"], "grace@navy.example")
        self.assertEqual(contact["phone"], "555-1234")
        [order] = self._get_records(data, "sale.order")
        self.assertEqual(order["name"], self.order.name)
        invoices = self._get_records(data, "account.move")
        [invoice] = [record for record in invoices if "payment_state" in record]
        self.assertEqual(invoice["amount_total"], 250)
        self.assertTrue(self._get_records(data, "account.payment"))
        [lead] = self._get_records(data, "crm.lead")
        self.assertEqual(lead["name"], "Compiler", "found by its address alone")
        [consent] = self._get_records(data, "crm.consent")
        self.assertTrue(consent["granted"])
        [proof] = self._get_records(data, "crm.consent.log")
        self.assertEqual(proof["wording"], "News")
        [profile] = self._get_records(data, "crm.customer.profile")
        self.assertEqual(profile["order_count"], 1)
        self.assertTrue(self._get_records(data, "crm.customer.event"))
        messages = self._get_records(data, "mail.message")
        self.assertIn("Wants the nanosecond wire", [m.get("body") for m in messages])
        [section] = [
            s for s in data["sections"] if s["model"] == "crm.customer.profile"
        ]
        self.assertIn("order_count", section["explanations"])

    def test_other_people_s_data_is_not_in_it(self):
        self.request.with_user(self.manager).action_answer()
        content = self._read_archive()["data.json"].decode()
        self.assertNotIn(self.other_order.name, content)
        self.assertNotIn(self.customer.email, content)

    def test_people_can_read_it(self):
        self.request.with_user(self.manager).action_answer()
        names = set(self._read_archive())
        self.assertEqual(len(names & {"data.pdf", "data.html"}), 1)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "crm_lifecycle.crm_privacy_request_report", self.request.ids
        )
        text = html.decode()
        for told in ("Grace Hopper", self.order.name, "Wants the nanosecond wire"):
            self.assertIn(told, text)

    def test_the_archive_is_deleted_after_two_months(self):
        self.request.with_user(self.manager).action_answer()
        self.request._gc_archives()
        self.assertTrue(self.request.archive_id)
        self.request.date_done -= timedelta(days=61)
        self.request._gc_archives()
        self.assertFalse(self.request.archive_id)

    def test_only_managers_read_the_archive(self):
        self.request.with_user(self.manager).action_answer()
        archive = self.request.archive_id
        self.assertTrue(archive.with_user(self.manager).has_access("read"))
        for user in (self.user, self.salesman, self.env.ref("base.public_user")):
            self.assertFalse(archive.with_user(user).has_access("read"))

    def test_the_number_of_queries_does_not_grow_with_the_records(self):
        def count():
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.request._get_export()
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for _number in range(6):
            self._create_order(self.person)
        count()
        self.assertLessEqual(count(), few + 5)

    def test_proof_of_consent(self):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "crm_lifecycle.crm_consent_proof_report", self.person.ids
        )
        text = html.decode()
        log = self.person.crm_consent_log_ids
        for told in (
            "Grace Hopper",
            "grace@navy.example",
            "News",
            "Form",
            log.date.strftime("%Y-%m-%d %H:%M:%S"),
            log.purpose_id.name,
            log.user_id.name,
        ):
            self.assertIn(told, text)
        action = self.person.crm_consent_ids.action_print_proof()
        self.assertEqual(
            action["report_name"], "crm_lifecycle.crm_consent_proof_document"
        )

    # Debian's build warns of what it can't do.
    @mute_logger("odoo.addons.base.models.ir_actions_report")
    def test_proof_of_consent_as_pdf(self):
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() != "ok":
            self.skipTest("wkhtmltopdf is not installed")
        content, kind = reports.with_context(
            force_report_rendering=True
        )._render_qweb_pdf("crm_lifecycle.crm_consent_proof_report", self.person.ids)
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))
