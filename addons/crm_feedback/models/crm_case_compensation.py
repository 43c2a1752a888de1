from odoo import api, fields, models
from odoo.exceptions import UserError

# What only the steps of approval may change.
DECIDED_FIELDS = {"state", "approver_id", "date_granted", "res_model", "res_id"}


class CrmCaseCompensation(models.Model):
    """What a customer is given to make good, and the document that gives it.

    Requested by the agent; above the limit of his team it waits for the team leader or
    a service manager. Granted, it makes the document in the ERP (``_make_<kind>`` in
    ``crm_case_compensation_<document>.py`` and in the addons of other apps).
    """

    _name = "crm.case.compensation"
    _description = "Compensation"
    _order = "id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "crm.case", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="case_id.partner_id", store=True, index=True)
    team_id = fields.Many2one(related="case_id.team_id", store=True)
    kind = fields.Selection(
        selection="_selection_kind", required=True, default="refund"
    )
    reason = fields.Text(required=True, help="Why the customer gets it.")
    invoice_id = fields.Many2one(
        "account.move",
        compute="_compute_invoice_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        check_company=True,
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), "
        "('commercial_partner_id', 'parent_of', partner_id)]",
    )
    line_ids = fields.Many2many(
        "crm.case.line",
        string="Products",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        domain="[('case_id', '=', case_id)]",
        help="As they stand on the tab Products of the case, with their quantities.",
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)
    points = fields.Float(digits=0)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_approve", "To Approve"),
            ("granted", "Granted"),
            ("refused", "Refused"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    approver_id = fields.Many2one(
        "res.users", "Decided by", readonly=True, copy=False, index="btree_not_null"
    )
    date_granted = fields.Datetime("Granted on", readonly=True, copy=False)
    res_model = fields.Char(readonly=True, copy=False)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", readonly=True, copy=False
    )
    document_name = fields.Char("Made", compute="_compute_document_name")
    can_approve = fields.Boolean(compute="_compute_can_approve")

    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")

    @api.model
    def _selection_kind(self):
        """Hook: kinds of compensation; each has its ``_make_<kind>``."""
        return [
            ("refund", self.env._("Refund of products")),
            ("credit", self.env._("Credit of an amount")),
            ("replacement", self.env._("Replacement")),
            ("goodwill", self.env._("Goodwill points")),
        ]

    # ------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------

    @api.depends("kind", "state")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for compensation in self:
            number = compensation.case_id.number
            compensation.display_name = f"{number}: {kinds.get(compensation.kind, '')}"

    @api.depends("case_id")
    def _compute_invoice_id(self):
        for compensation in self:
            case = compensation.case_id
            invoices = case.invoice_id | case.sale_order_id.invoice_ids
            compensation.invoice_id = (
                compensation.invoice_id
                or invoices.filtered(
                    lambda move: move.move_type == "out_invoice"
                    and move.state == "posted"
                )[:1]
            )

    @api.depends("case_id")
    def _compute_line_ids(self):
        for compensation in self:
            compensation.line_ids = compensation.line_ids or (
                compensation.case_id.line_ids._origin
            )

    @api.depends("line_ids.amount", "kind")
    def _compute_amount(self):
        for compensation in self:
            if compensation.state not in (False, "draft"):
                # What was decided stays, whatever becomes of the products.
                compensation.amount = compensation.amount
            elif compensation.kind == "goodwill":
                compensation.amount = 0
            else:
                compensation.amount = sum(compensation.line_ids.mapped("amount"))

    @api.depends("res_model", "res_id")
    def _compute_document_name(self):
        for compensation in self:
            document = compensation.sudo()._get_document()
            compensation.document_name = document.display_name if document else False

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        for compensation in self:
            compensation.can_approve = compensation._is_approver()

    def _get_document(self):
        self.ensure_one()
        if not self.res_id or self.res_model not in self.env:
            return None
        return self.env[self.res_model].browse(self.res_id).exists() or None

    def _is_approver(self):
        """The leader of the case's team and service managers decide."""
        self.ensure_one()
        user = self.env.user
        return self.sudo().team_id.user_id == user or user.has_group(
            "crm_feedback.crm_feedback_group_manager"
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: vals[name] for name in vals.keys() - DECIDED_FIELDS}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if vals.keys() & DECIDED_FIELDS:
                raise UserError(
                    self.env._("Request, approve or refuse it with the buttons.")
                )
            if self.filtered(lambda each: each.state != "draft"):
                raise UserError(
                    self.env._("What was requested stays as it is. Make a new one.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if self.filtered(lambda each: each.state != "draft"):
            raise UserError(self.env._("What was requested is kept as a record."))

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_request(self):
        """Grant what is within the limit; ask for the rest."""
        for compensation in self:
            compensation._check_access_to_case()
            # Computed before the state changes, and kept from then on.
            self.env.flush_all()
            compensation._check_request()
            if compensation._needs_approval() and not compensation._is_approver():
                compensation._ask_for_approval()
            else:
                compensation._grant()
        return {"type": "ir.actions.act_window_close"}

    def action_approve(self):
        self._check_decision()
        for compensation in self:
            compensation._grant()

    def action_refuse(self):
        self._check_decision()
        self.sudo().write({"state": "refused", "approver_id": self.env.uid})
        for compensation in self:
            compensation._close_request(self.env._("Compensation refused."))

    def action_open_document(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------

    def _check_access_to_case(self):
        self.check_access("write")
        self.case_id.check_access("write")

    def _check_request(self):
        if self.state != "draft":
            raise UserError(self.env._("This was requested already."))
        if self.kind == "goodwill" and self.points <= 0:
            raise UserError(self.env._("Enter how many points the customer gets."))
        if self.kind == "credit" and self.amount <= 0:
            raise UserError(self.env._("Enter the amount that the customer gets."))
        if self.kind in ("refund", "replacement") and not self.line_ids:
            raise UserError(
                self.env._(
                    "Choose the products. Enter them on the tab Products of the case "
                    "if there are none."
                )
            )

    def _check_decision(self):
        for compensation in self:
            if compensation.state != "to_approve":
                raise UserError(self.env._("This does not wait for approval."))
            if not compensation._is_approver():
                raise UserError(
                    self.env._(
                        "Only the leader of %(team)s and service managers decide on "
                        "this.",
                        team=compensation.team_id.name or self.env._("the team"),
                    )
                )

    def _needs_approval(self):
        """Tell whether the case goes above the limit with this compensation."""
        limit = (
            self.env["crm.compensation.limit"]
            .sudo()
            ._get_limit(self.case_id, self.kind)
        )
        return bool(limit) and self._get_total_of_case() > limit.amount

    def _get_total_of_case(self):
        """Return what the customer got for this case, of this kind, with this."""
        same = self.sudo().case_id.compensation_ids.filtered(
            lambda each: each.kind == self.kind
            and (each == self or each.state in ("to_approve", "granted"))
        )
        return sum(same.mapped("points" if self.kind == "goodwill" else "amount"))

    def _ask_for_approval(self):
        self.sudo().state = "to_approve"
        leader = self.sudo().team_id.user_id
        self.case_id.activity_schedule(
            "crm_feedback.mail_activity_type_compensation",
            user_id=leader.id or self.env.uid,
            summary=self.display_name,
            note=self.reason,
        )
        self.case_id._note(
            self.env._("%s asked for: it is above the limit.", self._get_what())
        )

    def _get_what(self):
        """Return kind and size, for notes."""
        kind = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        if self.kind == "goodwill":
            return f"{kind} ({self.points:g})"
        return f"{kind} ({self.currency_id.format(self.amount)})"

    # ------------------------------------------------------------
    # Granting
    # ------------------------------------------------------------

    def _grant(self):
        """Make the document and link it with the case, both ways."""
        self.ensure_one()
        # Whoever may grant need not have the rights of the app that makes it.
        document = getattr(self.sudo(), f"_make_{self.kind}")()
        self.sudo().write(
            {
                "state": "granted",
                "approver_id": self.env.uid,
                "date_granted": fields.Datetime.now(),
                "res_model": document._name if document else False,
                "res_id": document.id if document else False,
            }
        )
        self._resolve_case()
        made = document.display_name if document else self.env._("no document needed")
        self._close_request(
            self.env._("%(what)s granted: %(made)s.", what=self._get_what(), made=made)
        )
        event_types = self.env["crm.customer.event.type"]
        event_types._capture("compensation_granted", self)
        if self.kind == "goodwill":
            event_types._capture("goodwill_granted", self)

    def _resolve_case(self):
        case = self.case_id
        if not case.resolution_id:
            case.resolution_id = self.env["crm.case.resolution"].search(
                [("kind", "=", self.kind)], limit=1
            )

    def _close_request(self, text):
        self.case_id.activity_feedback(["crm_feedback.mail_activity_type_compensation"])
        self.case_id._note(text)

    def _make_goodwill(self):
        """The points are booked by whoever keeps them, from the customer event."""
        return None
