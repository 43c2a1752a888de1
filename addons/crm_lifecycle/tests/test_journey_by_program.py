from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .journey_case import JourneyCase


@tagged("post_install", "-at_install")
class TestJourneyByProgram(JourneyCase, HttpCase):
    """Another system lets customers enter a journey, by Odoo's own web API."""

    def setUp(self):
        super().setUp()
        self.tag = self.env["res.partner.category"].create({"name": "By program"})
        tagging = {"tag_ids": [fields.Command.set(self.tag.ids)]}
        self.journey = self._start({"tag": ("tag", tagging, {})}, trigger="manual")

    def _call(self, groups):
        user = new_test_user(self.env, f"program_{groups.count(',')}", groups=groups)
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        key = self.env["res.users.apikeys"].with_user(user)
        key = key._generate("rpc", "Shop", tomorrow)
        return self.url_open(
            "/json/2/crm.journey/action_enrol",
            json={"ids": self.journey.ids, "res_ids": self.customer.ids},
            headers={"Authorization": f"bearer {key}"},
        )

    def test_somebody_new_enters(self):
        answer = self._call(
            "crm_lifecycle.crm_lifecycle_group_user,"
            "mass_mailing.group_mass_mailing_user"
        )
        self.assertEqual((answer.status_code, answer.json()), (200, 1))
        self._run_pipeline()
        self.env.ref("crm_lifecycle.ir_cron_advance_journeys").method_direct_trigger()
        self.assertEqual(self.customer.category_id, self.tag)
        self.assertEqual(self._get_runs(self.journey).state, "done")

    def test_who_may_not_change_journeys_lets_nobody_enter(self):
        with mute_logger("odoo.http"):
            answer = self._call("base.group_user")
        self.assertEqual(answer.status_code, 403)
        self.assertFalse(self._get_runs(self.journey))
