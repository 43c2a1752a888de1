import hashlib
import hmac
import json
from datetime import timedelta

import requests

from odoo import api, fields, models
from odoo.fields import Domain

# Seconds to wait for an answer, and minutes before each further try.
TIMEOUT = 10
PAUSES = (1, 5, 30, 120, 720, 1440)
BATCH = 50


class CrmJourneyWebhook(models.Model):
    """A call to another system, made until it gets through.

    Written in the transaction of the step and sent after it, so that nothing is told
    that did not happen. The other system may get a call twice, with the same key.
    """

    _name = "crm.journey.webhook"
    _description = "Journey Call"
    _order = "id DESC"
    _rec_name = "key"

    step_id = fields.Many2one(
        "crm.journey.step", required=True, ondelete="cascade", index=True
    )
    journey_id = fields.Many2one(related="step_id.journey_id", store=True)
    participant_id = fields.Many2one(
        "crm.journey.participant", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    key = fields.Char(required=True, help="The same for every try of one call.")
    payload = fields.Json(required=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Given Up")],
        required=True,
        default="waiting",
        index=True,
    )
    attempts = fields.Integer("Tries")
    next_date = fields.Datetime("Next Try", default=lambda self: self.env.cr.now())
    answer = fields.Char("Last Answer")

    _key_uniq = models.Constraint("UNIQUE(key)", "This call is there already.")

    @api.model_create_multi
    def create(self, vals_list):
        calls = super().create(vals_list)
        self.env.ref("crm_lifecycle.ir_cron_call_webhooks").sudo()._trigger()
        return calls

    def action_retry(self):
        self.journey_id.check_access("write")
        self.sudo().filtered(lambda call: call.state == "failed").write(
            {"state": "waiting", "attempts": 0, "next_date": self.env.cr.now()}
        )
        self.env.ref("crm_lifecycle.ir_cron_call_webhooks").sudo()._trigger()

    @api.model
    def _cron_call(self):
        domain = Domain("state", "=", "waiting")
        domain &= Domain("next_date", "<=", self.env.cr.now())
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=self.search_count(domain))
        while calls := self.search(domain, limit=BATCH, order="next_date, id"):
            for call in calls:
                call._call()
                if not commit(1):
                    return
        waiting = self.search([("state", "=", "waiting")], order="next_date", limit=1)
        if waiting:
            self.env.ref("crm_lifecycle.ir_cron_call_webhooks").sudo()._trigger(
                waiting.next_date
            )

    def _call(self):
        """Make the call once, and note what came of it."""
        self.ensure_one()
        body = json.dumps(self.payload, sort_keys=True).encode()
        try:
            response = requests.post(
                self.step_id.webhook_url,
                data=body,
                headers=self._get_headers(body),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self._note(False, type(error).__name__)
            return
        self._note(response.ok, f"{response.status_code} {response.reason}")

    def _get_headers(self, body):
        """Return the headers; the signature is the HMAC-SHA256 of the body (RFC 2104),
        in hexadecimal digits."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": self.key}
        secret = self.step_id.sudo().webhook_secret
        if secret:
            signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Signature-SHA256"] = signature
        return headers

    def _note(self, is_through, answer):
        attempts = self.attempts + 1
        vals = {"attempts": attempts, "answer": answer}
        if is_through:
            vals["state"] = "sent"
        elif attempts > len(PAUSES):
            vals["state"] = "failed"
        else:
            pause = timedelta(minutes=PAUSES[attempts - 1])
            vals["next_date"] = fields.Datetime.now() + pause
        self.write(vals)
