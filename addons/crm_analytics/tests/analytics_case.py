from datetime import timedelta

import numpy as np

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


class AnalyticsCase(LifecycleCase):
    """Customers whose orders lie in the past, made in bulk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_model = cls.env["crm.analytics.run"]
        # A company of its own: the figures are those of these customers alone.
        cls.company = cls.env["res.company"].create({"name": "Analysed"})
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.analyst = new_test_user(
            cls.env,
            "analyst",
            groups="crm_analytics.crm_analytics_group_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _create_history(cls, purchases):
        """Make customers and their confirmed orders.

        :param purchases: per customer a list of (days ago, amount)
        :return: the customers
        """
        customers = cls.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(len(purchases))]
        )
        now = fields.Datetime.now()
        cls._copy_orders(
            [
                (customer.id, now - timedelta(days=days), amount)
                for customer, history in zip(customers, purchases, strict=True)
                for days, amount in history
            ],
            cls.company,
        )
        while cls.profile._refresh():
            pass
        return customers

    @classmethod
    def _get_profiles(cls, customers):
        profiles = cls.profile.search([("company_id", "=", cls.company.id)])
        by_partner = {profile.partner_id: profile for profile in profiles}
        return [by_partner[customer] for customer in customers]

    @classmethod
    def _run_analysis(cls, kind, **values):
        run = cls.run_model.create(
            {"kind": kind, "company_id": cls.company.id, **values}
        )
        run.action_run()
        return run


def simulate_bg_nbd(count, parameters, age, seed=1):
    """Draw customers from the BG/NBD process.

    :return: frequency, recency and age, one array each
    """
    r, alpha, a, b = parameters
    random = np.random.default_rng(seed)
    rates = random.gamma(r, 1 / alpha, count)
    dropouts = random.beta(a, b, count)
    frequency, recency = np.zeros(count), np.zeros(count)
    for index in range(count):
        time = 0.0
        while (time := time + random.exponential(1 / rates[index])) <= age:
            frequency[index] += 1
            recency[index] = time
            if random.random() < dropouts[index]:
                break
    return frequency, recency, np.full(count, float(age))
