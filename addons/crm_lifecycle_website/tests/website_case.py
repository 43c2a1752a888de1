from datetime import timedelta
from uuid import uuid4

from odoo import Command, fields

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


class WebsiteCase(LifecycleCase):
    """A website with two tracked pages, and a customer with a portal user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page, cls.other_page = cls.env["website.page"].create(
            [
                {
                    "name": name,
                    "url": f"/{name.lower()}",
                    "type": "qweb",
                    "key": f"crm_lifecycle_website.test_{name.lower()}",
                    "arch": f"<t t-call='website.layout'><p>{name}</p></t>",
                    "track": True,
                    "is_published": True,
                }
                for name in ("Lamps", "Chairs")
            ]
        )
        cls.portal_user = cls.env["res.users"].create(
            {
                "name": "Ada",
                "login": "ada_reader",
                "password": "ada_reader",
                "partner_id": cls.customer.id,
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
            }
        )

    def _decide(self, granted, purpose="website_reading"):
        self.env["crm.consent"]._record(
            self.customer, purpose, "use", granted, "Form", "Pages you read"
        )

    def _create_visitor(self, token=None):
        return self.env["website.visitor"].create(
            {"access_token": token or uuid4().hex}
        )

    def _read(self, visitor, page, times, days_ago=0):
        return self.env["website.track"].create(
            [
                {
                    "visitor_id": visitor.id,
                    "page_id": page.id,
                    "url": page.url,
                    "visit_datetime": fields.Datetime.now() - timedelta(days=days_ago),
                }
                for _number in range(times)
            ]
        )

    def _count(self, code="page_visited"):
        return self.event.search_count(
            [("type_id.code", "=", code), ("partner_id", "=", self.customer.id)]
        )
