from ast import literal_eval

from odoo import api, fields, models

from .case_portal_mixin import REOPEN_DAYS


class CrmCaseTeam(models.Model):
    """A queue in which cases wait, and the people who work on it.

    E-mails to the team's address open cases; its working hours are those in which
    service levels are counted.
    """

    _name = "crm.case.team"
    _description = "Service Team"
    _inherit = ["mail.alias.mixin", "mail.thread"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer("Color Index")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    alias_id = fields.Many2one(help="E-mails to this address open a case.")
    user_id = fields.Many2one(
        "res.users",
        "Team Leader",
        domain="[('share', '=', False)]",
        check_company=True,
    )
    member_ids = fields.Many2many(
        "res.users",
        string="Members",
        domain="[('share', '=', False)]",
        check_company=True,
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        "Working Hours",
        required=True,
        default=lambda self: self.env.company.resource_calendar_id,
        check_company=True,
        help="Service levels are counted in these hours.",
    )
    case_type = fields.Selection(
        selection=lambda self: self._selection_case_type(),
        string="Type of New Cases",
        required=True,
        default="question",
        help="Type of the cases that e-mails to this team open.",
    )
    assignment = fields.Selection(
        [
            ("manual", "By hand"),
            ("round_robin", "In turn"),
            ("least_loaded", "Least loaded first"),
            ("most_skilled", "Most skilled first"),
        ],
        required=True,
        default="manual",
        help="In turn: whoever has waited longest for a case gets the next one.\n"
        "Least loaded first: whoever has the fewest open cases gets it.\n"
        "Most skilled first: whoever knows best what the routing rule asks for.",
    )
    channel_weight_ids = fields.One2many(
        "crm.case.channel.weight", "team_id", "Weight of Channels"
    )
    acknowledgement_template_id = fields.Many2one(
        "mail.template",
        "Acknowledgement",
        domain="[('model', '=', 'crm.case')]",
        default=lambda self: self._default_acknowledgement_template_id(),
        help="Sent when a customer opens a case by e-mail. Leave empty to send none.",
    )
    reopen_days = fields.Integer(
        "Customers May Reopen (days)",
        default=REOPEN_DAYS,
        help="How many days after closing a customer can open his case again on the "
        "portal. Later he opens a new one.",
    )
    open_count = fields.Integer("Open Cases", compute="_compute_case_counts")
    unassigned_count = fields.Integer("Unassigned", compute="_compute_case_counts")
    late_count = fields.Integer("Late", compute="_compute_case_counts")

    def _selection_case_type(self):
        return self.env["crm.case"]._fields["case_type"].selection

    def _default_acknowledgement_template_id(self):
        return self.env.ref(
            "crm_feedback.mail_template_case_acknowledgement", raise_if_not_found=False
        )

    def _compute_case_counts(self):
        open_domain = [
            ("team_id", "in", self.ids),
            ("stage_kind", "in", ("open", "waiting")),
        ]
        counts = {
            name: self._count_cases(open_domain + domain)
            for name, domain in (
                ("open_count", []),
                ("unassigned_count", [("user_id", "=", False)]),
                ("late_count", [("date_due", "<", fields.Datetime.now())]),
            )
        }
        for team in self:
            for name, by_team in counts.items():
                team[name] = by_team.get(team, 0)

    @api.model
    def _count_cases(self, domain):
        """Return the number of cases by team."""
        return dict(self.env["crm.case"]._read_group(domain, ["team_id"], ["__count"]))

    @api.onchange("company_id")
    def _onchange_company_id(self):
        calendar = self.resource_calendar_id
        if calendar.company_id and calendar.company_id != self.company_id:
            self.resource_calendar_id = self.company_id.resource_calendar_id

    def write(self, vals):
        result = super().write(vals)
        if "case_type" in vals or "company_id" in vals:
            for team in self:
                team.alias_id.sudo().write(team._alias_get_creation_values())
        if "resource_calendar_id" in vals:
            self.env["crm.case"]._refresh_service_levels([("team_id", "in", self.ids)])
        return result

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("crm.case")
        if self.id:
            defaults = literal_eval(self.alias_defaults or "{}")
            defaults.update(
                team_id=self.id,
                case_type=self.case_type,
                company_id=self.company_id.id,
            )
            values["alias_defaults"] = defaults
        return values

    @api.model
    def _get_default(self, company):
        """Return the team whose queue takes what nobody sent anywhere."""
        return self.search([("company_id", "=", company.id)], limit=1)

    def action_open_cases(self):
        """Open the queue, narrowed by the context's ``search_default_*``."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        keep = {
            key: value
            for key, value in self.env.context.items()
            if key.startswith("search_default_")
        }
        action["context"] = dict(
            keep, search_default_team_id=self.id, default_team_id=self.id
        )
        return action
