from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CrmCaseVisit(models.Model):
    """A technician goes to the customer: when, and what he found, did and used."""

    _name = "crm.case.visit"
    _description = "Visit"
    _inherit = ["mail.thread"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "crm.case", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="case_id.partner_id", store=True, index=True)
    address = fields.Char(compute="_compute_address", compute_sudo=True)
    phone = fields.Char(related="case_id.phone")
    case_description = fields.Html(related="case_id.description")
    product_id = fields.Many2one(related="case_id.product_id")
    warranty_state = fields.Selection(related="case_id.warranty_state")
    coverage = fields.Text(related="case_id.coverage")
    history = fields.Text(compute="_compute_history")
    user_id = fields.Many2one(
        "res.users",
        "Technician",
        required=True,
        index=True,
        tracking=True,
        domain="[('share', '=', False)]",
    )
    date_start = fields.Datetime("From", required=True, tracking=True)
    duration = fields.Float("Hours", required=True, default=1)
    date_stop = fields.Datetime("To", compute="_compute_date_stop", store=True)
    event_id = fields.Many2one(
        "calendar.event", "Meeting", readonly=True, copy=False, index="btree_not_null"
    )
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Done"), ("cancelled", "Cancelled")],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    instructions = fields.Text(help="What the technician should do and bring.")
    report = fields.Text("Result", help="What was found and done.")
    is_solved = fields.Boolean("The Matter Is Solved")
    photo_ids = fields.Many2many("ir.attachment", string="Photos", copy=False)
    part_ids = fields.One2many("crm.case.visit.part", "visit_id", "Parts Used")
    signature = fields.Binary("Customer's Signature", copy=False, attachment=True)
    signed_by = fields.Char("Signed by", copy=False)

    _duration_positive = models.Constraint(
        "CHECK (duration > 0)", "Enter how long the visit takes."
    )

    @api.depends("case_id", "date_start")
    def _compute_display_name(self):
        for visit in self:
            visit.display_name = f"{visit.case_id.number} {visit.partner_id.name or ''}"

    @api.depends("date_start", "duration")
    def _compute_date_stop(self):
        for visit in self:
            length = timedelta(hours=visit.duration)
            visit.date_stop = visit.date_start and visit.date_start + length

    @api.depends("partner_id")
    def _compute_address(self):
        for visit in self:
            lines = (visit.partner_id.contact_address or "").split("\n")
            visit.address = ", ".join(line for line in lines if line.strip())

    @api.depends("case_id")
    def _compute_history(self):
        """Name the customer's last cases about the same product and their end."""
        for visit in self:
            before = self.env["crm.case"].search(
                [
                    ("commercial_partner_id", "!=", False),
                    (
                        "commercial_partner_id",
                        "=",
                        visit.case_id.commercial_partner_id.id,
                    ),
                    ("id", "!=", visit.case_id.id),
                ],
                order="date_received desc",
                limit=5,
            )
            visit.history = "\n".join(each._get_history_line() for each in before)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        visits = super().create(vals_list)
        for visit in visits:
            visit.event_id = self.env["calendar.event"].create(
                visit._prepare_event_values()
            )
            visit.case_id._note(
                self.env._(
                    "Visit of %(technician)s planned.", technician=visit.user_id.name
                )
            )
        return visits

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"date_start", "duration", "user_id"}:
            for visit in self.filtered("event_id"):
                visit.event_id.sudo().write(visit._prepare_event_values())
        return result

    def _prepare_event_values(self):
        partners = self.user_id.partner_id | self.partner_id
        return {
            "name": self.env._("Visit: %s", self.case_id.display_name),
            "user_id": self.user_id.id,
            "partner_ids": [Command.set(partners.ids)],
            "start": self.date_start,
            "stop": self.date_stop,
            "location": self.address,
            "description": self.instructions,
            "res_model_id": self.env["ir.model"]._get_id("crm.case"),
            "res_id": self.case_id.id,
        }

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_done(self):
        """Bring the result back into the case."""
        for visit in self:
            if visit.state != "planned":
                raise UserError(self.env._("This visit is over."))
            if not visit.report:
                raise UserError(
                    self.env._("Write under Result what you found and did.")
                )
            visit.state = "done"
            visit._report_to_case()

    def action_cancel(self):
        self.write({"state": "cancelled"})
        self.event_id.sudo().write({"active": False})

    def action_plan_again(self):
        self.write({"state": "planned"})
        self.event_id.sudo().write({"active": True})

    def action_open_case(self):
        self.ensure_one()
        return self.case_id._get_form_action()

    def _report_to_case(self):
        self.ensure_one()
        rows = self._get_report_rows()
        text = "\n".join(f"{label}: {value}" for label, value in rows if value)
        self.case_id.message_post(
            body=text,
            attachment_ids=self.photo_ids.ids,
            subtype_xmlid="mail.mt_note",
        )

    def _get_report_rows(self):
        """Return labels and texts of what goes back into the case."""
        parts = ", ".join(part.display_name for part in self.part_ids)
        return [
            (self.env._("Visit of"), self.user_id.name),
            (self.env._("Result"), self.report),
            (self.env._("Parts"), parts),
            (self.env._("Signed by"), self.signed_by),
        ]
