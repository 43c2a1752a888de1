from odoo.tests import BaseCase, tagged

from ..net_promoter_score import category, net_promoter_score


@tagged("post_install", "-at_install")
class TestNetPromoterScore(BaseCase):
    def test_score_and_margin_of_a_hundred_answers(self):
        figures = net_promoter_score(promoters=60, passives=25, detractors=15)
        self.assertAlmostEqual(figures.score, 45)
        self.assertAlmostEqual(figures.margin, 14.5, places=1)

    def test_equal_answers_leave_no_doubt(self):
        self.assertEqual(net_promoter_score(10, 0, 0), (100, 0))
        self.assertEqual(net_promoter_score(0, 7, 0), (0, 0))

    def test_there_is_no_score_without_an_answer(self):
        self.assertIsNone(net_promoter_score(0, 0, 0))

    def test_categories_begin_where_reichheld_put_them(self):
        expected = ["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2
        self.assertEqual([category(score) for score in range(11)], expected)
