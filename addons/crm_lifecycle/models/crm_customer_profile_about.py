from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from ..profile_metrics.metric_source import MetricSource
from ..profile_metrics.wanted_customers import WantedCustomers


class CrmCustomerProfileAbout(models.Model):
    """Where each figure of the profile comes from."""

    _inherit = "crm.customer.profile"

    about_figures = fields.Html(
        compute="_compute_about_figures", compute_sudo=False, sanitize=False
    )

    @api.depends("refresh_date")
    @api.depends_context("uid", "lang")
    def _compute_about_figures(self):
        table = self._render_origins(self._get_figure_origins())
        for profile in self:
            profile.about_figures = table

    @api.model
    def _get_figure_origins(self):
        """Hook: return the sources of all figures, those too that no refresh fills.

        :rtype: list[MetricSource]
        """
        nobody = WantedCustomers(SQL("SELECT NULL::int, NULL::int"))
        stage = MetricSource(
            "lifecycle_stage",
            ("lifecycle_stage",),
            SQL(),
            self.env._("The other figures"),
            self.env._("By the limits in the settings, forward and back."),
        )
        return [*self.sudo()._get_metric_sources(nobody), stage]

    @api.model
    def _render_origins(self, sources):
        """Return a table of the figures that the user may see, by source."""
        titles = (
            self.env._("Figure"),
            self.env._("What it says"),
            self.env._("Comes from"),
            self.env._("Added by"),
        )
        head = Markup().join(Markup("<th>%s</th>") % title for title in titles)
        rows = (self._render_source(source) for source in sources)
        return Markup(
            '<table class="table table-sm"><thead><tr>%s</tr></thead>%s</table>'
        ) % (head, Markup().join(rows))

    @api.model
    def _render_source(self, source):
        fields_shown = [
            self._fields[name]
            for name in source.columns
            if self._has_field_access(self._fields[name], "read")
        ]
        origin = Markup("%s<br/><small class='text-muted'>%s</small>") % (
            source.label or source.name,
            source.description,
        )
        span = Markup("<td rowspan='%s'>%s</td>") % (len(fields_shown), origin)
        return Markup().join(
            Markup("<tr><td>%s</td><td>%s</td>%s<td>%s</td></tr>")
            % (
                field._description_string(self.env),
                field._description_help(self.env) or "",
                "" if number else span,
                self._get_addon_name(field),
            )
            for number, field in enumerate(fields_shown)
        )

    @api.model
    def _get_addon_name(self, field):
        """Return the name of the addon that brought ``field``, as users know it."""
        if field.manual:
            return self.env._("A metric of yours")
        modules = self.env["ir.module.module"].sudo()
        return modules._get(next(iter(field._modules), "crm_lifecycle")).shortdesc
