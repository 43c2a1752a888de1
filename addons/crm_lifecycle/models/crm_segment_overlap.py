from odoo import fields, models
from odoo.tools import SQL


class CrmSegmentOverlap(models.Model):
    """How many members two segments share; a segment shares all with itself."""

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

    @property
    def _table_query(self):
        self.env["crm.segment.member"].flush_model()
        return SQL(
            """
            SELECT segment_id::bigint * 1000000 + other_segment_id AS id, pair.*,
                   common_count::float / NULLIF(size.members, 0) AS share
              FROM (
                SELECT member.segment_id, other.segment_id AS other_segment_id,
                       count(*) AS common_count
                  FROM crm_segment_member member
                  JOIN crm_segment_member other
                    ON other.partner_id = member.partner_id
                   AND other.company_id = member.company_id
                   AND other.date_left IS NULL
                 WHERE member.date_left IS NULL AND member.company_id IN %(companies)s
                 GROUP BY 1, 2) pair
              JOIN (SELECT segment_id AS id, count(*) AS members
                      FROM crm_segment_member
                     WHERE date_left IS NULL AND company_id IN %(companies)s
                     GROUP BY 1) size ON size.id = pair.segment_id
            """,
            companies=self.env.companies._ids or (0,),
        )
