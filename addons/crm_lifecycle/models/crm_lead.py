from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import split_every
from odoo.tools.misc import formatLang

ALL_LEADS_GROUP = "sales_team.group_sale_salesman_all_leads"
# Leads per commit of the job: each is written and its salesperson notified.
ROUTING_BATCH = 200


class CrmLead(models.Model):
    """A lead is scored and routed the moment it comes in.

    Score and grade stand beside the probability, which they never change.
    """

    _inherit = "crm.lead"

    lead_score = fields.Float(
        "Score", readonly=True, copy=False, help="Fit and engagement together."
    )
    fit_score = fields.Float("Fit", readonly=True, copy=False, help="Who the lead is.")
    engagement_score = fields.Float(
        "Engagement", readonly=True, copy=False, help="What the customer did lately."
    )
    lead_grade = fields.Char(
        "Grade",
        readonly=True,
        copy=False,
        help="Letter of the fit and number of the engagement: A1 is the best, C3 the "
        "last.",
    )
    score_reasons = fields.Json(readonly=True, copy=False)
    score_explanation = fields.Html(
        "Why This Score", compute="_compute_score_explanation"
    )
    score_date = fields.Datetime("Scored on", readonly=True, copy=False, index=True)
    territory_id = fields.Many2one(
        "crm.territory", index="btree_not_null", copy=False, tracking=True
    )
    routing_reason = fields.Char(
        readonly=True, copy=False, help="Why the lead went to its salesperson."
    )
    routing_date = fields.Datetime("Routed on", readonly=True, copy=False)

    @api.depends("score_reasons")
    def _compute_score_explanation(self):
        all_reasons = {lead: lead.score_reasons or [] for lead in self}
        rule_ids = {reason[0] for reasons in all_reasons.values() for reason in reasons}
        rules = self.env["crm.scoring.rule"].sudo().browse(rule_ids).exists()
        for lead, reasons in all_reasons.items():
            items = [
                lead._format_score_reason(rules.browse(rule_id), points, count)
                for rule_id, points, count in reasons
                if rule_id in rules._ids
            ]
            lead.score_explanation = (
                Markup("<ul class='list-unstyled mb-0'>%s</ul>") % Markup().join(items)
                if items
                else False
            )

    def _format_score_reason(self, rule, points, count):
        item = Markup("<li><strong>%s</strong> %s%s</li>")
        sign = "+" if points > 0 else ""
        times = Markup(" × %s") % count if count > 1 else ""
        return item % (sign + formatLang(self.env, points, digits=1), rule.name, times)

    @api.model
    def _get_score_field_names(self):
        return [
            "lead_score",
            "fit_score",
            "engagement_score",
            "lead_grade",
            "score_reasons",
            "score_date",
        ]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        # Who sees his own leads only would lose the lead he is just saving; the job
        # routes it soon.
        if self.env.su or self.env.user.has_group(ALL_LEADS_GROUP):
            leads.filtered(
                lambda lead: lead._is_routable() and not lead.user_id
            )._route()
        self.env["crm.customer.event.type"]._capture("lead_created", leads)
        self.env["crm.scoring.model"]._score(leads)
        return leads

    def write(self, vals):
        result = super().write(vals)
        if vals.get("partner_id"):
            self._capture_created_later()
        return result

    def _capture_created_later(self):
        """Capture leads that got their customer, once per transaction: a conversion
        of many leads writes them one by one.
        """
        precommit = self.env.cr.precommit
        lead_ids = precommit.data.setdefault("crm_lifecycle.lead_created", set())
        if not lead_ids:
            precommit.add(self.browse()._capture_created)
        lead_ids.update(self.ids)

    def _capture_created(self):
        lead_ids = self.env.cr.precommit.data.pop("crm_lifecycle.lead_created", ())
        leads = self.sudo().browse(lead_ids).exists()
        self.env["crm.customer.event.type"]._capture("lead_created", leads)

    def _handle_won_lost(self, old_status_by_lead, new_status_by_lead):
        result = super()._handle_won_lost(old_status_by_lead, new_status_by_lead)
        event_type = self.env["crm.customer.event.type"]
        won = self.filtered(lambda lead: new_status_by_lead[lead.id]["is_won"])
        lost = self.filtered(lambda lead: new_status_by_lead[lead.id]["is_lost"])
        event_type._capture("lead_won", won)
        event_type._capture("lead_lost", lost)
        return result

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_route(self):
        """Give the leads to whom the rules say, whoever has them now."""
        self.check_access("write")
        self.filtered(lambda lead: lead._is_routable())._route()

    def action_update_score(self):
        self.check_access("read")
        self.env["crm.scoring.model"]._score(self)

    # ------------------------------------------------------------
    # Routing
    # ------------------------------------------------------------

    def _is_routable(self):
        return self.active and self.won_status == "pending"

    def _route(self):
        """Assign each lead: to the salesperson of the customer, else to the least
        loaded one of its territory. The reason is written on the lead.
        """
        leads = self.sudo()
        territory_by_lead = self.env["crm.territory"].sudo()._find_by_lead(leads)
        loads = leads._count_open_leads(territory_by_lead.values())
        groups = {}
        for lead in leads:
            territory = territory_by_lead.get(lead.id, self.env["crm.territory"])
            user, reason = lead._choose_salesperson(territory, loads)
            if user in loads:
                loads[user] += 1
            key = (user, territory, reason)
            groups[key] = groups.get(key, leads.browse()) | lead
        for (user, territory, reason), routed in groups.items():
            routed.write(self._prepare_routing_values(user, territory, reason))

    def _choose_salesperson(self, territory, loads):
        """Return who gets the lead, if anybody, and why."""
        self.ensure_one()
        owner = self._get_account_owner()
        if owner:
            reason = self.env._(
                "Salesperson of the customer %s.",
                self.partner_id.commercial_partner_id.display_name,
            )
            return owner, reason
        team = [user for user in territory._get_salespeople() if self._can_take(user)]
        if team:
            user = min(team, key=lambda user: (loads[user], user.id))
            reason = self.env._(
                "Has the fewest open leads of territory %s.", territory.complete_name
            )
            return user, reason
        if territory:
            reason = self.env._(
                "Territory %s has no salespeople.", territory.complete_name
            )
        else:
            reason = self.env._(
                "The customer has no salesperson and no territory covers the address."
            )
        return self.env["res.users"], reason

    def _get_account_owner(self):
        """Return the salesperson of the contact, else of its commercial entity."""
        for partner in (self.partner_id, self.partner_id.commercial_partner_id):
            if partner.user_id and self._can_take(partner.user_id):
                return partner.user_id
        return self.env["res.users"]

    def _can_take(self, user):
        return user.active and (
            not self.company_id or self.company_id in user.company_ids
        )

    def _count_open_leads(self, territories):
        """Return ``{user: number of open leads}`` of the territories' salespeople."""
        users = self.env["res.users"].sudo()
        for territory in set(territories):
            users |= territory._get_salespeople()
        loads = dict.fromkeys(users, 0)
        rows = self._read_group(
            [
                ("user_id", "in", users.ids),
                ("won_status", "=", "pending"),
                ("id", "not in", self.ids),
            ],
            ["user_id"],
            ["__count"],
        )
        loads.update(rows)
        return loads

    @api.model
    def _prepare_routing_values(self, user, territory, reason):
        values = {
            "territory_id": territory.id,
            "routing_reason": reason,
            "routing_date": self.env.cr.now(),
        }
        if user:
            values["user_id"] = user.id
        team = territory._get_team()
        if team and (not user or user in team.member_ids):
            values["team_id"] = team.id
        return values

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    def action_open_customer_360(self):
        """Open the 360 view of the customer."""
        return self.partner_id.action_open_customer_360()

    @api.model
    def _cron_route(self):
        """Route the open leads without salesperson, each at most once a day."""
        today = fields.Datetime.start_of(fields.Datetime.now(), "day")
        leads = self.search(
            [
                ("user_id", "=", False),
                ("won_status", "=", "pending"),
                "|",
                ("routing_date", "=", False),
                ("routing_date", "<", today),
            ]
        )
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(leads))
        for batch in split_every(ROUTING_BATCH, leads.ids, self.browse):
            batch._route()
            if not commit(len(batch)):
                break
