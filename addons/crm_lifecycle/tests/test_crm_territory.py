from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmTerritory(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.germany = cls.env.ref("base.de")
        cls.austria = cls.env.ref("base.at")
        cls.bavaria = cls.env.ref("base.state_de_by")
        groups = "sales_team.group_sale_salesman"
        cls.anna = new_test_user(cls.env, "anna", groups=groups)
        cls.ben = new_test_user(cls.env, "ben", groups=groups)
        cls.team = cls.env["crm.team"].create(
            {"name": "Alps", "member_ids": [Command.set((cls.anna | cls.ben).ids)]}
        )
        cls.central = cls._create(
            "Central Europe", user_ids=cls.anna, team_id=cls.team.id
        )
        cls.de = cls._create("Germany", cls.central, country_ids=cls.germany)
        cls.by = cls._create("Bavaria", cls.de, state_ids=cls.bavaria)
        cls.munich = cls._create("Munich", cls.by, zip_prefixes="80, 81-82")
        cls.munich.user_ids = cls.ben

    @classmethod
    def _create(cls, name, parent=None, **values):
        values = {
            key: Command.set(value.ids) and [Command.set(value.ids)]
            if hasattr(value, "ids")
            else value
            for key, value in values.items()
        }
        return cls.env["crm.territory"].create(
            {"name": name, "parent_id": parent.id if parent else False, **values}
        )

    @classmethod
    def _create_lead(cls, country=None, state=None, zip_code=None):
        return cls.env["crm.lead"].create(
            {
                "name": "Request",
                "user_id": False,
                "country_id": country.id if country else False,
                "state_id": state.id if state else False,
                "zip": zip_code,
            }
        )

    def assertTerritory(self, territory, *address):
        lead = self._create_lead(*address)
        self.assertEqual(lead.territory_id, territory)
        return lead

    def test_the_deepest_territory_that_covers_the_address(self):
        self.assertTerritory(self.munich, self.germany, self.bavaria, "81 667")
        self.assertTerritory(self.munich, self.germany, self.bavaria, "80331")
        self.assertTerritory(self.by, self.germany, self.bavaria, "90402")
        self.assertTerritory(self.de, self.germany, None, "10115")

    def test_a_part_covers_nothing_outside_the_whole(self):
        nothing = self.env["crm.territory"]
        self.assertTerritory(nothing, self.austria, None, "8010")
        self.assertTerritory(self.de, self.germany, None, "80331")

    def test_a_heading_without_places_takes_no_leads(self):
        self.assertTerritory(self.env["crm.territory"], self.env.ref("base.pe"))

    def test_people_and_team_come_from_the_next_larger_territory(self):
        lead = self.assertTerritory(self.by, self.germany, self.bavaria, "90402")
        self.assertEqual(lead.user_id, self.anna)
        self.assertEqual(lead.team_id, self.team)
        lead = self.assertTerritory(self.munich, self.germany, self.bavaria, "80331")
        self.assertEqual(lead.user_id, self.ben)

    def test_of_two_alike_the_first_in_order(self):
        second = self._create(
            "Second", self.central, country_ids=self.austria, sequence=20
        )
        first = self._create(
            "First", self.central, country_ids=self.austria, sequence=5
        )
        self.assertTerritory(first, self.austria)
        first.action_archive()
        self.assertTerritory(second, self.austria)

    def test_a_lead_of_another_company_is_not_routed_here(self):
        company = self.env["res.company"].create({"name": "Other"})
        lead = self._create_lead(self.germany)
        lead.write({"user_id": False, "team_id": False, "territory_id": False})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET company_id = %s WHERE id = %s", (company.id, lead.id)
        )
        lead.invalidate_recordset()
        self.assertFalse(self.env["crm.territory"]._find_by_lead(lead))

    def test_many_leads_take_as_many_queries_as_one(self):
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"Lead {n}",
                    "user_id": self.anna.id,
                    "country_id": self.germany.id,
                }
                for n in range(50)
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(5):
            found = self.env["crm.territory"]._find_by_lead(leads)
        self.assertEqual(set(found.values()), {self.de})

    def test_mistakes_are_told(self):
        with self.assertRaises(UserError):
            self.central.parent_id = self.munich
        for zip_prefixes in ("82-8", "82-80"):
            with self.subTest(zip=zip_prefixes), self.assertRaises(ValidationError):
                self.munich.zip_prefixes = zip_prefixes

    def test_a_larger_territory_counts_the_leads_of_its_parts(self):
        self._create_lead(self.germany, self.bavaria, "80331")
        self._create_lead(self.germany)
        self.assertEqual(self.munich.open_lead_count, 1)
        self.assertEqual(self.central.open_lead_count, 2)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_who_may_do_what(self):
        self.assertEqual(self.de.with_user(self.anna).name, "Germany")
        for user in (self.anna, self.user):
            with self.assertRaises(AccessError):
                self.de.with_user(user).name = "Mine"
        self.de.with_user(self.manager).name = "DE"
        other = self.env["res.company"].create({"name": "Other"})
        self.anna.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        with self.assertRaises(AccessError):
            self.de.with_user(self.anna).read(["name"])
