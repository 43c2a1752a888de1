from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestForumPost(LifecycleCase):
    """What customers write in the forum is on their timelines."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.forum = cls.env["forum.forum"].create({"name": "Help"})
        cls.author = new_test_user(cls.env, "forum_author", "base.group_portal")
        cls.author.karma = 1000
        cls.author.partner_id.parent_id = cls.customer

    def _post(self, user, name, parent=None):
        return (
            self.env["forum.post"]
            .with_user(user)
            .create(
                {
                    "name": name,
                    "forum_id": self.forum.id,
                    "content": "<p>Text</p>",
                    "parent_id": parent and parent.id,
                }
            )
        )

    def test_questions_and_answers_of_customers(self):
        colleague = new_test_user(self.env, "forum_colleague", "base.group_user")
        colleague.karma = 1000
        asked = self._post(colleague, "How do you use it?")
        self._post(self.author, "Can it be washed?")
        self._post(self.author, "Every day", parent=asked)
        self.env.flush_all()
        types = self.event_type.search(
            [("code", "in", ("forum_question", "forum_answer"))]
        )
        for event_type in types:
            for _sweep in range(2):
                event_type._insert_events(Domain.TRUE)
        events = self.event.search([("type_id", "in", types.ids)])
        self.assertEqual(events.partner_id, self.customer)
        self.assertEqual(events.contact_id, self.author.partner_id)
        self.assertEqual(
            sorted(events.type_id.mapped("code")), ["forum_answer", "forum_question"]
        )
        self.assertEqual(len(events), 2)
