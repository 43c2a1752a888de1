from datetime import timedelta

import numpy as np

from odoo import Command, fields
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_analytics.engine import contract_churn
from odoo.addons.crm_analytics.tests.analytics_case import AnalyticsCase

YEAR = 365


@tagged("post_install", "-at_install")
class TestContractRenewals(AnalyticsCase):
    """Service contracts of a year: who renewed how often, who will not."""

    def _create_contracts(self, terms_by_customer):
        """Make customers with contracts.

        :param terms_by_customer: per customer a list of (days since the start, days)
        """
        customers = self._create_history([[(5, 10)] for _terms in terms_by_customer])
        self.today = fields.Date.today()
        self.env["crm.service.contract"].create(
            [
                {
                    "name": f"SC {customer.id} {start}",
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "date_start": self.today - timedelta(days=start),
                    "date_end": days
                    and self.today - timedelta(days=start) + timedelta(days=days - 1),
                }
                for customer, terms in zip(customers, terms_by_customer, strict=True)
                for start, days in terms
            ]
        )
        return customers

    def _simulate(self, count=160, alpha=0.7, beta=2.0, seed=3):
        """Customers who began up to seven years ago; chances differ between them."""
        random = np.random.default_rng(seed)
        histories = []
        for _customer in range(count):
            begin = int(random.integers(100, 7 * YEAR))
            terms, chance = 1, random.beta(alpha, beta)
            while begin - terms * YEAR > 0 and random.random() > chance:
                terms += 1
            histories.append([(begin - YEAR * term, YEAR) for term in range(terms)])
        return histories

    def _read_spells(self):
        run = self.run_model.create({"kind": "renewal", "company_id": self.company.id})
        return run._read_spells()

    def test_what_counts_as_a_renewal(self):
        self._create_contracts(
            [
                # renewed twice, running
                [(900, YEAR), (900 - YEAR, YEAR), (900 - 2 * YEAR, YEAR)],
                # a gap of a month is none
                [(800, YEAR), (800 - YEAR - 30, YEAR), (10, YEAR)],
                # left after one renewal
                [(1200, YEAR), (1200 - YEAR, YEAR)],
                # came back a year later: that is a new beginning
                [(1500, YEAR), (300, YEAR)],
                # two contracts side by side are one
                [(500, YEAR), (500, YEAR), (500 - YEAR, YEAR)],
                # without an end there is nothing to renew
                [(700, None)],
                # ended last week: it may still come
                [(YEAR + 7, YEAR)],
            ]
        )
        spells = self._read_spells()
        told = list(
            zip(
                spells.renewals.tolist(),
                spells.has_left.tolist(),
                spells.is_due.tolist(),
                strict=True,
            )
        )
        self.assertEqual(
            told,
            [
                (2, False, True),
                (2, False, True),
                (1, True, False),
                (0, True, False),
                (0, False, True),
                (1, False, True),
                (0, False, False),
                (0, False, True),
            ],
        )

    def test_chances_stand_on_the_profiles_with_words(self):
        customers = self._create_contracts(self._simulate())
        run = self._run_analysis("renewal")
        self.assertEqual(run.state, "done", run.summary)
        spells = self._read_spells()
        lost = np.bincount(spells.renewals[spells.has_left])
        there = np.bincount(spells.renewals[~spells.has_left])
        size = max(lost.size, there.size)
        fitted = contract_churn.fit(
            np.pad(lost, (0, size - lost.size)),
            np.pad(there, (0, size + 1 - there.size)),
        )
        profiles = [p for p in self._get_profiles(customers) if p.contract_end_date]
        self.assertEqual(len(profiles), run.customer_count)
        self.assertGreater(len(profiles), 40)
        for profile in profiles:
            renewals = profile.contract_renewals
            self.assertAlmostEqual(
                profile.contract_churn_probability,
                1 - float(contract_churn.retention_rate(fitted, renewals + 1)),
                places=6,
            )
        loyal = max(profiles, key=lambda profile: profile.contract_renewals)
        new = min(profiles, key=lambda profile: profile.contract_renewals)
        self.assertLess(
            loyal.contract_churn_probability, new.contract_churn_probability
        )
        self.assertIn(
            f"renewals so far: {loyal.contract_renewals}", loyal.contract_churn_words
        )
        self.assertIn("first contract", new.contract_churn_words)
        for profile in (loyal, new):
            self.assertIn(
                f"{profile.contract_churn_probability:.0%}",
                profile.contract_churn_words,
            )
            keys = [tile["key"] for tile in profile._get_360_tiles()]
            self.assertIn("contract_churn", keys)
            self.assertIn("Service contracts", str(profile.about_figures))

    def test_who_has_a_contract_and_no_order_is_told_as_well(self):
        self._create_contracts(self._simulate())
        partner = self.env["res.partner"].create({"name": "Contract only"})
        self.env["crm.service.contract"].create(
            {
                "name": "SC",
                "partner_id": partner.id,
                "company_id": self.company.id,
                "date_start": self.today - timedelta(days=10),
                "date_end": self.today + timedelta(days=300),
            }
        )
        self._run_analysis("renewal")
        [profile] = self._get_profiles(partner)
        self.assertGreater(profile.contract_churn_probability, 0.1)

    def test_the_last_year_judges_what_was_known_before(self):
        self._create_contracts(self._simulate(400))
        judged = self._run_analysis("renewal").quality["renewal"]["judged"]
        self.assertGreater(judged["renewals"], 60)
        self.assertAlmostEqual(judged["told"], judged["seen"], delta=0.1)
        self.assertLessEqual(judged["error"], judged["plain_error"] + 0.01)

    def test_usable_in_a_segment(self):
        customers = self._create_contracts(self._simulate())
        segment = self.env["crm.segment"].create(
            {
                "name": "Renewal at risk",
                "company_id": self.company.id,
                "domain": "[('contract_churn_probability', '>', 0.2)]",
            }
        )
        self._run_analysis("renewal")
        segment._refresh_members()
        at_risk = {
            profile.partner_id
            for profile in self._get_profiles(customers)
            if profile.contract_churn_probability > 0.2
        }
        self.assertEqual(set(segment.member_ids.partner_id), at_risk)
        self.assertTrue(at_risk)

    def test_the_retention_run_projects_them_by_year(self):
        # All began in the same year and were asked twice: 40, 30, 24.
        begin = 2 * YEAR + 90
        year = (fields.Date.today() - timedelta(days=begin)).year
        terms = [
            [(begin - YEAR * term, YEAR) for term in range(count)]
            for count, customers in ((1, 10), (2, 6), (3, 24))
            for _customer in range(customers)
        ]
        self._create_contracts(terms)
        run = self._run_analysis("retention")
        label = f"Service contracts of {year}"
        self.assertEqual(run.quality[f"{label}: customers at the start"], 40)
        [chart] = [c for c in run.charts if c["key"] == f"renewals_{label}"]
        self.assertEqual(chart["series"][0]["values"][:3], [100, 75, 60])

    def test_too_few_contracts_are_told(self):
        self._create_contracts([[(400, YEAR)], [(900, YEAR)]])
        run = self._run_analysis("renewal")
        self.assertEqual(run.method, "none")
        self.assertIn("30", run.summary)

    def test_another_company_s_contracts_do_not_count(self):
        self._create_contracts(self._simulate(40))
        other = self.env["res.company"].create({"name": "Other"})
        self.env["crm.service.contract"].search(
            [("company_id", "=", self.company.id)]
        ).company_id = other
        self.assertEqual(self._read_spells().partner.size, 0)

    def test_a_manager_of_analyses_without_the_service_runs_it(self):
        self._create_contracts(self._simulate())
        manager = new_test_user(
            self.env,
            "renewal_manager",
            groups="crm_analytics.crm_analytics_group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        run = self.run_model.with_user(manager).create({"kind": "renewal"})
        run.action_run()
        self.assertEqual(run.state, "done", run.summary)
        self.assertGreater(run.customer_count, 10)

    def test_who_objects_to_profiling_is_left_out(self):
        customers = self._create_contracts(self._simulate(40))
        before = self._read_spells().partner.size
        profile = self._get_profiles(customers)[0]
        self.env["crm.consent"]._record(
            profile.partner_id, "profiling", "use", False, "Test", "No"
        )
        spells = self._read_spells()
        self.assertNotIn(profile.partner_id.id, spells.partner)
        self.assertLess(spells.partner.size, before)
