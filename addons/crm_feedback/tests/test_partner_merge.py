from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestPartnerMerge(FeedbackCase):
    """After a merge all cases and answers are those of the contact that is left."""

    def test_cases_and_answers_of_three_contacts_add_up(self):
        twin, third = (
            self._create_customer(f"Ada {name}") for name in ("two", "three")
        )
        everybody = self.customer | twin | third
        program = self._create_program()
        complaint = self._create_complaint()
        self._create_complaint(twin)
        self._solve(self._create_case(third))
        self._create_answers(10, date="2026-01-01 00:00:00", program_id=program.id)
        for partner, score in ((twin, 8), (third, 7)):
            self._create_answers(
                score,
                date=f"2026-02-0{score} 00:00:00",
                partner_id=partner.id,
                program_id=program.id,
            )
        self._run_pipeline()
        before = self.profile.search([("partner_id", "in", everybody.ids)])
        sums = {
            name: sum(before.mapped(name))
            for name in ("case_count", "open_case_count", "open_complaint_count")
        }
        self.assertEqual(sums["case_count"], 3)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            everybody.ids, self.customer
        )
        profile = self._get_profile()
        # Of the answers the last counts, whoever of them gave it.
        self.assertRecordValues(
            profile, [{**sums, "last_nps": 8, "nps_category": "passive"}]
        )
        mine = [("partner_id", "=", self.customer.id)]
        self.assertEqual(self.case.search_count(mine), 3)
        self.assertEqual(self.env["crm.feedback"].search_count(mine), 3)
        timeline = profile.get_timeline(profile.id)["events"]
        types = self.event.search(mine).type_id.mapped("code")
        self.assertTrue(timeline)
        self.assertIn("case_opened", types)
        self.assertEqual(complaint.commercial_partner_id, self.customer)
