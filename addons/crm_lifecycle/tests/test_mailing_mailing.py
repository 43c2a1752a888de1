from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from .campaign_case import CampaignCase


@tagged("post_install", "-at_install")
class TestMailingMailing(CampaignCase):
    def test_segments_come_from_the_campaign(self):
        mailing = self._create_mailing()
        self.assertEqual(mailing.segment_ids, self.segment)
        self.assertEqual(self._get_recipients(mailing), self.members)

    def test_a_mailing_from_the_campaign_goes_to_contacts(self):
        values = (
            self.env["mailing.mailing"]
            .with_context(default_campaign_id=self.campaign.id)
            .default_get(["mailing_model_id", "campaign_id"])
        )
        self.assertEqual(
            values["mailing_model_id"], self.env["ir.model"]._get_id("res.partner")
        )

    def test_who_withdrew_his_consent_gets_nothing(self):
        mailing = self._create_mailing()
        self._decide(self.members[0], granted=False)
        stranger = self._create_customer("Stranger")
        self.env["crm.segment.member"].create(
            {"segment_id": self.segment.id, "partner_id": stranger.id}
        )
        mailing.action_send_mail()
        self.assertEqual(
            sorted(mailing.mailing_trace_ids.mapped("res_id")), self.members[1:].ids
        )
        self.assertEqual(mailing.no_consent_count, 2)

    def test_consent_is_asked_when_the_mailing_is_sent(self):
        mailing = self._create_mailing()
        mailing.action_put_in_queue()
        self._decide(self.members[3:], granted=False)
        mailing.action_send_mail()
        self.assertEqual(
            sorted(mailing.mailing_trace_ids.mapped("res_id")), self.members[:3].ids
        )

    def test_control_group_and_excluded_get_nothing_and_are_counted(self):
        self.campaign.control_share = 30
        self.campaign.excluded_segment_ids = self._create_segment(
            "Complaining", self.members[:4]
        )
        self._decide(self.members[4:6], granted=False)
        self.members[6].email = False
        mailing = self._create_mailing()
        mailing.action_send_mail()
        self.assertEqual(self.campaign.state, "running")
        control = self.campaign.member_ids.filtered("is_control").partner_id
        sent = self.env["res.partner"].browse(
            mailing.mailing_trace_ids.mapped("res_id")
        )
        self.assertTrue(control)
        self.assertFalse(sent & control)
        self.assertEqual(sent.sorted("id"), self.members[7:] - control)
        self.assertRecordValues(
            mailing,
            [
                {
                    "audience_count": 40,
                    "excluded_count": 4,
                    "control_count": len(control),
                    "no_email_count": len(self.members[6] - control),
                    "no_consent_count": len(self.members[4:6] - control),
                    "recipient_count": len(sent),
                }
            ],
        )

    def test_hand_picked_recipients_pass_the_gate_too(self):
        self._decide(self.members[0], granted=False)
        mailing = self._create_mailing()
        mailing.action_send_mail(self.members[:2].ids)
        self.assertEqual(
            mailing.mailing_trace_ids.mapped("res_id"), self.members[1].ids
        )
        with self.assertRaises(UserError):
            self._create_mailing().action_send_mail(self.members[0].ids)

    def test_a_service_message_needs_no_consent(self):
        self._decide(self.members, granted=False)
        mailing = self._create_mailing(
            consent_purpose_id=self.env.ref(
                "crm_lifecycle.crm_consent_purpose_service"
            ).id
        )
        self.assertEqual(self._get_recipients(mailing), self.members)
        mailing.action_send_mail()
        self.assertNotIn("cancel", mailing.mailing_trace_ids.mapped("trace_status"))

    def test_who_left_the_segment_gets_nothing(self):
        mailing = self._create_mailing()
        self.segment.member_ids.filtered(
            lambda member: member.partner_id == self.members[0]
        ).action_leave()
        self.assertEqual(self._get_recipients(mailing), self.members[1:])

    def test_a_domain_narrows_the_segments(self):
        mailing = self._create_mailing(
            mailing_domain=repr([("id", "in", self.members[:2].ids)])
        )
        self.assertEqual(self._get_recipients(mailing), self.members[:2])
        self.assertEqual(mailing.audience_count, 2)

    def test_without_segments_an_explicit_no_still_counts(self):
        undecided = self._create_customer("Undecided")
        refusing = self._create_customer("Refusing")
        self._decide(refusing, granted=False)
        mailing = self._create_mailing(
            campaign_id=False,
            mailing_domain=repr([("id", "in", (undecided | refusing).ids)]),
        )
        self.assertFalse(mailing.segment_ids)
        mailing.action_send_mail()
        status = {
            trace.res_id: (trace.trace_status, trace.failure_type)
            for trace in mailing.mailing_trace_ids
        }
        self.assertEqual(status[undecided.id], ("outgoing", False))
        self.assertEqual(status[refusing.id], ("cancel", "mail_optout"))

    def test_an_explicit_no_counts_on_other_recipients_too(self):
        self._decide(self.members[0], granted=False)
        leads = self.env["crm.lead"].create(
            [
                {"name": "One", "email_from": "Member0@example.com"},
                {"name": "Two", "email_from": "someone@example.com"},
            ]
        )
        mailing = self._create_mailing(
            model="crm.lead",
            campaign_id=False,
            mailing_domain=repr([("id", "in", leads.ids)]),
        )
        mailing.action_send_mail()
        status = {
            trace.res_id: trace.trace_status for trace in mailing.mailing_trace_ids
        }
        self.assertEqual(status, {leads[0].id: "cancel", leads[1].id: "outgoing"})

    def test_a_marketer_without_our_groups_sends_to_the_same_people(self):
        self._decide(self.members[0], granted=False)
        marketer = new_test_user(
            self.env, "marketer", groups="mass_mailing.group_mass_mailing_user"
        )
        mailing = self._create_mailing(user=marketer)
        self.assertEqual(self._get_recipients(mailing), self.members[1:])
        mailing.action_send_mail()
        self.assertEqual(len(mailing.mailing_trace_ids), 39)

    def test_marketers_fill_in_the_form(self):
        groups = "mass_mailing.group_mass_mailing_user"
        marketer = new_test_user(self.env, "marketer", groups=groups)
        user = new_test_user(
            self.env,
            "campaigner",
            groups=f"{groups},crm_lifecycle.crm_lifecycle_group_user",
        )
        for author in (marketer, user):
            mailings = self.env["mailing.mailing"].with_user(author)
            form = Form(
                mailings.with_context(default_campaign_id=self.campaign.id),
                "mass_mailing.view_mail_mass_mailing_form",
            )
            form.subject = f"News by {author.name}"
            mailing = form.save()
            self.assertEqual(mailing.sudo().segment_ids, self.segment)
            self.assertEqual(mailing.sudo().recipient_count, 40)
