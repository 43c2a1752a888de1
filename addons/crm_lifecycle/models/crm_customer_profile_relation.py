from odoo import api, fields, models
from odoo.tools import SQL

from ..profile_metrics.metric_source import MetricSource


class CrmCustomerProfileRelation(models.Model):
    """Who the customer is and who looks after it: from contacts and leads."""

    _inherit = "crm.customer.profile"

    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one(
        "crm.team",
        "Sales Team",
        readonly=True,
        ondelete="set null",
        help="Of the latest lead that has one.",
    )
    territory_id = fields.Many2one(
        "crm.territory",
        readonly=True,
        ondelete="set null",
        help="Of the latest lead that has one.",
    )
    country_id = fields.Many2one("res.country", readonly=True)
    state_id = fields.Many2one("res.country.state", readonly=True)
    city = fields.Char(readonly=True)
    lang = fields.Selection(
        selection="_selection_lang", string="Language", readonly=True
    )
    industry_id = fields.Many2one(
        "res.partner.industry", readonly=True, ondelete="set null"
    )
    job_position = fields.Char(
        readonly=True, help="Of the customer, else of its first contact that has one."
    )
    age_band = fields.Selection(
        [
            ("0", "Under 18"),
            ("1", "18 to 24"),
            ("2", "25 to 34"),
            ("3", "35 to 44"),
            ("4", "45 to 54"),
            ("5", "55 to 64"),
            ("6", "65 and older"),
        ],
        readonly=True,
        help="Where the birthday of the contact is known.",
    )
    contact_count = fields.Integer(
        "Contacts", readonly=True, help="People and addresses below the customer."
    )
    relation_date = fields.Datetime(
        "Known since", readonly=True, help="When the contact was created."
    )
    tag_ids = fields.Many2many(related="partner_id.category_id", string="Tags")
    lead_count = fields.Integer("Open leads", readonly=True)
    opportunity_count = fields.Integer("Open opportunities", readonly=True)
    expected_revenue = fields.Monetary(
        readonly=True, help="Of the open leads and opportunities."
    )
    won_count = fields.Integer("Opportunities won", readonly=True)
    lost_count = fields.Integer("Opportunities lost", readonly=True)
    last_lead_date = fields.Datetime("Last lead", readonly=True)
    segment_member_ids = fields.One2many(
        related="partner_id.crm_segment_member_ids", string="Segments"
    )

    @api.model
    def _selection_lang(self):
        return self.env["res.lang"].get_installed()

    @api.model
    def _get_metric_sources(self, customers):
        return [
            *super()._get_metric_sources(customers),
            self._get_identity_source(customers),
            self._get_people_source(customers),
            self._get_lead_source(customers),
        ]

    @api.model
    def _get_identity_source(self, customers):
        query = SQL(
            """
            SELECT partner.id, partner.user_id, partner.country_id, partner.state_id,
                   NULLIF(partner.city, ''), partner.lang, partner.industry_id,
                   partner.create_date,
                   width_bucket(extract(year FROM age(%s, partner.crm_birthday))::int,
                                ARRAY[18, 25, 35, 45, 55, 65])::text
              FROM res_partner partner WHERE %s
            """,
            fields.Date.context_today(self),
            customers.include(SQL.identifier("partner", "id")),
        )
        columns = (
            "user_id",
            "country_id",
            "state_id",
            "city",
            "lang",
            "industry_id",
            "relation_date",
            "age_band",
        )
        return MetricSource(
            "identity", columns, query, self.env._("Contact"), per_company=False
        )

    @api.model
    def _get_people_source(self, customers):
        """The contacts below a customer, and whose position speaks for all."""
        query = SQL(
            """
            SELECT commercial_partner_id,
                   count(*) FILTER (WHERE id != commercial_partner_id),
                   (array_agg(function ORDER BY id != commercial_partner_id, id)
                       FILTER (WHERE function != ''))[1]
              FROM res_partner partner
             WHERE active AND (id != commercial_partner_id OR function != '')
               AND %s
             GROUP BY commercial_partner_id
            """,
            customers.include(SQL.identifier("partner", "commercial_partner_id")),
        )
        return MetricSource(
            "people",
            ("contact_count", "job_position"),
            query,
            self.env._("Contacts of the customer"),
            per_company=False,
        )

    @api.model
    def _get_lead_source(self, customers):
        query = SQL(
            """
            SELECT contact.commercial_partner_id, customer.company_id,
                   count(*) FILTER (WHERE %(pending)s),
                   count(*) FILTER (WHERE %(pending)s AND lead.type = 'opportunity'),
                   sum(lead.expected_revenue) FILTER (WHERE %(pending)s),
                   count(*) FILTER (WHERE lead.won_status = 'won'),
                   count(*) FILTER (WHERE lead.won_status = 'lost'),
                   max(lead.create_date),
                   (array_agg(lead.territory_id ORDER BY lead.id DESC)
                       FILTER (WHERE lead.territory_id IS NOT NULL))[1],
                   (array_agg(lead.team_id ORDER BY lead.id DESC)
                       FILTER (WHERE lead.team_id IS NOT NULL))[1]
              FROM crm_lead lead
              JOIN res_partner contact ON contact.id = lead.partner_id
              JOIN (%(customers)s) customer
                ON customer.partner_id = contact.commercial_partner_id
               AND customer.company_id = COALESCE(lead.company_id, customer.company_id)
             WHERE %(wanted)s
             GROUP BY contact.commercial_partner_id, customer.company_id
            """,
            pending=SQL("lead.active AND lead.won_status = 'pending'"),
            customers=customers,
            wanted=customers.include_contact(SQL.identifier("lead", "partner_id")),
        )
        columns = (
            "lead_count",
            "opportunity_count",
            "expected_revenue",
            "won_count",
            "lost_count",
            "last_lead_date",
            "territory_id",
            "team_id",
        )
        return MetricSource("leads", columns, query, self.env._("Leads"))
