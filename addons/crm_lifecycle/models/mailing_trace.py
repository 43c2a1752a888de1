from odoo import api, fields, models
from odoo.tools import email_normalize


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        compute="_compute_partner_id",
        store=True,
        index="btree_not_null",
        ondelete="set null",
        help="The contact behind the recipient, whatever document was mailed.",
    )

    crm_click_date = fields.Datetime(
        "Clicked by the Recipient",
        readonly=True,
        copy=False,
        help="The first click that was not a mail scanner's.",
    )

    @api.depends("model", "res_id", "email")
    def _compute_partner_id(self):
        for model_name, traces in self.grouped("model").items():
            partner_by_id = self._get_partner_by_document(model_name, traces)
            for trace in traces:
                trace.partner_id = partner_by_id.get(trace.res_id)
        unknown = self.filtered(lambda trace: not trace.partner_id and trace.email)
        partner_by_email = self._get_partner_by_email(unknown)
        for trace in unknown:
            trace.partner_id = partner_by_email.get(email_normalize(trace.email))

    def _get_partner_by_email(self, traces):
        """Return the oldest contact of each address: leads and lists name none."""
        emails = set(filter(None, map(email_normalize, traces.mapped("email"))))
        partners = self.env["res.partner"].sudo()
        if not emails:
            return {}
        partners = partners.search_fetch(
            [("email_normalized", "in", list(emails))],
            ["email_normalized"],
            order="id desc",
        )
        return {partner.email_normalized: partner for partner in partners}

    def _get_partner_by_document(self, model_name, traces):
        if model_name not in self.env:
            return {}
        documents = self.env[model_name].sudo().browse(traces.mapped("res_id")).exists()
        if model_name == "res.partner":
            return {partner.id: partner for partner in documents}
        if "partner_id" not in documents._fields:
            return {}
        return {document.id: document.partner_id for document in documents}

    def set_sent(self, domain=None):
        traces = super().set_sent(domain=domain)
        self.env["crm.customer.event.type"]._capture("mailing_sent", traces)
        return traces

    def set_opened(self, domain=None):
        traces = super().set_opened(domain=domain)
        self.env["crm.customer.event.type"]._capture("mailing_opened", traces)
        return traces

    def set_clicked(self, domain=None):
        traces = super().set_clicked(domain=domain)
        if not self.env.context.get("crm_judge_click"):
            for trace in traces - traces.filtered("crm_click_date"):
                trace.crm_click_date = trace.links_click_datetime
            self.env["crm.customer.event.type"]._capture("mailing_clicked", traces)
        return traces

    def set_bounced(self, domain=None, bounce_message=False):
        traces = super().set_bounced(domain=domain, bounce_message=bounce_message)
        self.env["crm.customer.event.type"]._capture("mailing_bounced", traces)
        return traces
