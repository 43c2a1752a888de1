from ast import literal_eval
from itertools import count

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

SAMPLE_SIZE = 10
# What decides on the members: not to be changed while a campaign counts on them.
RULE_FIELDS = {
    "kind",
    "domain",
    "match",
    "condition_ids",
    "operation",
    "source_segment_ids",
    "excluded_segment_ids",
    "formula",
    "cell_count",
    "recency_from",
    "recency_to",
    "frequency_from",
    "frequency_to",
    "monetary_from",
    "monetary_to",
    "company_id",
    "include_objectors",
}
# Tells the joins of one rule apart.
JOIN_NUMBERS = count()
# Who objects to profiling is not judged by these.
JUDGING_KINDS = ("dynamic", "formula")
CELL_FIELDS = {
    "recency": ("recency_from", "recency_to"),
    "frequency": ("frequency_from", "frequency_to"),
    "monetary": ("monetary_from", "monetary_to"),
}


class CrmSegment(models.Model):
    """A group of customers: by a rule, by hand, by score cells, of other segments.

    Every way of saying who belongs becomes one domain on the customer profile
    (:meth:`_get_profile_domain`). How members are kept over time is in
    ``crm_segment_refresh.py``.
    """

    _name = "crm.segment"
    _description = "Customer Segment"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    description = fields.Text(translate=True)
    kind = fields.Selection(
        [
            ("dynamic", "By rule"),
            ("static", "By hand"),
            ("formula", "By score cells"),
            ("combination", "Of other segments"),
        ],
        required=True,
        default="dynamic",
        tracking=True,
        help="By rule: found in the customer profiles and in what happened. By hand: "
        "stay until someone takes them out. By score cells: the best or worst fifth "
        "in recency, frequency and value. Of other segments: all or any of them.",
    )
    # By rule
    domain = fields.Char("Profile", default="[]", required=True, tracking=True)
    condition_ids = fields.One2many(
        "crm.segment.condition", "segment_id", "Conditions", copy=True
    )
    match = fields.Selection(
        [("all", "All of it must be true"), ("any", "Any of it is enough")],
        required=True,
        default="all",
    )
    # Of other segments
    operation = fields.Selection(
        [("union", "In any of them"), ("intersection", "In all of them")],
        required=True,
        default="union",
    )
    source_segment_ids = fields.Many2many(
        "crm.segment", "crm_segment_source_rel", "segment_id", "source_id", "Segments"
    )
    excluded_segment_ids = fields.Many2many(
        "crm.segment",
        "crm_segment_excluded_rel",
        "segment_id",
        "excluded_id",
        "But Not In",
        help="Who is in any of these does not become a member.",
    )
    # By score cells
    formula = fields.Selection(
        [("rfm", "Recency, frequency, monetary value")], default="rfm"
    )
    cell_count = fields.Integer(
        "Cells",
        default=5,
        help="Buyers are divided into so many equal groups in each respect: 1 is the "
        "lowest, the highest number the best.",
    )
    recency_from = fields.Integer(default=1)
    recency_to = fields.Integer(default=5)
    frequency_from = fields.Integer(default=1)
    frequency_to = fields.Integer(default=5)
    monetary_from = fields.Integer(default=1)
    monetary_to = fields.Integer(default=5)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="Empty: the customers of all companies.",
    )
    include_objectors = fields.Boolean(
        "Include Who Objects to Profiling",
        help="Only for what has to be done for every customer, such as service or "
        "collection of debts; never for advertising.",
    )
    preview_count = fields.Integer("Would Hold", compute="_compute_preview")
    preview_profile_ids = fields.Many2many(
        "crm.customer.profile", string="Examples", compute="_compute_preview"
    )
    preview_error = fields.Char(compute="_compute_preview")
    is_open_rule = fields.Boolean(compute="_compute_is_open_rule")
    running_campaign_ids = fields.Many2many(
        "utm.campaign", compute="_compute_running_campaign_ids"
    )
    is_locked = fields.Boolean(compute="_compute_running_campaign_ids")

    _cells_positive = models.Constraint(
        "CHECK(cell_count BETWEEN 2 AND 10)", "Divide into 2 to 10 cells."
    )

    # ------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------

    @api.depends(*RULE_FIELDS, "condition_ids.summary")
    def _compute_preview(self):
        """Count whom the rule would hold as it stands, saved or not."""
        profiles = self.env["crm.customer.profile"]
        for segment in self:
            segment.preview_count = 0
            segment.preview_profile_ids = False
            segment.preview_error = False
            if segment.kind == "static":
                continue
            if not profiles._sees_all_figures():
                segment._show_members_as_preview()
                continue
            try:
                with self.env.cr.savepoint(flush=False):
                    domain = segment._get_profile_domain()
                    segment.preview_count = profiles.search_count(domain)
                    segment.preview_profile_ids = profiles.search(
                        domain, limit=SAMPLE_SIZE
                    )
            except (UserError, ValueError, KeyError, SyntaxError) as error:
                segment.preview_error = str(error)

    def _show_members_as_preview(self):
        """Who may not ask for the figures of the rule sees whom it has found."""
        members = self.member_ids
        self.preview_count = len(members)
        self.preview_profile_ids = self.env["crm.customer.profile"].search(
            [("partner_id", "in", members[:SAMPLE_SIZE].partner_id.ids)],
            limit=SAMPLE_SIZE,
        )

    @api.depends("kind", "domain", "condition_ids")
    def _compute_is_open_rule(self):
        for segment in self:
            segment.is_open_rule = (
                segment.kind == "dynamic"
                and (segment.domain or "[]").strip() == "[]"
                and not segment.condition_ids
            )

    def _compute_running_campaign_ids(self):
        campaigns = self.env["utm.campaign"].sudo().search([("state", "=", "running")])
        used = {
            campaign: (
                campaign.segment_ids | campaign.excluded_segment_ids
            )._get_all_referred()
            for campaign in campaigns
        }
        for segment in self:
            segment.running_campaign_ids = campaigns.filtered(
                lambda campaign, segment=segment: segment._origin in used[campaign]
            )
            segment.is_locked = bool(segment.running_campaign_ids)

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains(*RULE_FIELDS)
    def _check_rule(self):
        profiles = self.env["crm.customer.profile"].sudo()
        for segment in self:
            segment._check_no_cycle()
            try:
                profiles._search(segment._get_profile_domain())
                # Constraints run as superuser: he may not see all figures.
                profiles.with_user(self.env.uid)._search(segment._get_figures_domain())
            except (ValueError, SyntaxError, KeyError, UserError) as error:
                raise ValidationError(
                    self.env._(
                        "The rule of segment %(segment)s is not valid: %(error)s",
                        segment=segment.name,
                        error=error,
                    )
                ) from error

    def _check_no_cycle(self):
        seen = self.browse()
        following = self._get_referred()
        while following:
            if self in following:
                raise ValidationError(
                    self.env._(
                        "A segment can't be made of itself, not by way of others "
                        "either: %s.",
                        self.name,
                    )
                )
            seen |= following
            following = following._get_referred() - seen

    def _get_referred(self):
        """Return the segments that the rules of these refer to."""
        return self.source_segment_ids | self.excluded_segment_ids

    def _get_all_referred(self):
        """Return these segments and all that they are made of, however deep."""
        found = self
        while following := found._get_referred() - found:
            found |= following
        return found

    @api.constrains("kind", "source_segment_ids")
    def _check_sources(self):
        for segment in self:
            if segment.kind == "combination" and not segment.source_segment_ids:
                raise ValidationError(
                    self.env._("Choose the segments of which %s is made.", segment.name)
                )

    def _check_unlocked(self):
        """Refuse to change what a running campaign counts on."""
        for segment in self.filtered("is_locked"):
            campaigns = ", ".join(segment.running_campaign_ids.mapped("name"))
            raise UserError(
                self.env._(
                    "%(segment)s is the audience of running campaigns, %(campaigns)s: "
                    "it stays as it is until the campaign is done. Duplicate the "
                    "segment to change its rule.",
                    segment=segment.name,
                    campaigns=campaigns,
                )
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments._rule_changed()
        return segments

    def write(self, vals):
        if RULE_FIELDS & vals.keys() or vals.get("active") is False:
            self._check_unlocked()
        result = super().write(vals)
        if RULE_FIELDS & vals.keys():
            self._rule_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self._check_unlocked()

    def copy_data(self, default=None):
        return [
            {**vals, "name": self.env._("%s (copy)", segment.name)}
            for segment, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def copy(self, default=None):
        """Duplicate; what was picked by hand is copied with its members."""
        copies = super().copy(default)
        self.env["crm.segment.member"].create(
            [
                {
                    "segment_id": duplicate.id,
                    "partner_id": member.partner_id.id,
                    "company_id": member.company_id.id,
                }
                for segment, duplicate in zip(self, copies, strict=True)
                if duplicate.kind == "static"
                for member in segment.member_ids
            ]
        )
        return copies

    # ------------------------------------------------------------
    # Rule
    # ------------------------------------------------------------

    def _get_profile_domain(self, customers=None):
        """Return the domain of the profiles that the rule wants as members.

        :param SQL customers: ``SELECT partner_id, company_id`` of those it is asked
            about, so that the facts of the others need not be read
        """
        self.ensure_one()
        domain = self._get_rule_domain(customers)
        if self.kind in JUDGING_KINDS and not self.include_objectors:
            domain &= self.env["crm.customer.profile"]._get_profiled_domain()
        return domain

    def _get_rule_domain(self, customers=None):
        """Return the domain of the rule, those included who object to profiling."""
        domain = getattr(self, f"_get_{self.kind}_domain")(customers)
        for excluded in self.excluded_segment_ids:
            domain &= excluded._get_absence_domain(customers)
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return domain

    def _get_dynamic_domain(self, customers):
        domains = [condition._get_domain(customers) for condition in self.condition_ids]
        profile_domain = self._get_figures_domain()
        if not domains or not profile_domain.is_true():
            domains.append(profile_domain)
        return Domain.AND(domains) if self.match == "all" else Domain.OR(domains)

    def _get_figures_domain(self):
        """Return what the rule by itself asks of the profile."""
        if self.kind != "dynamic":
            return Domain.TRUE
        return Domain(literal_eval(self.domain or "[]"))

    def _get_static_domain(self, _customers):
        """Members by hand are whoever is a member."""
        return self._join_customers(
            SQL(
                "SELECT partner_id, company_id FROM crm_segment_member "
                "WHERE segment_id = %s AND date_left IS NULL",
                self._origin.id,
            )
        )

    def _get_combination_domain(self, customers):
        domains = [
            segment._get_profile_domain(customers)
            for segment in self.source_segment_ids
        ]
        if not domains:
            return Domain.FALSE
        combine = Domain.OR if self.operation == "union" else Domain.AND
        return combine(domains)

    def _get_absence_domain(self, customers):
        """Return the domain of the profiles that this segment does *not* want."""
        profiles = (
            self.env["crm.customer.profile"].sudo().with_context(active_test=False)
        )
        # Who is kept out is kept out, whether he objects to profiling or not.
        query = profiles._search(self._get_rule_domain(customers))
        query.order = None
        wanted = query.select(
            SQL.identifier(query.table, "partner_id"),
            SQL.identifier(query.table, "company_id"),
        )
        return self._join_customers(wanted, is_in=False)

    def _get_formula_domain(self, _customers):
        """Return the domain of the profiles in the cells chosen.

        Another formula is added to the field and as a method ``_score_by_<formula>``.
        """
        scores = getattr(self, f"_score_by_{self.formula}")()
        return self._join_customers(
            SQL(
                "SELECT partner_id, company_id FROM (%s) scored "
                "JOIN crm_customer_profile USING (id) WHERE %s",
                scores,
                self._cells_to_sql(),
            )
        )

    def _score_by_rfm(self):
        """Return the SQL of ``id`` and the three scores of each buyer.

        Quantiles per company, as Hughes, Strategic Database Marketing, divides them:
        each respect by itself, customers of equal figures by the last order.
        """
        return SQL(
            """
            SELECT id,
                   ntile(%(cells)s) OVER (PARTITION BY company_id
                       ORDER BY last_order_date, id) AS recency,
                   ntile(%(cells)s) OVER (PARTITION BY company_id
                       ORDER BY order_count, last_order_date, id) AS frequency,
                   ntile(%(cells)s) OVER (PARTITION BY company_id
                       ORDER BY revenue, last_order_date, id) AS monetary
              FROM crm_customer_profile WHERE order_count > 0
            """,
            cells=self.cell_count,
        )

    def _cells_to_sql(self):
        return SQL(" AND ").join(
            SQL("%s BETWEEN %s AND %s", SQL.identifier(name), self[low], self[high])
            for name, (low, high) in CELL_FIELDS.items()
        )

    @api.model
    def _join_customers(self, customers, is_in=True):
        """Return a domain on profiles: the customers of a query, or all others.

        By an outer join: IN and EXISTS below an OR are run for each profile anew when
        the query is too large for the memory that PostgreSQL allows it.

        :param SQL customers: ``SELECT partner_id, company_id``, no customer twice
        """
        link = f"customers_{next(JOIN_NUMBERS)}"

        def to_sql(_model, alias, query):
            joined = query.make_alias(alias, link)
            condition = SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(joined, "partner_id"),
                SQL.identifier(alias, "partner_id"),
                SQL.identifier(joined, "company_id"),
                SQL.identifier(alias, "company_id"),
            )
            table = SQL("(SELECT * FROM (%s) c (partner_id, company_id))", customers)
            query.add_join("LEFT JOIN", joined, table, condition)
            found = SQL.identifier(joined, "partner_id")
            return SQL("%s IS NOT NULL" if is_in else "%s IS NULL", found)

        return Domain.custom(to_sql=to_sql)

    def _get_partner_domain(self):
        """Return a domain on ``res.partner``: the members of any of these segments."""
        query = (
            self.env["crm.segment.member"]
            .sudo()
            ._search([("segment_id", "in", self.ids), ("date_left", "=", False)])
        )
        members = query.subselect(SQL.identifier(query.table, "partner_id"))
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "%s IN %s", SQL.identifier(alias, "id"), members
            )
        )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_refresh(self):
        """Find the members now and say what changed."""
        entered, left = self._refresh_members()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(entered)s customers entered, %(left)s left.",
                    entered=entered,
                    left=left,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_members(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_segment_member_action"
        )
        action["domain"] = [("segment_id", "=", self.id)]
        action["context"] = {
            "default_segment_id": self.id,
            "search_default_current": 1,
            "create": self.kind == "static",
        }
        return action

    def action_open_profiles(self):
        """Open the profiles of the members."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_customer_profile_action"
        )
        action["domain"] = [("segment_member_ids.segment_id", "=", self.id)]
        action["display_name"] = self.name
        return action

    def action_open_trend(self):
        """Show how the number of members went."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_segment_size_action"
        )
        action["domain"] = [("segment_id", "=", self.id)]
        return action

    def action_open_overlap(self):
        """Show with which other segments this one shares members."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_segment_overlap_action"
        )
        if self:
            action["domain"] = [("segment_id", "in", self.ids)]
        return action
