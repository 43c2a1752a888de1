import json
import re
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import requests

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

PAGE = Path(__file__).parents[4] / "docs/administrator/outside-events.md"
ADDRESS = "https://erp.example.com"


@tagged("post_install", "-at_install")
class TestOutsideEventsPage(HttpCase):
    """What the administrator's page tells to send is taken as it stands there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = PAGE.read_text()
        # The page says so: a user with this right and no other.
        user = new_test_user(
            cls.env,
            "outside_shop",
            groups="base.group_user,crm_lifecycle.crm_lifecycle_group_outside",
        )
        cls.source = cls.env["crm.outside.source"].create(
            {"name": "Shop", "user_id": user.id}
        )
        keys = cls.env["res.users.apikeys"].with_user(user)
        expiry = fields.Datetime.now() + timedelta(hours=1)
        cls.key = keys._generate("rpc", "test", expiry)
        cls.env.ref("base.EUR").active = True
        cls.env["res.partner"].create({"name": "Ada", "email": "ada@example.com"})
        cls.env["res.partner"].create({"name": "Cal", "phone": "+32470123456"})

    def _get_events(self):
        return self.env["crm.outside.event"].search(
            [("source_id", "=", self.source.id)]
        )

    def test_the_curl_example(self):
        match = re.search(r"curl (\S+) .*?-d '(.*?)'\n", self.page, re.DOTALL)
        address, body = match.groups()
        headers = dict(re.findall(r'-H "([^:"]+): ([^"]+)"', match[0]))
        headers["Authorization"] = headers["Authorization"].replace(
            "$API_KEY", self.key
        )
        answer = self.url_open(
            address.removeprefix(ADDRESS), data=body, headers=headers
        )
        self.assertEqual(answer.status_code, 200)
        [sent] = json.loads(body)["events"]
        self.assertRecordValues(
            self._get_events(),
            [{"key": sent["key"], "value": sent["value"], "name": sent["name"]}],
        )
        self.assertEqual(self._get_events().partner_id.name, "Ada")

    def test_the_python_example(self):
        code = re.search(r"    import requests\n.*?\n(?=\S)", self.page, re.DOTALL)[0]
        code = re.sub("^    ", "", code, flags=re.MULTILINE)
        printed = []
        post = requests.post

        def send(address, **options):
            address = address.replace(ADDRESS, self.base_url())
            cookies = {"test_request_key": self.http_request_key}
            return post(address, cookies=cookies, **options)

        with patch.object(requests, "post", send), self.allow_requests():
            run = {"api_key": self.key, "print": lambda *words: printed.append(words)}
            exec(code, run)  # pylint: disable=exec-used
        self.assertEqual(printed, [("call-1", "created", "")])
        self.assertEqual(self._get_events().partner_id.name, "Cal")
