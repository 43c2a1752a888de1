from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.journey_case import JourneyCase


@tagged("post_install", "-at_install")
class TestCrmJourneyStep(JourneyCase):
    """Journeys ask for feedback and open cases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls.env.ref("crm_feedback.crm_feedback_program_journey")
        cls.program.company_id = cls.env.company
        cls.other = cls._create_customer("Bob Ltd")
        cls._allow(cls, cls.customer, "survey")
        cls.env["crm.consent"]._record(
            cls.other, "survey", "email", False, "Counter", "No"
        )
        asking = {"feedback_program_id": cls.program.id}
        cls.steps = {
            "ask": ("survey", asking, {"next": "end", "not_sent": "left out"}),
            "end": ("exit", {}, {}),
            "left out": ("goal", {}, {}),
        }

    def _get_invitations(self):
        return self.env["survey.user_input"].search(
            [("feedback_program_id", "=", self.program.id)]
        )

    def test_who_agreed_is_asked_once(self):
        journey = self._start(self.steps, keyed_by="document", reentry="always")
        self._create_order()
        self._create_order()
        self._create_order(self.other)
        self._advance()
        self._advance()
        [invitation] = self._get_invitations()
        self.assertEqual(invitation.partner_id, self.customer)
        # The second order's question would tire him, the other said no.
        first, second, other = self._get_runs(journey).sorted("res_id")
        self.assertPath(first, [("ask", "next"), ("end", "next")])
        self.assertPath(second, [("ask", "not_sent"), ("left out", "next")])
        self.assertIn("30 days", second.trace_ids.filtered("detail").detail)
        self.assertPath(other, [("ask", "not_sent"), ("left out", "next")])
        self.assertEqual(journey.message_count, 1)

    def test_without_address(self):
        self.customer.email = False
        journey = self._start(self.steps)
        self._create_order()
        self._advance()
        self.assertPath(
            self._get_runs(journey), [("ask", "not_sent"), ("left out", "next")]
        )
        self.assertFalse(self._get_invitations())

    def test_dry_run_asks_nobody(self):
        journey = self._draw(self.steps)
        self._create_order()
        self._run_pipeline()
        run = self.env["crm.journey.dry.run"].create(
            {"journey_id": journey.id, "partner_id": self.customer.id}
        )
        run.action_run()
        self.assertFalse(self._get_invitations())

    def test_case_about_the_order(self):
        settings = {
            "summary": "Ask how the delivery went",
            "case_type": "request",
            "note": "Big order",
        }
        journey = self._start(
            {"open": ("case", settings, {})}, keyed_by="document", reentry="always"
        )
        order = self._create_order()
        self._advance()
        [case] = self.env["crm.case"].search([("sale_order_id", "=", order.id)])
        self.assertEqual(case.name, "Ask how the delivery went")
        self.assertEqual(case.partner_id.commercial_partner_id, self.customer)
        self.assertIn("Big order", case.description)
        self.assertPath(self._get_runs(journey), [("open", "next")])

    def test_what_is_missing_is_said(self):
        journey = self._draw({"ask": ("survey", {}, {}), "open": ("case", {}, {})})
        steps = journey.draft_version_id.step_ids
        self.assertIn("Feedback Program", steps[0].problem)
        self.assertIn("Summary", steps[1].problem)
