from odoo import api, fields, models


class CrmJourneyStep(models.Model):
    """Text messages to customers, written on the step.

    Each step has a mailing of its own, which keeps links, answers and deliveries.
    """

    _inherit = "crm.journey.step"

    kind = fields.Selection(
        selection_add=[
            ("message",),
            ("sms", "Send a text message"),
            ("activity",),
        ],
        ondelete={"sms": "cascade"},
    )
    message_step_id = fields.Many2one(
        domain="[('version_id', '=', version_id), ('kind', 'in', ('message', 'sms'))]"
    )
    sms_body = fields.Text(
        "Text", related="mailing_id.body_plaintext", readonly=False, related_sudo=True
    )
    sms_model = fields.Char(related="mailing_id.mailing_model_real")
    sms_purpose_id = fields.Many2one(
        related="mailing_id.consent_purpose_id",
        string="Text Message For",
        readonly=False,
        help="Decides who has to have allowed it.",
    )
    # Named unlike the mailing's field: the widget of texts would take this record for
    # a mailing.
    sms_stop_link = fields.Boolean(
        "Link to Opt Out",
        related="mailing_id.sms_allow_unsubscribe",
        readonly=False,
        help="Adds a line of some 40 characters.",
    )

    # ------------------------------------------------------------
    # The mailing behind the step
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        bare = [
            vals
            for vals in vals_list
            if vals.get("kind") == "sms" and not vals.get("mailing_id")
        ]
        mailings = self.env["mailing.mailing"].create(
            [self._prepare_sms_mailing(vals) for vals in bare]
        )
        for vals, mailing in zip(bare, mailings, strict=True):
            vals["mailing_id"] = mailing.id
        return super().create(vals_list)

    @api.model
    def _prepare_sms_mailing(self, vals):
        version = self.env["crm.journey.version"].browse(vals["version_id"])
        journey = version.journey_id
        return {
            "subject": vals.get("name") or journey.name,
            "mailing_type": "sms",
            "is_journey_message": True,
            "mailing_model_id": journey._get_sms_model().id,
            "campaign_id": journey.campaign_id.id,
        }

    def write(self, vals):
        result = super().write(vals)
        if vals.get("name"):
            texts = self.filtered(lambda step: step.kind == "sms").mailing_id
            texts.filtered(lambda text: text.state == "draft").subject = vals["name"]
        return result

    def unlink(self):
        """Nobody would find the text of a step again that is gone."""
        texts = self.filtered(lambda step: step.kind == "sms").mailing_id
        result = super().unlink()
        texts.filtered(
            lambda text: text.state == "draft" and not text.sudo().mailing_trace_ids
        ).unlink()
        return result

    def action_test_sms(self):
        self.ensure_one()
        return self.mailing_id.action_test()

    # ------------------------------------------------------------
    # Looks
    # ------------------------------------------------------------

    @api.model
    def _get_kinds(self):
        return {**super()._get_kinds(), "sms": ("fa-commenting", "send")}

    @api.model
    def _get_message_kinds(self):
        return (*super()._get_message_kinds(), "sms")

    def _get_sms_outcomes(self):
        return self._get_message_outcomes()

    def _get_sms_problems(self):
        return self._get_missing_problem("sms_body") or self._get_message_problems()

    def _get_sms_text(self):
        return " ".join((self.sms_body or "").split())

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    def _run_sms(self, participants):
        self._run_message(self._drop_without_number(participants))

    def _try_sms(self, participants):
        self._try_message(self._drop_without_number(participants))

    def _drop_without_number(self, participants):
        """Who can't be reached goes on, before he waits for quiet hours to end."""
        participants = self._drop_without_contact(participants)
        record_by_id = self._get_sms_records(participants)
        records = self.env[self.sms_model].sudo().union(*record_by_id.values())
        info = records._sms_get_recipients_info()
        without = [
            key for key, record in record_by_id.items() if not info[record.id]["number"]
        ]
        wrong = [
            key
            for key, record in record_by_id.items()
            if key not in without and not info[record.id]["sanitized"]
        ]
        self._move(without, "not_sent", self.env._("There is no phone number."))
        self._move(wrong, "not_sent", self.env._("The phone number is not valid."))
        return participants - participants.browse(without + wrong)

    def _get_sms_records(self, participants):
        """Return the record each participant is written to about.

        :rtype: dict[int, models.BaseModel]
        """
        model = self.env[self.sms_model].sudo().with_company(self.company_id)
        by_contact = model._name == "res.partner"
        return {
            participant.id: model.browse(
                participant.contact_id.id if by_contact else participant.res_id
            )
            for participant in participants
        }

    def _send(self, participants):
        """The queue takes none for who said no to it by the same number."""
        if self.mailing_id.mailing_type != "sms" or not participants:
            return super()._send(participants)
        last = self._get_last_trace_id()
        unsent = super()._send(participants)
        traces = self.env["mailing.trace"].sudo()
        cancelled = traces.search(
            [
                ("id", ">", last),
                ("mass_mailing_id", "=", self.mailing_id.id),
                ("trace_status", "=", "cancel"),
            ]
        )
        labels = dict(traces._fields["failure_type"]._description_selection(self.env))
        label_by_id = {
            trace.res_id: labels.get(trace.failure_type, self.env._("Cancelled"))
            for trace in cancelled
        }
        records = self._get_sms_records(participants)
        return unsent | {
            key: label_by_id[record.id]
            for key, record in records.items()
            if record.id in label_by_id
        }

    def _get_last_trace_id(self):
        traces = self.env["mailing.trace"].sudo()
        return traces.search([], order="id desc", limit=1).id or 0
