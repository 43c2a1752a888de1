import base64

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .lifecycle_case import LifecycleCase

EMAIL = "grace@navy.example"
LEGAL_TABLES = {
    "account_move",
    "account_move_line",
    "account_payment",
    "account_bank_statement_line",
    "payment_transaction",
    "sale_order",
    "sale_order_line",
}


@tagged("post_install", "-at_install")
class TestCrmPrivacyRequestErasure(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["res.partner"].create(
            {
                "name": "Grace Hopper",
                "email": f"Grace <{EMAIL.upper()}>",
                "phone": "+32 470 12 34 56",
                "street": "Navy Yard 1",
                "comment": f"<p>Write to {EMAIL}</p>",
            }
        )
        cls.neighbour = cls.env["res.partner"].create(
            {"name": "Joan", "email": f"no{EMAIL}"}
        )
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Compiler for Grace Hopper",
                "partner_id": cls.person.id,
                "email_from": EMAIL,
                "expected_revenue": 77,
            }
        )
        cls.env["mailing.contact"].create({"name": "Grace", "email": EMAIL})
        cls.env["crm.consent"]._record(
            cls.person, "newsletter", "email", True, EMAIL, "News", confirmed=True
        )
        cls.person.message_post(body=f"Called {EMAIL}", message_type="comment")
        cls.lead.message_post(
            body=f"From {EMAIL}",
            author_id=cls.person.id,
            email_from=EMAIL,
            message_type="comment",
        )
        cls.env["ir.attachment"].create(
            {
                "name": f"letter of {EMAIL}.txt",
                "datas": base64.b64encode(EMAIL.encode()),
                "res_model": "res.partner",
                "res_id": cls.person.id,
            }
        )
        # Somewhere nobody would look.
        cls.env["ir.config_parameter"].set_param("test.note", f"ask mailto:{EMAIL}?x=1")
        cls.customer.comment = f"<a href='/x?e={EMAIL.replace('@', '%40')}'>her</a>"
        cls._run_pipeline()

    def _ask(self, partner=None):
        return self.env["crm.privacy.request"].create(
            {"kind": "erasure", "partner_id": (partner or self.person).id}
        )

    def _erase(self, request):
        wizard = self.env["crm.privacy.request.erase"].with_user(self.manager)
        wizard.create({"request_id": request.id, "is_confirmed": True}).action_erase()

    def _find_everywhere(self, text):
        """Search all text columns of all tables; return the tables that have it."""
        self.env.flush_all()
        # What the end of the transaction writes, such as tracked changes.
        self.env.cr.precommit.run()
        columns = self.env.execute_query(
            SQL(
                """
                SELECT table_name, column_name FROM information_schema.columns
                  JOIN information_schema.tables USING (table_schema, table_name)
                 WHERE table_schema = current_schema AND table_type = 'BASE TABLE'
                   AND data_type IN ('text', 'character varying', 'json', 'jsonb')
                """
            )
        )
        by_table = {}
        for table, column in columns:
            by_table.setdefault(table, []).append(column)
        self.assertGreater(len(by_table), 200)
        found = set()
        for table, names in by_table.items():
            condition = SQL(" OR ").join(
                SQL(
                    "replace(lower(%s::text), '%%40', '@') ~ %s",
                    SQL.identifier(name),
                    rf"(^|[^a-z])({text.replace('.', '[.]')})",
                )
                for name in names
            )
            if self.env.execute_query(
                SQL("SELECT FROM %s WHERE %s LIMIT 1", SQL.identifier(table), condition)
            ):
                found.add(table)
        return found

    def test_without_documents_nothing_is_found_anywhere(self):
        before = self._find_everywhere(EMAIL)
        expected = {"res_partner", "crm_lead", "mail_message", "crm_consent_log"}
        self.assertLessEqual(expected, before)
        self._erase(self._ask())
        self.assertFalse(self._find_everywhere(EMAIL))
        self.assertFalse(self._find_everywhere("grace hopper"))
        self.assertFalse(self._find_everywhere("navy yard"))
        self.assertFalse(self.person.active)
        self.assertNotIn("Grace", self.person.name)
        self.assertEqual(self.neighbour.email, f"no{EMAIL}", "only whole addresses")

    def test_figures_count_on_without_the_person(self):
        self._erase(self._ask())
        self.assertEqual(self.lead.expected_revenue, 77)
        self.assertFalse(self.lead.email_from or self.lead.contact_name)
        self.assertFalse(self.lead.message_ids)

    def test_documents_kept_by_law_keep_name_and_address(self):
        order = self._create_order(self.person, amount=120)
        invoice = self._invoice(order, paid=True)
        order.note = f"Deliver to {EMAIL}"
        request = self._ask()
        plan = {line["label"]: line for line in request._get_erasure_plan()}
        self.assertEqual(plan["Invoices"]["outcome"], "Kept")
        self.assertIn("law", plan["Invoices"]["reason"])
        self._erase(request)
        self.assertLessEqual(self._find_everywhere(EMAIL), LEGAL_TABLES)
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.partner_id, self.person)
        self.assertEqual(self.person.name, "Grace Hopper")
        self.assertEqual(self.person.street, "Navy Yard 1")
        self.assertFalse(self.person.email or self.person.phone or self.person.comment)
        self.assertEqual(order.amount_total, 120)
        self.assertIn(EMAIL, order.note)
        self.assertIn("Invoices", request.report)

    def test_what_the_hub_knew_is_gone(self):
        self._create_order(self.person)
        self._run_pipeline()
        self.assertTrue(self._get_profile(self.person))
        self._erase(self._ask())
        for model in (
            "crm.customer.profile",
            "crm.customer.event",
            "crm.segment.member",
            "crm.consent",
            "crm.consent.log",
        ):
            found = self.env[model].search([("partner_id", "=", self.person.id)])
            self.assertFalse(found, model)

    def test_documents_that_are_kept_bring_nothing_back(self):
        order = self._create_order(self.person)
        self._run_pipeline()
        self._erase(self._ask())
        self.event_type._capture("order_confirmed", order)
        self._invoice(order, paid=True)
        self.profile._refresh(self.person)
        self._run_pipeline()
        mine = [("partner_id", "=", self.person.id)]
        self.assertFalse(self.event.search(mine))
        self.assertFalse(self.profile.search(mine))
        with self.assertRaisesRegex(UserError, "erased"):
            self.person.with_user(self.manager).action_open_customer_360()

    def test_a_later_import_does_not_write_to_him(self):
        self._erase(self._ask())
        blacklist = self.env["mail.blacklist"]
        self.assertFalse(blacklist.search([("email", "=", EMAIL)]))
        suppression = self.env["crm.privacy.suppression"].search([])
        self.assertNotIn("grace", "".join(suppression.mapped("digest")))
        back = self.env["res.partner"].create({"name": "G", "email": f"G <{EMAIL}>"})
        self.assertTrue(back.is_blacklisted)
        allowed = self.env["crm.consent"]._filter_allowed(back, "marketing")
        self.assertFalse(allowed)
        contact = self.env["mailing.contact"].create({"name": "x"})
        self.assertFalse(contact.is_blacklisted)
        contact.email = EMAIL
        self.assertTrue(contact.is_blacklisted)

    def _read_person(self):
        """Return all fields but the links to his preferences, new with every second."""
        names = set(self.person.fields_get()) - {
            "crm_preference_url",
            "crm_preference_qr",
        }
        return self.person.read(list(names))[0]

    def test_twice_changes_nothing(self):
        request = self._ask()
        self._erase(request)
        report, messages = request.report, request.message_ids
        suppressed = self.env["crm.privacy.suppression"].search_count([])
        values = self._read_person()
        request.with_user(self.manager)._erase()
        self.env.invalidate_all()
        self.assertEqual(self._read_person(), values)
        self.assertEqual(request.report, report)
        self.assertEqual(request.message_ids, messages)
        again = self._ask()
        self._erase(again)
        self.assertEqual(
            self.env["crm.privacy.suppression"].search_count([]), suppressed
        )
        self.assertEqual(self.person.name, values["name"])

    def test_it_asks_for_confirmation_first(self):
        request = self._ask().with_user(self.manager)
        action = request.action_answer()
        wizard = self.env[action["res_model"]].with_user(self.manager)
        wizard = wizard.with_context(**action["context"]).create({})
        with self.assertRaisesRegex(UserError, "Tick"):
            wizard.action_erase()
        self.assertEqual(self.person.name, "Grace Hopper")
        with self.assertRaises(UserError):
            request.with_user(self.user).sudo()._erase()

    def test_users_and_own_companies_are_refused(self):
        employee = new_test_user(self.env, "emp", groups="base.group_user")
        for partner in (employee.partner_id, self.env.company.partner_id):
            with self.assertRaises(UserError):
                self._ask(partner).with_user(self.manager).action_answer()
            self.assertTrue(partner.active)

    def test_the_portal_account_is_closed(self):
        user = new_test_user(
            self.env,
            EMAIL,
            groups="base.group_portal",
            partner_id=self.person.id,
            name="Grace Hopper",
        )
        self._erase(self._ask())
        self.assertFalse(user.active)
        self.assertNotIn("grace", user.login)
        self.assertFalse(self._find_everywhere(EMAIL))

    def test_an_address_of_others_stays_theirs(self):
        self.customer.email = EMAIL
        request = self._ask()
        self.assertEqual(request._get_subject().shared_emails, (EMAIL,))
        self._erase(request)
        self.assertEqual(self.customer.email, EMAIL)
        self.assertFalse(self.person.email)
        self.assertFalse(self.customer.is_blacklisted)

    def test_an_address_that_lets_others_log_in_stays(self):
        user = new_test_user(
            self.env, EMAIL, groups="base.group_user", email="boss@navy.example"
        )
        self._erase(self._ask())
        self.assertEqual(user.login, EMAIL)

    def test_a_colleague_s_company_keeps_its_history(self):
        colleague = self.env["res.partner"].create(
            {"name": "Bob B", "email": "bob@ada.example", "parent_id": self.customer.id}
        )
        self._create_order(colleague)
        self._run_pipeline()
        self._erase(self._ask(colleague))
        events = self.event.search([("partner_id", "=", self.customer.id)])
        self.assertTrue(events)
        self.assertNotIn(colleague, events.contact_id)
        self.assertTrue(self.customer.active)

    def test_requests_are_opened_and_begun_from_the_contact(self):
        person = self.person.with_user(self.manager)
        action = person.action_open_privacy_requests()
        self.assertEqual(action["views"], [(False, "form")])
        self.assertEqual(action["context"]["default_partner_id"], person.id)
        request = self._ask()
        action = person.action_open_privacy_requests()
        found = self.env["crm.privacy.request"].search(action["domain"])
        self.assertEqual(found, request)

    def test_it_is_logged(self):
        self._erase(self._ask())
        log = self.env["privacy.log"].search([], order="id DESC", limit=1)
        self.assertEqual(log.user_id, self.manager)
        self.assertNotIn("race", log.anonymized_name)
