from odoo import SUPERUSER_ID, api, fields, models


class CrmCaseIntakeMixin(models.AbstractModel):
    """Cases that customers open and continue by e-mail."""

    _name = "crm.case.intake.mixin"
    _description = "Intake of Cases by Email"
    _inherit = ["mail.thread.cc"]

    is_automatic = fields.Boolean(
        "Opened by a Machine",
        readonly=True,
        copy=False,
        help="The e-mail that opened the case was sent by a program: "
        "it was not acknowledged.",
    )

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Open a case for the sender and acknowledge it."""
        values = dict(custom_values or {})
        partner = self._find_customer(msg_dict)
        # Else the gateway would send e-mails for a contact it does not know.
        msg_dict["author_id"] = msg_dict.get("author_id") or partner.id
        automatic = bool(self.env.context.get("crm_case_automatic_email"))
        values.update(
            name=msg_dict.get("subject") or self.env._("No subject"),
            partner_id=partner.id,
            description=msg_dict.get("body"),
            channel="email",
            is_automatic=automatic,
            date_received=msg_dict.get("date") or fields.Datetime.now(),
        )
        team = self.env["crm.case.team"].browse(values.get("team_id"))
        if team:
            values.setdefault("company_id", team.company_id.id)
        # The gateway's user is nobody's agent.
        case = super(
            CrmCaseIntakeMixin, self.with_context(default_user_id=False)
        ).message_new(msg_dict, custom_values=values)
        if not automatic:
            case._acknowledge()
        return case

    def message_update(self, msg_dict, update_vals=None):
        """Take up the work again when a customer, not a machine, has replied."""
        author = self.env["res.partner"].browse(msg_dict.get("author_id"))
        from_customer = not author or author.partner_share
        if from_customer and not self.env.context.get("crm_case_automatic_email"):
            self._follow_customer_reply()
        return super().message_update(msg_dict, update_vals=update_vals)

    @api.model
    def _find_customer(self, msg_dict):
        """Return the contact who wrote; it is created when it is new."""
        partner = self.env["res.partner"].browse(msg_dict.get("author_id"))
        if partner or not msg_dict.get("email_from"):
            return partner
        return self.env["mail.thread"]._partner_find_from_emails_single(
            [msg_dict["email_from"]], no_create=False
        )

    def _acknowledge(self):
        """Tell the customers, in their language, the number and what to expect."""
        now = fields.Datetime.now()
        due = self.filtered(lambda case: case._can_be_acknowledged())
        templates = due.grouped(lambda case: case.team_id.acknowledgement_template_id)
        for template, cases in templates.items():
            texts = template._generate_template(cases.ids, ("subject", "body_html"))
            for case in cases:
                case._post_acknowledgement(texts[case.id])
            cases.write({"date_acknowledged": now})

    def _post_acknowledgement(self, text):
        # No sender of automatic answers may answer this one (RFC 3834).
        headers = {
            "Auto-Submitted": "auto-replied",
            "X-Auto-Response-Suppress": "All",
        }
        self.with_user(SUPERUSER_ID).message_post(
            author_id=self.company_id.partner_id.id,
            email_from=self.company_id.email_formatted,
            body=text["body_html"],
            subject=text["subject"],
            partner_ids=self.partner_id.ids,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_light",
            force_email_lang=self.partner_id.lang,
            mail_headers=headers,
            notify_author=True,
            notify_skip_followers=True,
        )

    def _can_be_acknowledged(self):
        self.ensure_one()
        return bool(
            self.team_id.acknowledgement_template_id
            and self.partner_id.email_normalized
            and not self.date_acknowledged
        )

    def _get_expected_answer(self):
        """Return until when the customer can expect an answer, or False."""
        self.ensure_one()
        status = self.sudo().sla_status_ids.filtered(
            lambda status: status.target == "first_response"
        )
        return status[:1].deadline or False
