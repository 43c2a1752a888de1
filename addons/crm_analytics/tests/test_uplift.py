import numpy as np

from odoo.tests import BaseCase, tagged

from ..engine import contact_assignment, uplift, uplift_transformation
from . import shared_data

ZONES = ("Surburban", "Urban", "Rural")
CHANNELS = ("Phone", "Web", "Multichannel")


@tagged("post_install", "-at_install")
class TestUplift(BaseCase):
    """What a contact adds, where the truth is known."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rng = np.random.default_rng(7)
        cls.known = rng.normal(size=(20_000, 3))
        cls.contacted = rng.random(20_000) < 0.7
        cls.effect = 0.15 * (cls.known[:, 0] > 0)
        chance = 0.1 + cls.effect * cls.contacted
        cls.outcome = (rng.random(20_000) < chance).astype(float)

    def test_who_gains_is_ranked_first(self):
        model, quality = uplift.fit(self.known, self.contacted, self.outcome)
        told = uplift.predict(model, self.known)
        self.assertGreater(told[self.effect > 0].mean(), 0.1)
        self.assertLess(told[self.effect == 0].mean(), 0.04)
        self.assertAlmostEqual(quality.mean_effect, 0.075, delta=0.015)
        self.assertGreater(quality.qini, 0.008)
        self.assertGreater(quality.deciles[0], quality.deciles[-1] + 0.08)

    def test_where_all_are_alike_nobody_is_ranked(self):
        rng = np.random.default_rng(8)
        outcome = (rng.random(20_000) < 0.1 + 0.05 * self.contacted).astype(float)
        model, quality = uplift.fit(self.known, self.contacted, outcome)
        told = uplift.predict(model, self.known)
        self.assertAlmostEqual(told.mean(), 0.05, delta=0.02)
        self.assertLess(told.std(), 0.02)
        self.assertAlmostEqual(quality.qini, 0, delta=0.004)

    def test_the_transformed_class_finds_the_same_customers(self):
        told = uplift_transformation.predict_unseen(
            self.known, self.contacted, self.outcome
        )
        self.assertAlmostEqual(told[self.effect > 0].mean(), 0.15, delta=0.06)
        self.assertAlmostEqual(told[self.effect == 0].mean(), 0, delta=0.06)
        share = uplift.qini_share(told, self.contacted, self.outcome)
        self.assertGreater(share, 0.05)

    def test_qini_of_a_perfect_order_is_one_and_of_chance_zero(self):
        perfect = np.where(self.contacted, 1, -1) * self.outcome
        drawn = np.random.default_rng(5).random(self.outcome.size)
        for score, share, delta in ((perfect, 1, 1e-9), (drawn, 0, 0.03)):
            told = uplift.qini_share(score, self.contacted, self.outcome)
            self.assertAlmostEqual(told, share, delta=delta)

    def test_too_few_customers_are_refused(self):
        with self.assertRaises(uplift.TooLittleHistory):
            uplift.fit(self.known[:300], self.contacted[:300], self.outcome[:300])


@tagged("post_install", "-at_install")
class TestHillstrom(BaseCase):
    """64,000 customers, a mail for men, one for women, and none (Hillstrom 2008)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows = shared_data.read("hillstrom_email")
        cls.known = np.array([cls._describe(row) for row in rows], float)
        cls.arm = np.array([row["segment"][:4] for row in rows])
        cls.visit = np.array([float(row["visit"]) for row in rows])
        cls.learned = cls._divide(cls, 1)

    def _divide(self, seed):
        """Return the half to learn from."""
        return np.random.default_rng(seed).random(self.visit.size) < 0.5

    @staticmethod
    def _describe(row):
        return [
            *(float(row[name]) for name in ("recency", "history", "mens", "womens")),
            float(row["newbie"]),
            *(row["zip_code"] == zone for zone in ZONES),
            *(row["channel"] == channel for channel in CHANNELS),
            float(row["mens"]) * float(row["womens"]),
        ]

    def _fit(self, arm, learned=None):
        learned = self.learned if learned is None else learned
        part = learned & np.isin(self.arm, (arm, "No E"))
        return uplift.fit(self.known[part], self.arm[part] == arm, self.visit[part])

    def test_published_visit_rates(self):
        for arm, rate in (("Mens", 0.18276), ("Wome", 0.15140), ("No E", 0.10617)):
            self.assertAlmostEqual(self.visit[self.arm == arm].mean(), rate, places=4)

    def test_targeting_beats_chance(self):
        """Uplift in visits among the best 10, 30 and 50 %, of customers unseen."""
        model, _quality = self._fit("Wome")
        part = ~self.learned & np.isin(self.arm, ("Wome", "No E"))
        told = uplift.predict(model, self.known[part])
        contacted, visit = self.arm[part] == "Wome", self.visit[part]
        everybody = uplift.uplift_at(1, told, contacted, visit)
        self.assertAlmostEqual(everybody, 0.045, delta=0.01)
        for share in (0.1, 0.3, 0.5):
            with self.subTest(share):
                best = uplift.uplift_at(share, told, contacted, visit)
                self.assertGreater(best, everybody * 1.2)

    def test_three_arms_reach_the_rate_of_mens_to_all(self):
        """Each gets at most one mail, and as many visit as if all got that for men.

        On the mean of some divisions: one division alone moves by 0.2 points.
        """
        planned, plain = zip(
            *(self._compare_plan(self._divide(seed)) for seed in range(4)), strict=True
        )
        self.assertGreaterEqual(np.mean(planned), np.mean(plain) - 0.003)
        self.assertGreaterEqual(np.mean(planned), 0.179)

    def _compare_plan(self, learned):
        """Return the visit rates of the plan and of the mail for men to all."""
        rest = np.flatnonzero(~learned)
        value = np.column_stack(
            [
                uplift.predict(self._fit(arm, learned)[0], self.known[rest])
                for arm in ("Mens", "Wome")
            ]
        )
        result = contact_assignment.assign(value, np.zeros(2), cap=1)
        self.assertLessEqual(result.chosen.sum(axis=1).max(), 1, "the cap holds")
        chosen = np.where(
            result.chosen[:, 0], "Mens", np.where(result.chosen[:, 1], "Wome", "No E")
        )
        # Those whom chance gave what the plan would have: each arm weighed alike.
        rate = 0.0
        for arm in ("Mens", "Wome", "No E"):
            group = chosen == arm
            same = group & (self.arm[rest] == arm)
            if same.any():
                rate += group.mean() * self.visit[rest][same].mean()
        return rate, self.visit[rest][self.arm[rest] == "Mens"].mean()
