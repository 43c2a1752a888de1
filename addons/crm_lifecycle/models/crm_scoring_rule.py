from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class CrmScoringRule(models.Model):
    """Points for what a lead is (fit) or for what its customer did (engagement)."""

    _name = "crm.scoring.rule"
    _description = "Lead Scoring Rule"
    _order = "kind DESC, sequence, id"

    scoring_model_id = fields.Many2one(
        "crm.scoring.model", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("fit", "Fit: who the lead is"), ("engagement", "Engagement: what they do")],
        required=True,
        default="fit",
    )
    points = fields.Float(
        required=True, default=10, help="For each event, or once for a lead that fits."
    )
    domain = fields.Char(
        "Condition", default="[]", help="The leads that get the points."
    )
    event_type_id = fields.Many2one(
        "crm.customer.event.type",
        "Customer Event",
        ondelete="cascade",
        index="btree_not_null",
    )
    half_life = fields.Float(
        "Half-Life (days)",
        default=30,
        help="After so many days an event counts half, after twice as many a quarter. "
        "Zero: it never fades.",
    )
    max_points = fields.Float(
        "At Most", help="Limit for the points of this rule. Zero: no limit."
    )

    _half_life_positive = models.Constraint(
        "CHECK(half_life >= 0)", "A half-life can't be negative."
    )
    _engagement_event = models.Constraint(
        "CHECK(kind != 'engagement' OR event_type_id IS NOT NULL)",
        "An engagement rule needs a customer event.",
    )

    @api.constrains("domain", "kind")
    def _check_domain(self):
        leads = self.env["crm.lead"].sudo()
        for rule in self.filtered(lambda rule: rule.kind == "fit"):
            try:
                leads._search(rule._get_lead_domain())
            except (ValueError, SyntaxError, KeyError, UserError) as error:
                raise ValidationError(
                    self.env._(
                        "The condition of rule %(rule)s is not valid: %(error)s",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    def _get_lead_domain(self):
        return Domain(literal_eval(self.domain or "[]"))

    def _points_query(self, lead_ids, now):
        """Return a query ``lead_id, rule_id, kind, points, count`` of the leads.

        :param list lead_ids: the leads to score
        :param datetime now: the moment they are scored for
        :rtype: SQL
        """
        self.ensure_one()
        if self.kind == "fit":
            return self._fit_query(lead_ids)
        return self._engagement_query(lead_ids, now)

    def _fit_query(self, lead_ids):
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        query = leads._search(self._get_lead_domain() & Domain("id", "in", lead_ids))
        return query.select(
            SQL.identifier(query.table, "id"),
            SQL("%s", self.id),
            SQL("%s", self.kind),
            SQL("%s::float", self.points),
            SQL("1"),
        )

    def _engagement_query(self, lead_ids, now):
        """The events of the lead's customer, each halved per half-life of its age."""
        age = SQL("GREATEST(extract(epoch FROM %s - event.date), 0) / 86400", now)
        # A thousand halvings are nothing already; more would be an underflow.
        halvings = SQL("LEAST(%s / %s, 1000)::float", age, self.half_life)
        weight = SQL("power(0.5::float, %s)", halvings)
        total = SQL(
            "%s::float * sum(%s)", self.points, weight if self.half_life else SQL("1")
        )
        if self.max_points:
            total = SQL("LEAST(%s, %s)", total, self.max_points)
        return SQL(
            """
            SELECT lead.id, %s, %s, %s, count(*)
              FROM crm_lead lead
              JOIN res_partner contact ON contact.id = lead.partner_id
              JOIN crm_customer_event event
                ON event.partner_id = contact.commercial_partner_id
               AND (lead.company_id IS NULL OR event.company_id = lead.company_id)
             WHERE lead.id = ANY(%s) AND event.type_id = %s
             GROUP BY lead.id
            """,
            self.id,
            self.kind,
            total,
            lead_ids,
            self.event_type_id.id,
        )
