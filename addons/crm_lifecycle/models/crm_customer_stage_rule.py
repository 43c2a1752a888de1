import logging
from ast import literal_eval

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, Query

from .crm_customer_profile_stage import LIFECYCLE_STAGES

_logger = logging.getLogger(__name__)


class CrmCustomerStageRule(models.Model):
    """A condition of one's own for a lifecycle stage.

    The first rule that a customer meets decides; who meets none is judged by the limits
    in the settings.
    """

    _name = "crm.customer.stage.rule"
    _description = "Lifecycle Stage Rule"
    _order = "sequence, id"
    _rec_name = "stage"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    stage = fields.Selection(LIFECYCLE_STAGES, required=True)
    domain = fields.Char(
        "Condition",
        required=True,
        default="[]",
        help="On the figures of the customer profile.",
    )
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")

    @api.constrains("domain", "stage")
    def _check_domain(self):
        profiles = self.env["crm.customer.profile"].sudo()
        for rule in self:
            try:
                if "lifecycle_stage" in rule._get_columns():
                    raise ValueError(self.env._("a stage can't depend on the stage."))
                Domain(literal_eval(rule.domain)).optimize_full(profiles)
                with self.env.cr.savepoint(flush=False):
                    profiles._refresh_profiles([0], [0], [0])
            except (ValueError, SyntaxError, KeyError, UserError) as error:
                raise ValidationError(
                    self.env._(
                        "The condition for stage %(stage)s is not valid: %(error)s",
                        stage=dict(LIFECYCLE_STAGES)[rule.stage],
                        error=error,
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        rules = super().create(vals_list)
        self.env["crm.customer.profile"]._make_all_stale()
        return rules

    def write(self, vals):
        self.env.registry.clear_cache()
        result = super().write(vals)
        self.env["crm.customer.profile"]._make_all_stale()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        self.env["crm.customer.profile"]._make_all_stale()
        return super().unlink()

    @api.model
    def _get_all(self):
        return self.sudo().browse(self._get_all_ids())

    @api.model
    @tools.ormcache()
    def _get_all_ids(self):
        return self.sudo().search(Domain.TRUE)._ids

    def _get_columns(self):
        """Return the names of the profile's columns that the conditions look at."""
        return {
            condition.field_expr.split(".")[0]
            for rule in self
            for condition in Domain(literal_eval(rule.domain)).iter_conditions()
        }

    def _get_case_sql(self):
        """Return the rules as branches of a CASE over ``figures``.

        A rule that fits the profile no longer, since an addon or a metric is gone, is
        left out.
        """
        return SQL(" ").join(
            SQL("WHEN %s THEN %s", condition, rule.stage)
            for rule in self
            if (condition := rule._get_condition_sql())
        )

    def _get_condition_sql(self):
        profiles = self.env["crm.customer.profile"].sudo()
        # Paths into other tables are joined beside the figures.
        query = Query(self.env, "one", SQL("(SELECT 1)"))
        domain = Domain(literal_eval(self.domain))
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        try:
            condition = domain.optimize_full(profiles)._to_sql(
                profiles, "figures", query
            )
        except ValueError as error:
            _logger.info("Lifecycle stage rule %s is left out: %s", self.id, error)
            return None
        return SQL(
            "EXISTS (SELECT FROM %s WHERE %s)",
            query.from_clause,
            SQL(" AND ").join([condition, *filter(None, [query.where_clause])]),
        )
