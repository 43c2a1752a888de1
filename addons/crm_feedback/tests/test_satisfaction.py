from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .portal_case import PortalCase
from .shared_data import read_shared


@tagged("post_install", "-at_install")
class TestSatisfaction(PortalCase):
    def _get_report(self, name, company=None):
        domain = [("company_id", "=", (company or self.env.company).id)]
        return (
            self.env[f"crm.{name}.report"]
            .with_user(self.service_manager)
            .search(domain)
        )

    def test_satisfaction_with_interval_of_wilson(self):
        self.env["crm.feedback"].search([]).unlink()
        self._create_answers(5, 5, 4, 4, 5, 4, 5, 4, 2, 3, scale="csat")
        self._create_answers(1, 5, scale="ces")
        rows = {row.scale: row for row in self._get_report("satisfaction")}
        # Eight of ten by hand: 0.4902 to 0.9433 (Newcombe 1998, method 3).
        csat = rows["csat"]
        self.assertEqual((csat.answers, csat.content_count), (10, 8))
        self.assertAlmostEqual(csat.share, 80)
        self.assertAlmostEqual(csat.low, 49.0, delta=0.06)
        self.assertAlmostEqual(csat.high, 94.3, delta=0.06)
        self.assertAlmostEqual(csat.mean, 4.1)
        self.assertAlmostEqual(rows["ces"].share, 50)

    def test_published_reviews_of_clothes(self):
        """23,486 reviews: mean 4.196; 82.2 % recommend."""
        reviews = read_shared("womens_clothing_reviews.csv.gz")
        self.env["crm.feedback"].search([]).unlink()
        categories = {"4": "satisfied", "5": "satisfied", "3": "neutral"}
        company = self.env.company.id
        self.env.cr.execute_values(
            "INSERT INTO crm_feedback"
            " (company_id, source, scale, score, category, date) VALUES %s",
            [
                (
                    company,
                    "survey",
                    "csat",
                    int(review["rating"]),
                    categories.get(review["rating"], "dissatisfied"),
                    "2026-01-15",
                )
                for review in reviews
            ],
        )
        row = self._get_report("satisfaction")
        self.assertEqual(row.answers, 23486)
        self.assertAlmostEqual(row.mean, 4.196, delta=0.0006)
        recommend = sum(review["recommended_ind"] == "1" for review in reviews)
        self.assertAlmostEqual(100 * recommend / len(reviews), 82.2, delta=0.05)

    def test_recovered_and_buying_again(self):
        self.env["crm.feedback"].search([]).unlink()
        before = fields.Datetime.now() - timedelta(days=30)
        lost = self._create_customer("Lost")
        program = self._create_program()
        for customer in (self.customer, lost):
            self._create_answers(
                2, partner_id=customer.id, date=before, program_id=program.id
            )
        rows = {row.partner_id: row for row in self._get_report("recovery")}
        self.assertEqual(rows[lost].followed_up, 100)
        self.assertEqual(rows[lost].repurchased, 0)
        self._create_answers(9)
        self._create_order(self.customer)
        self.env.flush_all()
        self.env.invalidate_all()
        won = rows[self.customer]
        self.assertEqual(
            (won.asked_again, won.recovered, won.repurchased), (1, 100, 100)
        )
        self.assertEqual((rows[lost].asked_again, rows[lost].repurchased), (0, 0))
        [(recovered, bought)] = self.env["crm.recovery.report"]._read_group(
            [("company_id", "=", self.env.company.id)],
            [],
            ["recovered:avg", "repurchased:avg"],
        )
        self.assertEqual((recovered, bought), (100, 50))

    def test_a_scanner_s_post_counts_nothing(self):
        self.own.action_solve()
        token = self.own._rating_get_access_token(self.own.partner_id)
        rating = self.env["rating.rating"].search([("access_token", "=", token)])
        page = self._get_page(f"/rate/{token}/5").text
        address = f"/rate/{token}/submit_feedback"
        response = self._send(page, address, rate="1", feedback="")
        self.assertEqual(response.status_code, 200)
        self.assertFalse(rating.consumed)
        for number in range(6):
            self._send(page, address, rate=str(number), pressed="")
        rating.invalidate_recordset()
        self.assertFalse(rating.consumed)
        self.assertFalse(
            self.env["crm.feedback"].search([("case_id", "=", self.own.id)])
        )
        self._send(page, address, rate="5", feedback="Good", pressed="1")
        rating.invalidate_recordset()
        self.assertRecordValues(rating, [{"consumed": True, "rating": 5}])
