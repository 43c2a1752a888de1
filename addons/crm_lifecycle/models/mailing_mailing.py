from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from .utm_campaign import USER_GROUP


class MailingMailing(models.Model):
    """A mailing to segments reaches their members who allowed it, and no one else.

    - With segments: current members, less the excluded segments and the control group
      of the campaign, and of these only whom the consent gate lets through.
    - Without segments: as ever, on any kind of recipients. But an explicit no to the
      purpose counts always: that address is cancelled as opted out.
    """

    _inherit = "mailing.mailing"

    segment_ids = fields.Many2many(
        "crm.segment",
        "mailing_mailing_crm_segment_rel",
        "mailing_id",
        "segment_id",
        "Segments",
        compute="_compute_segment_ids",
        store=True,
        readonly=False,
        groups=USER_GROUP,
        help="Only members of these segments get it. Filled from the campaign.",
    )
    consent_purpose_id = fields.Many2one(
        "crm.consent.purpose",
        "Purpose",
        default=lambda self: self._default_consent_purpose_id(),
        ondelete="restrict",
        index="btree_not_null",
        help="What the mailing is for: decides who has to have allowed it.",
    )
    is_held_by_campaign = fields.Boolean(
        readonly=True, copy=False, help="It goes on when the campaign is resumed."
    )
    audience_count = fields.Integer(
        "In Segments", compute="_compute_held_back", groups=USER_GROUP
    )
    excluded_count = fields.Integer(
        "Held Back: Excluded", compute="_compute_held_back", groups=USER_GROUP
    )
    control_count = fields.Integer(
        "Held Back: Control Group", compute="_compute_held_back", groups=USER_GROUP
    )
    no_email_count = fields.Integer(
        "Held Back: No Address", compute="_compute_held_back", groups=USER_GROUP
    )
    no_consent_count = fields.Integer(
        "Held Back: No Consent", compute="_compute_held_back", groups=USER_GROUP
    )
    recipient_count = fields.Integer(
        "Recipients", compute="_compute_held_back", groups=USER_GROUP
    )

    @api.model
    def _default_consent_purpose_id(self):
        """Return marketing, for marketers too who don't see the purposes."""
        purposes = self.env["crm.consent.purpose"].sudo()
        return purposes.search([("code", "=", "marketing")], limit=1)

    @api.model
    def default_get(self, fields):
        """A mailing for a campaign with segments goes to contacts."""
        values = super().default_get(fields)
        campaign_id = values.get("campaign_id") or self.env.context.get(
            "default_campaign_id"
        )
        campaign = self.env["utm.campaign"].browse(campaign_id).sudo()
        if (
            "mailing_model_id" in fields
            and campaign.segment_ids
            and "default_mailing_model_id" not in self.env.context
        ):
            values["mailing_model_id"] = self.env["ir.model"]._get_id("res.partner")
        return values

    @api.depends("campaign_id", "mailing_model_id")
    def _compute_segment_ids(self):
        for mailing in self:
            if mailing.mailing_model_real != "res.partner":
                mailing.segment_ids = False
            elif mailing.campaign_id.segment_ids and not mailing.segment_ids:
                mailing.segment_ids = mailing.campaign_id.segment_ids
            else:
                mailing.segment_ids = mailing.segment_ids

    @api.depends(
        "segment_ids",
        "consent_purpose_id",
        "mailing_domain",
        "campaign_id.excluded_segment_ids",
        "campaign_id.control_share",
    )
    def _compute_held_back(self):
        names = (
            "excluded_count",
            "control_count",
            "no_email_count",
            "no_consent_count",
        )
        partners = self.env["res.partner"]
        for mailing in self:
            if not mailing._origin.segment_ids and not mailing.segment_ids:
                mailing.update(dict.fromkeys(("audience_count", *names), 0))
                mailing.recipient_count = 0
                continue
            domain, *steps = mailing._get_audience_steps()
            left = mailing.audience_count = partners.search_count(domain)
            for name, step in zip(names, steps, strict=True):
                domain &= step
                kept = partners.search_count(domain)
                mailing[name] = left - kept
                left = kept
            mailing.recipient_count = left

    # ------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------

    def _get_audience_steps(self):
        """Return domains on ``res.partner``, each narrower with the ones before it:
        members, not excluded, not in the control group, with an address, allowed by
        the consent gate.
        """
        self.ensure_one()
        mailing = self.sudo()
        campaign = mailing.campaign_id
        channel = "sms" if mailing.mailing_type == "sms" else "email"
        address_field = "phone_sanitized" if channel == "sms" else "email_normalized"
        return [
            super()._get_recipients_domain()
            & campaign._get_segment_domain(mailing.segment_ids),
            ~campaign._get_segment_domain(campaign.excluded_segment_ids),
            mailing._get_treated_domain(),
            Domain(address_field, "!=", False),
            mailing.env["crm.consent"]._get_allowed_domain(
                mailing._get_purpose().code, channel
            ),
        ]

    def _get_treated_domain(self):
        """Return a domain on ``res.partner``: those outside the control group, and of
        these whom a test gives this mailing."""
        if not self.campaign_id:
            return Domain.TRUE
        domain = ~self.campaign_id._get_control_domain()
        test = self.env["crm.campaign.test.variant"]._get_test(self._origin)
        return domain & test._get_part_domain(self._origin) if test else domain

    def _get_purpose(self):
        """Return the purpose; mailings older than this addon have none: marketing."""
        return (
            self.sudo().consent_purpose_id or self.sudo()._default_consent_purpose_id()
        )

    def _get_recipients_domain(self):
        """Consent is asked here, so that it is asked at the moment of sending."""
        self.ensure_one()
        if self.sudo().segment_ids:
            return Domain.AND(self._get_audience_steps())
        domain = super()._get_recipients_domain()
        if self.mailing_model_real == "res.partner":
            domain &= self._get_treated_domain()
        return domain

    def _get_opt_out_list(self):
        """An explicit no counts in every mailing, whoever it is sent to."""
        opt_out = super()._get_opt_out_list()
        refused = self._get_refused_emails()
        return set(opt_out) | refused if refused else opt_out

    def _get_refused_emails(self):
        """Return the addresses of those who said no to the purpose of this mailing."""
        purpose = self._get_purpose()
        if purpose.basis == "contract" or self.mailing_type != "mail":
            return set()
        refusals = Domain("purpose_id", "=", purpose.id)
        refusals &= Domain("channel", "=", "email") & Domain("granted", "=", False)
        partners = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search_fetch([("crm_consent_ids", "any", refusals)], ["email_normalized"])
        )
        return set(filter(None, partners.mapped("email_normalized")))

    def _withdraw_consent(self, email):
        """Record that whoever has this address said no to what the mailing is for.

        :return: whether a contact has it
        """
        self.ensure_one()
        partners = self.env["mailing.subscription"]._find_partners(
            [email_normalize(email or "")]
        )
        purpose = self._get_purpose()
        if not partners or purpose.basis == "contract":
            return False
        self.env["crm.consent"].sudo()._record(
            partners,
            purpose.code,
            "email",
            False,
            self.env._("Unsubscribe button of the mail program"),
            purpose._get_wording("email"),
            document=self,
        )
        return True

    def _action_send_mail(self, res_ids=None):
        """Ask the gate for hand-picked recipients too; sending starts the campaign."""
        for mailing in self:
            mailing._check_campaign_not_paused()
            chosen = res_ids
            if mailing.sudo().segment_ids:
                if res_ids:
                    chosen = mailing._filter_audience(res_ids)
                    if not chosen:
                        raise UserError(
                            self.env._(
                                "None of these contacts is in the segments of the "
                                "mailing and has allowed it."
                            )
                        )
                campaign = mailing.campaign_id.sudo()
                campaign.filtered(lambda c: c.state != "done").action_start()
            super(MailingMailing, mailing)._action_send_mail(chosen)
        return True

    def action_put_in_queue(self):
        for mailing in self:
            mailing._check_campaign_not_paused()
        return super().action_put_in_queue()

    def _check_campaign_not_paused(self):
        campaign = self.campaign_id.sudo()
        if campaign.state == "paused":
            raise UserError(
                self.env._(
                    "Campaign %s is paused: resume it before you send its mailings.",
                    campaign.title,
                )
            )

    def _filter_audience(self, res_ids):
        domain = self._get_recipients_domain() & Domain("id", "in", res_ids)
        return self.env["res.partner"].search(domain).ids
