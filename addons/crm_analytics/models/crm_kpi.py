from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

# Days after which the benefit against the baseline is told.
BENEFIT_DAYS = 90
# Of no documents these are 0; the others, such as the average, are unknown.
COUNTING = ("count", "sum", "count_distinct")


class CrmKpi(models.Model):
    """A measure of the CRM plan: its target, what it is now, how it went.

    The figure is taken every night and kept: lists and dashboards read it, and measure
    nothing. With a *date* it is that of the running month, else that of now.
    """

    _name = "crm.kpi"
    _description = "KPI"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Owner", default=lambda self: self.env.user, tracking=True
    )
    objective_id = fields.Many2one(
        "crm.kpi.objective", index="btree_not_null", ondelete="set null"
    )
    model_id = fields.Many2one(
        "ir.model", "Document", required=True, ondelete="cascade", index=True
    )
    model_name = fields.Char(related="model_id.model", string="Model Name")
    domain = fields.Char("Condition", default="[]", required=True)
    aggregate = fields.Selection(
        [
            ("count", "Number of documents"),
            ("sum", "Sum"),
            ("avg", "Average"),
            ("min", "Lowest"),
            ("max", "Highest"),
            ("count_distinct", "Number of different values"),
            ("share", "Share that meets a second condition (%)"),
        ],
        required=True,
        default="count",
    )
    share_domain = fields.Char(
        "Second Condition",
        default="[]",
        help="The share of the documents that meet this one, too.",
    )
    field_id = fields.Many2one(
        "ir.model.fields",
        "Measured Field",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', ('integer', 'float', 'monetary', 'many2one'))]",
    )
    date_field_id = fields.Many2one(
        "ir.model.fields",
        "Date",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', ('date', 'datetime'))]",
        help="Documents of the running month by this date count. Empty: all of now.",
    )
    cause_field_id = fields.Many2one(
        "ir.model.fields",
        "Look for the Cause by",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', 'in', ('many2one', 'selection'))]",
        help="Off target, the activity names the group that is furthest from what it "
        "was a month before.",
    )
    direction = fields.Selection(
        [("up", "More is better"), ("down", "Less is better")],
        required=True,
        default="up",
    )
    target = fields.Float(
        required=True, tracking=True, help="Of months without a target of their own."
    )
    tolerance = fields.Float(
        "Tolerance (%)",
        default=10,
        help="Missing the target by less is amber, not red.",
    )
    corrective_action = fields.Text(
        help="What is done when the figure is off target: said in the activity."
    )
    actual = fields.Float(readonly=True, copy=False)
    actual_date = fields.Datetime("Measured on", readonly=True, copy=False)
    has_figure = fields.Boolean(
        readonly=True,
        copy=False,
        help="An average, a lowest or highest value or a share needs documents.",
    )
    current_target = fields.Float(
        "Target This Month", compute="_compute_light", store=True
    )
    variance = fields.Float(
        "Variance (%)",
        compute="_compute_light",
        store=True,
        aggregator="avg",
        help="Actual against target.",
    )
    light = fields.Selection(
        [("green", "On target"), ("amber", "Close"), ("red", "Off target")],
        compute="_compute_light",
        store=True,
    )
    baseline = fields.Float(
        readonly=True, copy=False, help="As it was when the KPI was set up."
    )
    baseline_date = fields.Date("Since", readonly=True, copy=False)
    benefit = fields.Float(
        compute="_compute_benefit",
        help="Better than the baseline by so much; told 90 days after it.",
    )
    benefit_date = fields.Date(compute="_compute_benefit")
    snapshot_ids = fields.One2many("crm.kpi.snapshot", "kpi_id", "History")
    month_ids = fields.One2many("crm.kpi.month", "kpi_id", "Months")
    standard_id = fields.Many2one(
        "crm.kpi",
        "Comes from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The KPI of the first company that this one was made after.",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    _tolerance_positive = models.Constraint(
        "CHECK(tolerance >= 0)", "The tolerance can't be negative."
    )

    @api.depends(
        "actual", "has_figure", "target", "tolerance", "direction", "month_ids.target"
    )
    def _compute_light(self):
        this_month = fields.Date.context_today(self).replace(day=1)
        for kpi in self:
            month = kpi.month_ids.filtered(lambda line: line.month == this_month)
            kpi.current_target = month.target if month else kpi.target
            actual = kpi.actual if kpi.has_figure else None
            kpi.variance = kpi._get_variance(actual, kpi.current_target)
            kpi.light = kpi._get_light(actual, kpi.current_target)

    @api.depends("actual", "has_figure", "baseline", "baseline_date", "direction")
    def _compute_benefit(self):
        today = fields.Date.context_today(self)
        for kpi in self:
            start = kpi.baseline_date
            kpi.benefit_date = start and fields.Date.add(start, days=BENEFIT_DAYS)
            gain = kpi.actual - kpi.baseline
            is_due = start and kpi.benefit_date <= today and kpi.has_figure
            kpi.benefit = (gain if kpi.direction == "up" else -gain) if is_due else 0

    @api.model
    def _get_variance(self, actual, target):
        known = actual is not None and target
        return (actual - target) / abs(target) * 100 if known else 0

    def _get_light(self, actual, target):
        if actual is None:
            return False
        missed = actual - target if self.direction == "down" else target - actual
        if missed <= 0:
            return "green"
        return "amber" if missed <= abs(target) * self.tolerance / 100 else "red"

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains("model_id")
    def _check_model_access(self):
        """The figure is shown to all users: who defines it must be allowed to read."""
        for kpi in self:
            # Constraints run as superuser.
            model = self.env[kpi.model_name].with_user(self.env.uid)
            model.check_access("read")

    @api.constrains(
        "model_id",
        "domain",
        "aggregate",
        "field_id",
        "date_field_id",
        "share_domain",
        "cause_field_id",
    )
    def _check_measure(self):
        for kpi in self:
            if kpi.aggregate not in ("count", "share") and not kpi.field_id:
                raise ValidationError(
                    self.env._("%(kpi)s: choose the field to measure.", kpi=kpi.name)
                )
            used = kpi.sudo().field_id + kpi.sudo().date_field_id
            used += kpi.sudo().cause_field_id
            if any(field.model_id != kpi.model_id for field in used):
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: choose fields of the document that is measured.",
                        kpi=kpi.name,
                    )
                )
            kpi._check_can_be_measured()

    def _check_can_be_measured(self):
        try:
            self._measure()
        except (ValueError, SyntaxError, KeyError, UserError) as error:
            raise ValidationError(
                self.env._(
                    "%(kpi)s can't be measured: %(error)s", kpi=self.name, error=error
                )
            ) from error

    @api.model
    def _provide_standard(self, companies=None):
        """Give companies the KPIs that come with the addons, each with its own figures.

        What is there already is left alone.

        :param companies: all by default
        """
        if companies is None:
            companies = self.env["res.company"].search(Domain.TRUE)
        standard = self._get_standard()
        there = {
            (kpi.standard_id.id, kpi.company_id.id)
            for kpi in self.with_context(active_test=False).search(
                [("standard_id", "in", standard.ids)]
            )
        }
        for kpi in standard:
            for company in companies - kpi.company_id:
                if (kpi.id, company.id) not in there:
                    kpi.copy({"company_id": company.id, "standard_id": kpi.id})

    @api.model
    def _get_standard(self):
        """Hook: return the KPIs that each company gets."""
        names = ("loyal_customers", "average_basket", "high_risk")
        kpis = (
            self.env.ref(f"crm_analytics.crm_kpi_{name}", raise_if_not_found=False)
            for name in names
        )
        return self.browse(kpi.id for kpi in kpis if kpi)

    @api.model_create_multi
    def create(self, vals_list):
        kpis = super().create(vals_list)
        kpis._take_actual()
        kpis._take_baseline()
        return kpis

    def write(self, vals):
        result = super().write(vals)
        if {"model_id", "domain", "aggregate", "field_id", "date_field_id",
            "share_domain", "company_id"} & set(vals):  # fmt: skip
            self._take_actual()
        return result

    # ------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------

    def _get_measured_domain(self, first=None, following=None):
        """Hook: return the domain of the documents, of a month where it has a date."""
        domain = Domain(literal_eval(self.domain or "[]"))
        if "company_id" in self.env[self.sudo().model_name]._fields:
            domain &= Domain("company_id", "in", [self.company_id.id, False])
        date_name = self.sudo().date_field_id.name
        if date_name:
            first = first or fields.Date.context_today(self).replace(day=1)
            following = following or fields.Date.add(first, months=1)
            domain &= Domain(date_name, ">=", str(first))
            domain &= Domain(date_name, "<", str(following))
        return domain

    def _get_aggregate(self):
        if self.aggregate in ("count", "share"):
            return "__count"
        return f"{self.sudo().field_id.name}:{self.aggregate}"

    def _measure(self, first=None, following=None):
        """Return the figure over all documents of the company; ``None`` if unknown.

        :param first: first day of a month; the running one by default
        :param following: first day after it
        """
        self.ensure_one()
        model = self.env[self.sudo().model_name].sudo()
        domain = self._get_measured_domain(first, following)
        [(value, count)] = model._read_group(
            domain, [], [self._get_aggregate(), "__count"]
        )
        if self.aggregate in COUNTING:
            return value or 0
        if not count or value is None or value is False:
            return None
        if self.aggregate == "share":
            return 100 * model.search_count(domain & self._get_share_domain()) / count
        return value

    def _get_share_domain(self):
        return Domain(literal_eval(self.share_domain or "[]"))

    def _measure_each(self, first=None, following=None):
        """Hook: return the figure of each, see :meth:`_measure`.

        :rtype: dict[crm.kpi, float | None]
        """
        return {kpi: kpi._measure(first, following) for kpi in self}

    def _take_actual(self):
        now = fields.Datetime.now()
        for kpi, actual in self._measure_each().items():
            kpi.write(
                {
                    "actual": actual or 0,
                    "has_figure": actual is not None,
                    "actual_date": now,
                }
            )

    def _take_baseline(self):
        """Remember where it began: the last full month, or now without a date."""
        today = fields.Date.context_today(self)
        this_month = today.replace(day=1)
        before = fields.Date.subtract(this_month, months=1)
        for kpi, figure in self._measure_each(before, this_month).items():
            if figure is not None:
                kpi.baseline = figure
                kpi.baseline_date = today

    @api.depends(
        "model_id", "domain", "aggregate", "field_id", "date_field_id", "share_domain"
    )
    def _compute_preview(self):
        """Show the figure and five of its documents while the KPI is being set up."""
        for kpi in self:
            kpi.preview = kpi._make_preview() if kpi.model_id else False

    def _make_preview(self):
        try:
            model = self.env[self.sudo().model_name]
            documents = model.search(self._get_measured_domain(), limit=5)
            return self.env["ir.qweb"]._render(
                "crm_analytics.crm_kpi_preview",
                {
                    "figure": self._say_figure() if model.has_access("read") else "",
                    "names": documents.mapped("display_name"),
                },
            )
        except (ValueError, SyntaxError, KeyError, UserError) as error:
            return self.env["ir.qweb"]._render(
                "crm_analytics.crm_kpi_preview", {"error": str(error), "names": []}
            )

    def _say_figure(self):
        figure = self._measure()
        return "–" if figure is None else f"{figure:,.6g}"

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_documents(self):
        """Open the documents behind the figure, with the user's own rights."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.model_name,
            "views": [(False, "list"), (False, "form")],
            "domain": list(self._get_measured_domain()),
        }

    def action_snapshot(self):
        """Measure now and write down the figures of today."""
        self.check_access("write")
        self._take_actual()
        self.env["crm.kpi.snapshot"]._take(self)
        self.env["crm.kpi.month"]._take(self)

    def action_plan_year(self):
        """Make the months from now on for a year, with the target as it is."""
        self.check_access("write")
        self.env["crm.kpi.month"]._plan(self, 12)
