from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..complaint_rates import compare_rates

EFFECT_DAYS = 90
# Rates are per this many orders.
PER = 1000


class CrmCorrectiveActionEffectMixin(models.AbstractModel):
    """Whether an action helped: complaints per 1,000 orders before and after it.

    A complaint counts for the day of the order it is about, else for its own: one
    about an old delivery says nothing about a fix.
    """

    _name = "crm.corrective.action.effect.mixin"
    _description = "Effect of a Corrective Action"

    measured_by = fields.Selection(
        [
            ("cause", "Root cause"),
            ("product", "Products"),
            ("category", "Category"),
            ("supplier", "Supplier"),
        ],
        required=True,
        default="cause",
        help="Which complaints must become fewer, and of which orders.",
    )
    product_ids = fields.Many2many(
        "product.product", string="Products", check_company=True
    )
    category_id = fields.Many2one("crm.case.category", check_company=True)
    supplier_id = fields.Many2one("res.partner", index="btree_not_null")
    effect_days = fields.Integer(
        "Days Compared",
        default=EFFECT_DAYS,
        required=True,
        help="So many days before and, at most, after the action are compared.",
    )
    date_verify = fields.Date(
        "Verify on",
        tracking=True,
        help="On this day the effect is measured. Without effect the action is "
        "opened again.",
    )
    reopen_count = fields.Integer("Reopened", readonly=True, copy=False)
    complaints_before = fields.Integer(readonly=True, copy=False)
    complaints_after = fields.Integer(readonly=True, copy=False)
    orders_before = fields.Integer(readonly=True, copy=False)
    orders_after = fields.Integer(readonly=True, copy=False)
    rate_before = fields.Float(
        "Per 1,000 Orders Before", compute="_compute_rates", digits=(16, 1)
    )
    rate_after = fields.Float(
        "Per 1,000 Orders After", compute="_compute_rates", digits=(16, 1)
    )
    rate_ratio = fields.Float("After / Before", readonly=True, copy=False)
    ratio_low = fields.Float("From (95 %)", readonly=True, copy=False)
    ratio_high = fields.Float("To (95 %)", readonly=True, copy=False)
    verdict = fields.Selection(
        [
            ("effective", "Effective"),
            ("not_shown", "Not shown"),
            ("worse", "Worse than before"),
        ],
        readonly=True,
        copy=False,
        tracking=True,
    )
    date_measured = fields.Datetime("Measured on", readonly=True, copy=False)

    _days_positive = models.Constraint(
        "CHECK (effect_days > 0)", "Compare at least one day before and after."
    )

    @api.depends(
        "complaints_before", "complaints_after", "orders_before", "orders_after"
    )
    def _compute_rates(self):
        for action in self:
            for side in ("before", "after"):
                orders = action[f"orders_{side}"]
                complaints = action[f"complaints_{side}"]
                action[f"rate_{side}"] = orders and PER * complaints / orders

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_measure(self):
        for action in self:
            action._measure()

    def action_verify(self):
        """Confirm by hand that the action helped."""
        self.action_measure()
        for action in self:
            if action.verdict == "worse":
                raise UserError(
                    self.env._(
                        "Complaints rose after “%s”: it can't be verified. "
                        "Reopen it and look for the cause again.",
                        action.name,
                    )
                )
        self.write({"state": "verified"})

    def action_reopen(self):
        for action in self:
            action.write(
                {
                    "state": "in_progress",
                    "reopen_count": action.reopen_count + 1,
                    "date_done": False,
                    "date_verify": False,
                }
            )

    # ------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------

    def _measure(self):
        """Count what was before and after the action, and judge."""
        self.ensure_one()
        if not self.date_done:
            raise UserError(
                self.env._("“%s” is not done yet: nothing to measure.", self.name)
            )
        before, after = self._get_periods()
        values = {
            "complaints_before": self._count_complaints(*before),
            "complaints_after": self._count_complaints(*after),
            "orders_before": self._count_orders(*before),
            "orders_after": self._count_orders(*after),
            "date_measured": fields.Datetime.now(),
        }
        self.write(values | self._judge(values))

    def _judge(self, counts):
        found = compare_rates(
            counts["complaints_before"],
            counts["orders_before"],
            counts["complaints_after"],
            counts["orders_after"],
        )
        if not found:
            return {"verdict": "not_shown", "rate_ratio": 0, "ratio_high": 0}
        finite = [min(value, 10**6) for value in found]
        return dict(
            zip(("rate_ratio", "ratio_low", "ratio_high"), finite, strict=True),
            verdict=found.verdict,
        )

    def _get_periods(self):
        """Return the times compared: (from, until) before and after the action."""
        done = datetime.combine(self.date_done, time.min)
        length = timedelta(days=self.effect_days)
        until = min(done + length, fields.Datetime.now())
        return (done - length, done), (done, until)

    def _count_complaints(self, start, stop):
        ordered = Domain("sale_order_id.date_order", ">=", start) & Domain(
            "sale_order_id.date_order", "<", stop
        )
        received = (
            Domain("sale_order_id", "=", False)
            & Domain("date_received", ">=", start)
            & Domain("date_received", "<", stop)
        )
        domain = self._get_complaint_domain() & (ordered | received)
        return self.env["crm.case"].sudo().search_count(domain)

    def _get_complaint_domain(self):
        """Return the complaints that must become fewer."""
        scope = {
            "cause": Domain("root_cause_id", "child_of", self.root_cause_id.id),
            "product": Domain("product_id", "in", self.product_ids.ids),
            "category": Domain("category_id", "child_of", self.category_id.id),
            "supplier": Domain("supplier_id", "=", self.supplier_id.id),
        }[self.measured_by]
        return scope & Domain(
            [("case_type", "=", "complaint"), ("company_id", "=", self.company_id.id)]
        )

    def _count_orders(self, start, stop):
        """Return the number of orders that could have led to such a complaint."""
        domain = Domain(
            [
                ("state", "=", "sale"),
                ("company_id", "=", self.company_id.id),
                ("date_order", ">=", start),
                ("date_order", "<", stop),
            ]
        )
        return (
            self.env["sale.order"]
            .sudo()
            .search_count(domain & self._get_order_domain())
        )

    def _get_order_domain(self):
        line = {
            "product": Domain("product_id", "in", self.product_ids.ids),
            "supplier": Domain(
                "product_id.seller_ids.partner_id", "=", self.supplier_id.id
            ),
        }.get(self.measured_by)
        return Domain("order_line", "any", line) if line else Domain.TRUE

    # ------------------------------------------------------------
    # Verification
    # ------------------------------------------------------------

    @api.model
    def _cron_verify(self):
        """Measure what is to be verified; open again what did not help."""
        due = self.search(
            [("state", "=", "done"), ("date_verify", "<=", fields.Date.today())],
            limit=200,
        )
        for action in due:
            action._measure()
            if action.verdict == "effective":
                action.state = "verified"
            else:
                action._reopen_without_effect()

    def _reopen_without_effect(self):
        reason = self.env._(
            "No effect was shown: %(before).1f complaints per 1,000 orders before, "
            "%(after).1f after. Ratio %(ratio).2f, 95 %% from %(low).2f to "
            "%(high).2f.",
            before=self.rate_before,
            after=self.rate_after,
            ratio=self.rate_ratio,
            low=self.ratio_low,
            high=self.ratio_high,
        )
        day = format_date(self.env, self.date_verify)
        self.action_reopen()
        self.message_post(body=reason)
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self.user_id.id,
            summary=self.env._("Not effective on %s: look for the cause again", day),
            note=reason,
        )
