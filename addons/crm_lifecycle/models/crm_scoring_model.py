from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

# Leads per statement and commit: about a second each with ten rules.
SCORING_BATCH = 5_000


class CrmScoringModel(models.Model):
    """Rules that tell good leads from others, by points of fit and of engagement.

    The grade joins both: a letter for the fit, a number for the engagement, from A1
    to C3. It is beside the probability, which it never changes.
    """

    _name = "crm.scoring.model"
    _description = "Lead Scoring Model"
    _order = "company_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Leads of this company only. A model of the company comes before one for "
        "all companies.",
    )
    rule_ids = fields.One2many(
        "crm.scoring.rule", "scoring_model_id", "Rules", copy=True
    )
    fit_a = fields.Float("Fit A from", default=30, required=True)
    fit_b = fields.Float("Fit B from", default=15, required=True)
    engagement_1 = fields.Float("Engagement 1 from", default=30, required=True)
    engagement_2 = fields.Float("Engagement 2 from", default=10, required=True)
    lead_count = fields.Integer("Open Leads", compute="_compute_lead_count")

    _grades_ordered = models.Constraint(
        "CHECK(fit_a > fit_b AND engagement_1 > engagement_2)",
        "An A takes more points than a B, and a 1 more than a 2.",
    )

    def _compute_lead_count(self):
        for model in self:
            model.lead_count = self.env["crm.lead"].search_count(
                model._get_lead_domain()
            )

    def _get_lead_domain(self):
        """Return the domain of the open leads that this model scores."""
        self.ensure_one()
        domain = Domain("won_status", "=", "pending")
        if self.company_id:
            return domain & Domain("company_id", "=", self.company_id.id)
        others = self.sudo().search([("company_id", "!=", False)]).company_id
        return domain & Domain("company_id", "not in", others.ids)

    def write(self, vals):
        result = super().write(vals)
        self._request_scoring()
        return result

    def action_score(self):
        """Score the open leads of this model again, soon and in the background."""
        self._request_scoring()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The leads are being scored in the background."),
            },
        }

    def action_open_leads(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_lead_action_score"
        )
        action["domain"] = list(self._get_lead_domain())
        return action

    def _request_scoring(self):
        """Mark the open leads as not scored, and wake the job."""
        for model in self:
            leads = self.env["crm.lead"].sudo()
            query = leads._search(model._get_lead_domain())
            self.env.execute_query(
                SQL(
                    "UPDATE crm_lead SET score_date = NULL WHERE id IN %s RETURNING id",
                    query.subselect(),
                )
            )
            leads.invalidate_model(["score_date"])
        self.env.ref("crm_lifecycle.ir_cron_score_leads").sudo()._trigger()

    # ------------------------------------------------------------
    # Scoring
    # ------------------------------------------------------------

    @api.model
    def _score(self, leads):
        """Compute scores, grade and reasons of ``leads``, one statement per model."""
        model_by_company = self._get_model_by_company()
        lead_ids_by_model = {}
        leads.env.flush_all()
        objectors = self._get_objectors(leads.sudo())
        for lead in leads.sudo():
            model = model_by_company.get(lead.company_id.id) or model_by_company.get(
                False
            )
            if lead.partner_id in objectors:
                model = None
            lead_ids_by_model.setdefault(model, []).append(lead.id)
        for model, lead_ids in lead_ids_by_model.items():
            for batch in split_every(SCORING_BATCH, lead_ids, list):
                if model:
                    model._score_batch(batch)
                else:
                    self._clear_scores(batch)
        leads.invalidate_recordset(leads._get_score_field_names())

    @api.model
    def _get_objectors(self, leads):
        """Return the contacts who object to profiling, or whose company does."""
        contacts = leads.partner_id
        profiles = self.env["crm.customer.profile"]
        allowed = profiles._filter_profiled(contacts | contacts.commercial_partner_id)
        return contacts.filtered(
            lambda contact: contact not in allowed
            or contact.commercial_partner_id not in allowed
        )

    @api.model
    def _get_model_by_company(self):
        """Return the first model of each company, that of all companies under False."""
        models_by_company = {}
        for model in self.sudo().search([("active", "=", True)]):
            models_by_company.setdefault(model.company_id.id, model)
        return models_by_company

    @api.model
    def _clear_scores(self, lead_ids):
        """Leads that no model is for, or of who objects, have no score for today."""
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead
                   SET fit_score = NULL, engagement_score = NULL, lead_score = NULL,
                       lead_grade = NULL, score_reasons = NULL, score_date = %s
                 WHERE id = ANY(%s) RETURNING id
                """,
                self.env.cr.now(),
                lead_ids,
            )
        )

    def _score_batch(self, lead_ids):
        now = self.env.cr.now()
        queries = [rule._points_query(lead_ids, now) for rule in self.rule_ids]
        no_points = SQL("SELECT 0, 0, '', 0::float, 0 WHERE FALSE")
        # Materialised: with leads that were just created the planner knows nothing of
        # their number and would compute the points again for each of them.
        self.env.execute_query(
            SQL(
                """
                WITH hit (lead_id, rule_id, kind, points, count) AS MATERIALIZED (
                    %(points)s
                ), score AS MATERIALIZED (
                    SELECT lead_id,
                        sum(points) FILTER (WHERE kind = 'fit') AS fit,
                        sum(points) FILTER (WHERE kind = 'engagement') AS engagement,
                        jsonb_agg(
                            jsonb_build_array(rule_id, points, count)
                            ORDER BY abs(points) DESC, rule_id
                        ) AS reasons
                      FROM hit GROUP BY lead_id
                ), total AS MATERIALIZED (
                    SELECT target.lead_id, reasons, COALESCE(fit, 0) AS fit,
                           COALESCE(engagement, 0) AS engagement
                      FROM unnest(%(leads)s) target (lead_id)
                      LEFT JOIN score ON score.lead_id = target.lead_id
                )
                UPDATE crm_lead lead
                   SET fit_score = total.fit, engagement_score = total.engagement,
                       lead_score = total.fit + total.engagement,
                       lead_grade = %(grade)s, score_reasons = total.reasons,
                       score_date = %(now)s
                  FROM total WHERE lead.id = total.lead_id
                RETURNING lead.id
                """,
                points=SQL(" UNION ALL ").join([no_points, *queries]),
                leads=lead_ids,
                grade=self._grade_to_sql(),
                now=now,
            )
        )

    def _grade_to_sql(self):
        return SQL(
            "CASE WHEN total.fit >= %s THEN 'A' WHEN total.fit >= %s THEN 'B' "
            "ELSE 'C' END || CASE WHEN total.engagement >= %s THEN '1' "
            "WHEN total.engagement >= %s THEN '2' ELSE '3' END",
            self.fit_a,
            self.fit_b,
            self.engagement_1,
            self.engagement_2,
        )

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_score(self):
        """Score the open leads that were not scored today, in committed batches."""
        today = fields.Datetime.start_of(fields.Datetime.now(), "day")
        leads = self.env["crm.lead"]
        domain = Domain("won_status", "=", "pending")
        domain &= Domain("score_date", "=", False) | Domain("score_date", "<", today)
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=leads.search_count(domain))
        while batch := leads.search(domain, limit=SCORING_BATCH, order="id"):
            self._score(batch)
            if not commit(len(batch)):
                break
