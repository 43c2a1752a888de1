from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..complaint_rates import find_discoveries, probability_of_rise

# The newest days are compared with the twelve weeks before.
DAYS = 7
PAST_DAYS = 84
# Fewer cases than these are no rise, whatever the past.
MIN_COUNT = 3
# Of all warnings at most one in twenty is false on average.
FALSE_RATE = 0.05


class CrmEarlyWarning(models.Model):
    """Cases of a category, a product or a supplier are more than usual."""

    _name = "crm.early.warning"
    _description = "Early Warning"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, p_value, id"

    name = fields.Char("What", required=True, readonly=True)
    dimension = fields.Selection(
        selection="_selection_dimension", required=True, readonly=True
    )
    res_id = fields.Integer("Id of What", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    date = fields.Date("Noticed on", required=True, readonly=True, index=True)
    case_count = fields.Integer("Cases in 7 Days", readonly=True)
    expected_count = fields.Float("Expected", readonly=True, digits=(16, 1))
    p_value = fields.Float(
        "Chance",
        readonly=True,
        aggregator="min",
        help="How probable so many cases are if nothing has changed.",
    )
    rarity = fields.Char("Chance of 1 in", compute="_compute_rarity")
    user_id = fields.Many2one(
        "res.users", "Owner", tracking=True, domain="[('share', '=', False)]"
    )
    state = fields.Selection(
        [("new", "New"), ("confirmed", "Confirmed"), ("dismissed", "False Alarm")],
        required=True,
        default="new",
        tracking=True,
        index=True,
    )
    action_ids = fields.One2many("crm.corrective.action", "warning_id", "Actions")

    @api.depends("p_value")
    def _compute_rarity(self):
        for warning in self:
            times = min(1 / warning.p_value, 1e6) if warning.p_value else 1e6
            warning.rarity = f"{times:,.0f}"

    @api.model
    def _selection_dimension(self):
        fields_get = self.env["crm.case"]._fields
        return [
            (name, fields_get[name]._description_string(self.env))
            for name in self._get_dimensions()
        ]

    @api.model
    def _get_dimensions(self):
        """Return the many2one fields of cases that are watched; others add theirs."""
        return ["category_id", "product_id", "supplier_id", "root_cause_id"]

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_confirm(self):
        self.write({"state": "confirmed"})
        self.activity_feedback(["crm_feedback.mail_activity_type_early_warning"])

    def action_dismiss(self):
        self.write({"state": "dismissed"})
        self.activity_feedback(["crm_feedback.mail_activity_type_early_warning"])

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action.update(domain=list(self._get_case_domain()), context={})
        return action

    def _get_case_domain(self):
        since = self.date - timedelta(days=DAYS + PAST_DAYS)
        return Domain(
            [
                (self.dimension, "=", self.res_id),
                ("company_id", "=", self.company_id.id),
                ("date_received", ">=", since),
            ]
        )

    def action_plan_action(self):
        """Open a corrective action for what has risen."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.corrective.action",
            "views": [(False, "form")],
            "context": self._prepare_action_context(),
        }

    def _prepare_action_context(self):
        measures = {
            "product_id": {
                "default_measured_by": "product",
                "default_product_ids": [self.res_id],
            },
            "category_id": {
                "default_measured_by": "category",
                "default_category_id": self.res_id,
            },
            "supplier_id": {
                "default_measured_by": "supplier",
                "default_supplier_id": self.res_id,
            },
            "root_cause_id": {"default_root_cause_id": self.res_id},
        }
        return {
            "default_warning_id": self.id,
            "default_user_id": self.user_id.id,
            **measures.get(self.dimension, {}),
        }

    # ------------------------------------------------------------
    # Watching
    # ------------------------------------------------------------

    @api.model
    def _cron_watch(self):
        """Compare the newest days with the past, for every company."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            self._watch(company)

    @api.model
    def _watch(self, company):
        """Warn of what has risen; what is known already is brought up to date."""
        found = self._count_cases(company)
        chances = [
            float(probability_of_rise(item["count"], DAYS, item["past"], PAST_DAYS))
            for item in found
        ]
        believed = find_discoveries(chances, FALSE_RATE)
        warnings = self.browse()
        for position in sorted(believed, key=lambda position: chances[position]):
            item = found[position]
            if item["count"] >= MIN_COUNT:
                warnings |= self._warn(company, item, chances[position])
        return warnings

    @api.model
    def _count_cases(self, company):
        """Return counts of the newest days and of the past (list of dict)."""
        now = fields.Datetime.now()
        start = now - timedelta(days=DAYS)
        past = start - timedelta(days=PAST_DAYS)
        found = []
        for dimension in self._get_dimensions():
            new = self._count_by(company, dimension, start, now)
            old = self._count_by(company, dimension, past, start)
            found += [
                {
                    "dimension": dimension,
                    "record": record,
                    "count": count,
                    "past": old.get(record, 0),
                }
                for record, count in new.items()
            ]
        return found

    @api.model
    def _count_by(self, company, dimension, start, stop):
        domain = [
            (dimension, "!=", False),
            ("company_id", "=", company.id),
            ("date_received", ">=", start),
            ("date_received", "<", stop),
        ]
        cases = self.env["crm.case"].sudo()
        return dict(cases._read_group(domain, [dimension], ["__count"]))

    @api.model
    def _warn(self, company, item, chance):
        values = {
            "date": fields.Date.today(),
            "case_count": item["count"],
            "expected_count": item["past"] * DAYS / PAST_DAYS,
            "p_value": chance,
        }
        known = self._find_known(company, item)
        if known:
            known.write(values)
            return known
        warning = self.create(
            {
                **values,
                "name": item["record"].display_name,
                "dimension": item["dimension"],
                "res_id": item["record"].id,
                "company_id": company.id,
                "user_id": self._choose_owner(company, item).id,
            }
        )
        warning._tell_owner()
        return warning

    @api.model
    def _find_known(self, company, item):
        """Return the warning of the same rise: noticed within its newest days."""
        return self.search(
            [
                ("company_id", "=", company.id),
                ("dimension", "=", item["dimension"]),
                ("res_id", "=", item["record"].id),
                ("date", ">=", fields.Date.today() - timedelta(days=2 * DAYS)),
            ],
            limit=1,
        )

    @api.model
    def _choose_owner(self, company, item):
        """Return the leader of the team that has most of these cases."""
        cases = self.env["crm.case"].sudo()
        rows = cases._read_group(
            [
                (item["dimension"], "=", item["record"].id),
                ("company_id", "=", company.id),
                ("team_id.user_id", "!=", False),
            ],
            ["team_id"],
            ["__count"],
            order="__count desc",
            limit=1,
        )
        return rows[0][0].user_id if rows else self.env["res.users"]

    def _tell_owner(self):
        if not self.user_id:
            return
        self.activity_schedule(
            "crm_feedback.mail_activity_type_early_warning",
            user_id=self.user_id.id,
            summary=self.env._(
                "%(count)s cases in a week, %(expected).1f expected: %(what)s",
                count=self.case_count,
                expected=self.expected_count,
                what=self.name,
            ),
        )
