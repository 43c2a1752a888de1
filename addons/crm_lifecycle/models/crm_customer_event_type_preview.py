from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang
from odoo.tools.misc import format_datetime

from .crm_customer_event_type_history import STATEMENT_ERRORS

EXAMPLES = 10


class CrmCustomerEventTypePreview(models.Model):
    """What a definition would give, told before it is saved or switched on."""

    _inherit = "crm.customer.event.type"

    preview_count = fields.Integer(
        "Events in the History", compute="_compute_preview", compute_sudo=False
    )
    preview_examples = fields.Html(compute="_compute_preview", compute_sudo=False)
    preview_error = fields.Char(compute="_compute_preview", compute_sudo=False)

    @api.depends(
        "model_id",
        "domain",
        "date_path",
        "partner_path",
        "company_path",
        "value_path",
        "campaign_path",
        "occurrence_path",
        "repeats",
    )
    def _compute_preview(self):
        for event_type in self:
            event_type.preview_count = 0
            event_type.preview_examples = event_type.preview_error = False
            if not event_type.model_id or not event_type.model_name:
                continue
            try:
                with self.env.cr.savepoint(flush=False):
                    event_type._preview()
            except (UserError, ValueError, KeyError, *STATEMENT_ERRORS) as error:
                event_type.preview_error = str(error)

    def _preview(self):
        self._get_fact_model().with_user(self.env.uid).check_access("read")
        self.env.flush_all()
        query, columns = self._compile(Domain.TRUE)
        columns["type_id"] = SQL("0")
        facts = self._select_facts(query, columns)
        if self.repeats:
            facts = self._repeat_facts(facts, columns, None)
        [(self.preview_count,)] = self.env.execute_query(
            SQL("SELECT count(*) FROM (%s) fact WHERE date IS NOT NULL", facts)
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT date, partner_id, res_id, value, company_id FROM (%s) fact
                 WHERE date IS NOT NULL ORDER BY date DESC, res_id DESC LIMIT %s
                """,
                facts,
                EXAMPLES,
            )
        )
        self.preview_examples = self._show_examples(rows)

    def _show_examples(self, rows):
        """Return a table of facts: date, customer, document, value."""
        lines = Markup("").join(
            Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>")
            % tuple(self._describe_fact(*row))
            for row in rows
        )
        head = Markup("<th>%s</th>" * 4) % (
            self.env._("Date"),
            self.env._("Customer"),
            self.env._("Document"),
            self.env._("Value"),
        )
        return Markup('<table class="table table-sm"><tr>%s</tr>%s</table>') % (
            head,
            lines,
        )

    def _describe_fact(self, date, partner_id, res_id, value, company_id):
        yield format_datetime(self.env, date, dt_format="short")
        yield self.env["res.partner"].sudo().browse(partner_id).display_name
        document = self.env[self.model_name].browse(res_id)
        readable = document._filtered_access("read")
        yield readable.display_name or self.env._("(not for you)")
        currency = self.env["res.company"].sudo().browse(company_id).currency_id
        yield formatLang(self.env, value, currency_obj=currency) if value else ""
