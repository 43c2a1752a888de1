import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from .feedback_case import FeedbackCase


@tagged("post_install", "-at_install")
class TestCrmCaseMerge(FeedbackCase):
    def setUp(self):
        super().setUp()
        self.first = self._receive_mail(message_id="<first@client>")
        self.second = self._receive_mail(message_id="<second@client>", subject="Lamp 2")

    def _run_wizard(self, cases, user=None):
        wizard = (
            self.env["crm.case.merge"]
            .with_user(user or self.agent)
            .with_context(active_model="crm.case", active_ids=cases.ids)
            .create({})
        )
        wizard.action_merge()
        return wizard.survivor_id

    def test_both_threads_followers_files_and_activities_go_on(self):
        self._answer(self.second)
        friend = self._create_customer("Friend")
        self.second.message_subscribe(friend.ids)
        self.second.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.agent.id
        )
        self.env["ir.attachment"].create(
            {
                "name": "photo.png",
                "datas": base64.b64encode(b"photo"),
                "res_model": "crm.case",
                "res_id": self.second.id,
            }
        )
        answer = self.second.message_ids.filtered(lambda m: "new one" in m.body)
        survivor = self._run_wizard(self.first | self.second)
        self.assertEqual(survivor, self.first, "the oldest goes on")
        self.assertIn(answer, survivor.message_ids)
        self.assertIn(friend, survivor.message_partner_ids)
        self.assertEqual(len(survivor.activity_ids), 1)
        self.assertEqual(survivor.message_attachment_count, 1)

    def test_the_merged_case_is_closed_and_points_at_the_other(self):
        self._run_wizard(self.first | self.second)
        self.assertRecordValues(
            self.second,
            [{"merged_into_id": self.first.id, "stage_kind": "cancelled"}],
        )
        self.assertIn(self.first.number, self.second.message_ids[0].body)
        self.assertIn(self.second.number, self.first.message_ids[0].body)

    def test_a_reply_to_the_merged_case_arrives_at_the_other(self):
        self._run_wizard(self.first | self.second)
        self.first.action_wait()
        reached = self._receive_mail(
            subject="Re: Lamp 2",
            In_Reply_To="<second@client>",
            References="<second@client>",
        )
        self.assertEqual(reached, self.first)
        self.assertEqual(self.first.stage_kind, "open")
        self.assertEqual(self.second.stage_kind, "cancelled")

    def test_what_the_customer_posts_on_the_merged_case_moves_on(self):
        self._run_wizard(self.first | self.second)
        message = self.second.message_post(
            body="Hello?",
            author_id=self.second.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(message.res_id, self.first.id)

    def test_what_was_missing_is_taken_over(self):
        order = self._create_order(partner=self.first.partner_id)
        self.second.sale_order_id = order
        self._run_wizard(self.first | self.second)
        self.assertEqual(self.first.sale_order_id, order)

    def test_cases_of_two_customers_are_not_merged(self):
        other = self._create_case()
        with self.assertRaisesRegex(UserError, "one customer"):
            self._run_wizard(self.first | other)

    def test_a_merged_case_is_not_merged_again(self):
        self._run_wizard(self.first | self.second)
        with self.assertRaisesRegex(UserError, "none merged before"):
            self._run_wizard(self.first | self.second)


@tagged("post_install", "-at_install")
class TestCrmCaseSplit(FeedbackCase):
    def test_a_second_matter_gets_its_own_case(self):
        case = self._receive_mail(message_id="<first@client>")
        self._receive_mail(
            subject="Re: Broken lamp",
            body="And my invoice is wrong too.",
            In_Reply_To="<first@client>",
            References="<first@client>",
        )
        message = case.message_ids.filtered(lambda m: "invoice" in (m.body or ""))
        wizard = (
            self.env["crm.case.split"]
            .with_user(self.agent)
            .with_context(default_case_id=case.id)
            .create({"name": "Wrong invoice", "message_ids": message.ids})
        )
        new = self.case.browse(wizard.action_split()["res_id"])
        self.assertEqual(new.partner_id, case.partner_id)
        self.assertIn(message, new.message_ids)
        self.assertNotIn(message, case.message_ids)
        self.assertEqual(new.link_ids.other_case_id, case)
        self.assertFalse(new.link_ids.is_suspected)

    def test_messages_of_other_cases_stay_where_they_are(self):
        case, other = self._create_case(), self._create_case()
        message = self._answer(other)
        with self.assertRaisesRegex(UserError, "Only messages of"):
            case._split({"name": "Stolen"}, message, case.line_ids)
