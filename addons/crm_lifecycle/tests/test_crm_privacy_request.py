from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .lifecycle_case import LifecycleCase

OUR_ADDONS = ("crm_lifecycle", "crm_loyalty", "crm_feedback", "crm_analytics")


@tagged("post_install", "-at_install")
class TestCrmPrivacyRequest(LifecycleCase):
    def _ask(self, kind, partner=None, **values):
        return self.env["crm.privacy.request"].create(
            {"kind": kind, "partner_id": (partner or self.customer).id, **values}
        )

    def test_one_month_to_answer(self):
        request = self._ask("access", date_received="2026-01-31")
        self.assertEqual(request.date_deadline, fields.Date.to_date("2026-02-28"))
        self.assertEqual(request.activity_ids.date_deadline, request.date_deadline)
        self.assertTrue(request.is_late)
        late = request.search([("is_late", "=", True), ("id", "=", request.id)])
        self.assertEqual(late, request)
        self.assertTrue(request.name.startswith("DSR/"))

    def test_a_refusal_needs_a_reason_and_stays(self):
        request = self._ask("access")
        with self.assertRaisesRegex(UserError, "why"):
            request.action_refuse()
        request.refusal_reason = "Asked for the third time this month."
        request.action_refuse()
        self.assertEqual(request.state, "refused")
        with self.assertRaises(UserError):
            request.action_answer()
        with self.assertRaises(UserError):
            request.unlink()

    def test_an_objection_is_recorded_with_its_proof(self):
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.customer.id, "type": "opportunity"}
        )
        self.assertTrue(lead.lead_grade)
        request = self._ask("objection")
        request.with_user(self.manager).action_answer()
        self.assertEqual(request.state, "done")
        self.assertFalse(lead.lead_grade)
        log = self.customer.crm_consent_log_ids[0]
        self.assertEqual((log.res_model, log.res_id), (request._name, request.id))

    def test_a_restriction_stops_messages_and_profiling(self):
        self._ask("restriction").with_user(self.manager).action_answer()
        consents = self.env["crm.consent"]
        for code, channel in (("marketing", "email"), ("survey", "email")):
            allowed = consents._filter_allowed(self.customer, code, channel)
            self.assertFalse(allowed, code)
        self.assertFalse(self.profile._filter_profiled(self.customer))
        self.assertTrue(consents._filter_allowed(self.customer, "service"))

    def test_only_managers_of_the_company_see_requests(self):
        request = self._ask("access")
        suppression = self.env["crm.privacy.suppression"].create(
            {
                "digest": "x",
                "channel": "email",
                "date": "2026-01-01",
                "request_id": request.id,
            }
        )
        portal = new_test_user(self.env, "p1", groups="base.group_portal")
        employee = new_test_user(self.env, "e1", groups="base.group_user")
        public = self.env.ref("base.public_user")
        for user in (self.user, self.salesman, employee, portal, public):
            with self.subTest(user.login):
                for record in (request, suppression):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["create_date"])
                with self.assertRaises(AccessError):
                    request.with_user(user).action_answer()
                wizard = self.env["crm.privacy.request.erase"].with_user(user)
                self.assertFalse(wizard.has_access("create"))
        request.with_user(self.manager).read(["name", "preview"])
        self.assertFalse(suppression.with_user(self.manager).has_access("write"))
        other = self.env["res.company"].create({"name": "Other"})
        self.manager.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        for record in (request, suppression):
            with self.assertRaises(AccessError):
                record.with_user(self.manager).read(["create_date"])

    def test_no_model_of_ours_with_people_is_forgotten(self):
        requests = self.env["crm.privacy.request"]
        known = {section.model for section in requests._get_sections()}
        known |= set(requests._get_exempt_models())
        forgotten = [
            name
            for name, model in self.env.items()
            if model._original_module
            and model._original_module.startswith(OUR_ADDONS)
            and not model._transient
            and not model._abstract
            and requests._get_partner_field_names(model)
            and name not in known
        ]
        self.assertFalse(
            forgotten,
            "add a section in _get_sections or a reason in _get_exempt_models",
        )

    def test_sections_name_fields_that_exist(self):
        for section in self.env["crm.privacy.request"]._get_all_sections():
            model = self.env[section.model]
            names = {*section.fields, *section.cleared}
            names |= {p.split(".")[0] for p in section.partner_fields}
            names |= {p.split(".")[0] for p in section.email_fields}
            with self.subTest(section.model):
                self.assertFalse(names - model._fields.keys())
                self.assertIn(section.erasure, ("delete", "purge", "clear", "keep"))
                self.assertTrue(
                    section.reason or section.erasure in ("delete", "purge")
                )
