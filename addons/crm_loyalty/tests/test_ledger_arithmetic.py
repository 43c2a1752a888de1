from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_loyalty.ledger.allocation import (
    Award,
    Draw,
    draw,
    exact,
    in_order,
    pay_debt,
    subtract,
)
from odoo.addons.crm_loyalty.ledger.taking_back import RuleShare, points_to_take_back
from odoo.addons.crm_loyalty.ledger.tiering import Standing, Verdict, judge

TODAY = date(2026, 11, 23)
# On a busy machine examples take their time.
relaxed = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
points_strategy = st.integers(1, 1_000_000).map(lambda cents: Decimal(cents) / 100)
expiry_strategy = st.none() | st.integers(0, 900).map(
    lambda days: TODAY + timedelta(days=days)
)
awards_strategy = st.lists(st.tuples(expiry_strategy, points_strategy), max_size=6).map(
    lambda pairs: [Award(key, *pair) for key, pair in enumerate(pairs, start=1)]
)


def total(parts):
    return sum((part.points for part in parts), Decimal(0))


@tagged("post_install", "-at_install")
class TestAllocation(BaseCase):
    """Which awards a debit draws on."""

    def test_the_first_to_expire_is_spent_first(self):
        later = Award(1, TODAY + timedelta(days=90), Decimal(50))
        never = Award(2, None, Decimal(50))
        sooner = Award(3, TODAY + timedelta(days=30), Decimal(50))
        self.assertEqual(
            draw([later, never, sooner], Decimal(120)),
            [Draw(3, Decimal(50)), Draw(1, Decimal(50)), Draw(2, Decimal(20))],
        )

    @relaxed
    @given(awards_strategy, points_strategy)
    def test_a_debit_is_drawn_in_full(self, awards, points):
        draws = draw(awards, points)
        self.assertEqual(total(draws), points)
        self.assertTrue(all(part.points > 0 for part in draws))

    @relaxed
    @given(awards_strategy, points_strategy)
    def test_only_what_is_there_is_drawn(self, awards, points):
        by_key = {award.key: award for award in awards}
        debt = Decimal(0)
        for part in draw(awards, points):
            if part.key is None:
                debt = part.points
            else:
                self.assertLessEqual(part.points, by_key[part.key].points)
        self.assertEqual(debt, max(points - total(awards), Decimal(0)))

    @relaxed
    @given(awards_strategy, points_strategy)
    def test_awards_before_the_last_drawn_are_used_up(self, awards, points):
        left = subtract(awards, draw(awards, points))
        self.assertEqual(total(left), max(total(awards) - points, Decimal(0)))
        queue = in_order(awards)
        self.assertEqual(
            [award.key for award in in_order(left)],
            [award.key for award in queue[len(queue) - len(left) :]],
        )

    @relaxed
    @given(awards_strategy, points_strategy)
    def test_a_debt_is_paid_before_anything_is_spent(self, awards, debt):
        left = pay_debt(awards, debt)
        self.assertEqual(total(left), max(total(awards) - debt, Decimal(0)))

    @relaxed
    @given(awards_strategy, points_strategy)
    def test_an_award_taken_back_is_drawn_on_first(self, awards, points):
        for award in awards:
            first = draw(awards, points, first=award.key)[0]
            self.assertEqual(first.key, award.key)

    @relaxed
    @given(st.floats(-1e6, 1e6))
    def test_points_are_exact(self, number):
        self.assertAlmostEqual(float(exact(number)), number, places=6)


@tagged("post_install", "-at_install")
class TestTakingBack(BaseCase):
    """How many points go with returned goods."""

    def test_one_of_three_units(self):
        share = RuleShare(Decimal(300), Decimal(300), Decimal(100))
        self.assertEqual(points_to_take_back(Decimal(300), [share]), 100)

    def test_thirds_add_up(self):
        taken = [
            points_to_take_back(
                Decimal(100), [RuleShare(Decimal(100), Decimal(3), Decimal(returned))]
            )
            for returned in (1, 2, 3)
        ]
        self.assertEqual(taken, [Decimal("33.33"), Decimal("66.67"), Decimal(100)])

    def test_points_for_the_order_stay_until_all_is_back(self):
        share = RuleShare(Decimal(50), Decimal(3), Decimal(2), divisible=False)
        self.assertEqual(points_to_take_back(Decimal(50), [share]), 0)
        share = share._replace(returned=Decimal(3))
        self.assertEqual(points_to_take_back(Decimal(50), [share]), 50)

    @relaxed
    @given(
        points_strategy,
        st.lists(
            st.builds(
                RuleShare,
                points_strategy,
                points_strategy,
                points_strategy,
                st.booleans(),
            ),
            max_size=4,
        ),
    )
    def test_never_more_than_was_awarded(self, awarded, shares):
        taken = points_to_take_back(awarded, shares)
        self.assertGreaterEqual(taken, 0)
        self.assertLessEqual(taken, awarded)

    @relaxed
    @given(points_strategy, points_strategy, points_strategy, points_strategy)
    def test_more_returned_takes_back_no_less(self, awarded, ordered, first, second):
        def taken(returned):
            return points_to_take_back(awarded, [RuleShare(awarded, ordered, returned)])

        self.assertLessEqual(taken(first), taken(first + second))


@tagged("post_install", "-at_install")
class TestTiering(BaseCase):
    """When a tier is reached or lost."""

    def test_a_tier_is_reached_at_once(self):
        standing = Standing(held=Decimal(0), earned=Decimal(500))
        self.assertEqual(judge(standing, TODAY), (Verdict.REACH, None))

    def test_a_tier_is_kept_through_its_grace(self):
        standing = Standing(Decimal(500), Decimal(0), grace_days=30)
        verdict, until = judge(standing, TODAY)
        self.assertEqual((verdict, until), (Verdict.WARN, date(2026, 12, 23)))
        standing = standing._replace(kept_until=until)
        self.assertEqual(judge(standing, until), (Verdict.STAY, until))
        day_after = until + timedelta(days=1)
        self.assertEqual(judge(standing, day_after), (Verdict.LOSE, None))

    def test_grace_ends_when_the_tier_is_earned_again(self):
        standing = Standing(Decimal(500), Decimal(500), 30, TODAY)
        self.assertEqual(judge(standing, TODAY), (Verdict.STAY, None))

    def test_without_grace_a_tier_is_lost_at_once(self):
        standing = Standing(Decimal(500), None)
        self.assertEqual(judge(standing, TODAY), (Verdict.LOSE, None))
