from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_lifecycle.profile_metrics.metric_source import MetricSource


class CrmCustomerProfile(models.Model):
    """What the customer reads on the website, as far as he agreed to it."""

    _inherit = "crm.customer.profile"

    favourite_page_id = fields.Many2one(
        "website.page",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The page of the website that the customer read most often.",
    )
    page_view_count = fields.Integer("Pages Read", readonly=True)
    last_page_date = fields.Datetime("Last Page Read on", readonly=True)

    def _get_metric_sources(self, customers):
        return [
            *super()._get_metric_sources(customers),
            self._get_page_source(customers),
        ]

    def _get_page_source(self, customers):
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        visitors = self.env["website.visitor"].sudo()
        self.env["website.track"].flush_model()
        visitors.flush_model(["partner_id"])
        query = SQL(
            """
            SELECT partner_id, (array_agg(page_id ORDER BY views DESC, last DESC))[1],
                   sum(views), max(last)
              FROM (
                SELECT contact.commercial_partner_id AS partner_id, reading.page_id,
                       sum(reading.views) AS views, max(reading.last) AS last
                  FROM (
                    SELECT visitor.partner_id AS contact_id, track.page_id,
                           count(*) AS views, max(track.visit_datetime) AS last
                      FROM website_track track
                      JOIN website_visitor visitor ON visitor.id = track.visitor_id
                     WHERE track.page_id IS NOT NULL AND %(wanted_visitor)s
                     GROUP BY 1, 2
                     UNION ALL
                    SELECT contact_id, page_id, view_count, last_date
                      FROM crm_page_reading counter WHERE %(wanted_reader)s
                  ) reading
                  JOIN res_partner contact ON contact.id = reading.contact_id
                 WHERE contact.id IN %(allowed)s
                 GROUP BY 1, 2) page
             GROUP BY partner_id
            """,
            wanted_visitor=customers.include_contact(
                SQL.identifier("visitor", "partner_id")
            ),
            wanted_reader=customers.include_contact(
                SQL.identifier("counter", "contact_id")
            ),
            allowed=partners._search(visitors._get_allowed_partners()).subselect(),
        )
        return MetricSource(
            "page_views",
            ("favourite_page_id", "page_view_count", "last_page_date"),
            query,
            self.env._("Pages read on the website"),
            self.env._("Of contacts who agreed that we look at what they read."),
            per_company=False,
        )

    def _get_360_tiles(self):
        tiles = super()._get_360_tiles()
        if self.page_view_count:
            tiles.append(
                self._prepare_tile(
                    "page_views",
                    self.env._("Reads most"),
                    self.favourite_page_id.sudo().name,
                    "fa-globe",
                    70,
                    detail=self.env._("Pages read: %s", self.page_view_count),
                )
            )
        return tiles
