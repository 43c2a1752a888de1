from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmSegmentOverlap(models.Model):
    """How many members two segments share, and how many only one of them has.

    A segment shares all with itself.
    """

    _name = "crm.segment.overlap"
    _description = "Segment Overlap"
    _auto = False
    _order = "common_count DESC, segment_id, other_segment_id"
    _rec_name = "segment_id"

    segment_id = fields.Many2one("crm.segment", readonly=True)
    company_id = fields.Many2one(related="segment_id.company_id")
    other_segment_id = fields.Many2one("crm.segment", "Shared With", readonly=True)
    # The most that a segment shares is what it shares with itself: its size.
    common_count = fields.Integer("Common Members", readonly=True, aggregator="max")
    share = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Of the first segment's members, those who are in the other as well.",
    )

    only_count = fields.Integer(
        "Only in the First",
        readonly=True,
        aggregator="max",
        help="Members of the first segment who are not in the other: the difference.",
    )

    def action_open_common(self):
        """Open the customers who are in both segments."""
        return self._open_profiles(
            self.env._(
                "In %(one)s and %(other)s",
                one=self.segment_id.name,
                other=self.other_segment_id.name,
            ),
            self._get_member_domain(self.segment_id)
            & self._get_member_domain(self.other_segment_id),
        )

    def action_open_difference(self):
        """Open the customers who are in the first segment and not in the other."""
        return self._open_profiles(
            self.env._(
                "In %(one)s, not in %(other)s",
                one=self.segment_id.name,
                other=self.other_segment_id.name,
            ),
            self._get_member_domain(self.segment_id)
            & ~self._get_member_domain(self.other_segment_id),
        )

    def _get_member_domain(self, segment):
        return Domain(
            "segment_member_ids",
            "any",
            [("segment_id", "=", segment.id), ("date_left", "=", False)],
        )

    def _open_profiles(self, name, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_customer_profile_action"
        )
        return {**action, "domain": list(domain), "display_name": name, "name": name}

    @property
    def _table_query(self):
        self.env["crm.segment.member"].flush_model()
        return SQL(
            """
            WITH member AS (
                SELECT * FROM crm_segment_member
                 WHERE date_left IS NULL AND company_id IN %(companies)s
            ), size AS (
                SELECT segment_id AS id, count(*) AS members FROM member GROUP BY 1
            )
            SELECT one.id::bigint * 1000000 + other.id AS id,
                   one.id AS segment_id, other.id AS other_segment_id,
                   COALESCE(pair.common_count, 0) AS common_count,
                   one.members - COALESCE(pair.common_count, 0) AS only_count,
                   COALESCE(pair.common_count, 0)::float / one.members AS share
              FROM size one CROSS JOIN size other
              LEFT JOIN (
                SELECT member.segment_id, other.segment_id AS other_segment_id,
                       count(*) AS common_count
                  FROM member
                  JOIN member other
                    ON other.partner_id = member.partner_id
                   AND other.company_id = member.company_id
                 GROUP BY 1, 2) pair
                ON pair.segment_id = one.id AND pair.other_segment_id = other.id
            """,
            companies=self.env.companies._ids or (0,),
        )
