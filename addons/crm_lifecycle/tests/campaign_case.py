from odoo import Command

from .lifecycle_case import LifecycleCase


class CampaignCase(LifecycleCase):
    """A segment by hand whose members agreed to marketing, and a campaign for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.members = cls.env["res.partner"].create(
            [
                {"name": f"Member {number}", "email": f"member{number}@example.com"}
                for number in range(40)
            ]
        )
        cls.segment = cls._create_segment("Everybody", cls.members)
        cls._decide(cls.members, granted=True)
        cls.campaign = cls.env["utm.campaign"].create(
            {"title": "Spring", "segment_ids": [Command.set(cls.segment.ids)]}
        )

    @classmethod
    def _create_segment(cls, name, partners):
        segment = cls.env["crm.segment"].create({"name": name, "kind": "static"})
        cls.env["crm.segment.member"].create(
            [
                {"segment_id": segment.id, "partner_id": partner.id}
                for partner in partners
            ]
        )
        return segment

    @classmethod
    def _decide(cls, partners, granted):
        cls.env["crm.consent"]._record(
            partners, "marketing", "email", granted, "Counter", "News by e-mail"
        )

    @classmethod
    def _create_mailing(cls, user=None, model="res.partner", **values):
        mailings = cls.env["mailing.mailing"].with_user(user or cls.env.user)
        return mailings.create(
            {
                "subject": "News",
                "body_html": "<p>News</p>",
                "mailing_model_id": cls.env["ir.model"]._get_id(model),
                "campaign_id": cls.campaign.id,
                **values,
            }
        )

    @classmethod
    def _get_recipients(cls, mailing):
        return cls.env["res.partner"].browse(mailing._get_recipients())
