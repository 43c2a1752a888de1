from odoo import api, fields, models
from odoo.tools import SQL


class CrmSegmentSize(models.Model):
    """How many members a segment had on a day: the last count of the day stays."""

    _name = "crm.segment.size"
    _description = "Segment Size"
    _order = "date DESC, id DESC"
    _log_access = False
    _rec_name = "date"

    segment_id = fields.Many2one(
        "crm.segment", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="segment_id.company_id")
    date = fields.Date(required=True, readonly=True)
    member_count = fields.Integer("Members", readonly=True, aggregator="avg")
    entered_count = fields.Integer("Entered", readonly=True)
    left_count = fields.Integer("Left", readonly=True)

    _day_uniq = models.UniqueIndex(
        "(segment_id, date)", "The size of this day has been taken already."
    )

    @api.model
    def _record(self, segments, changed):
        """Count the members of segments today, and who came and went.

        :param changed: those of ``segments`` to count again if they were today
        """
        today = fields.Date.context_today(self)
        counted = self.search(
            [("segment_id", "in", segments.ids), ("date", "=", today)]
        )
        segments -= counted.segment_id - changed
        if not segments:
            return
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_segment_size AS size
                       (segment_id, date, member_count, entered_count, left_count)
                SELECT segment.id, %(today)s, now.members, came.members, gone.members
                  FROM crm_segment segment
                 CROSS JOIN LATERAL (SELECT count(*) FROM crm_segment_member
                      WHERE segment_id = segment.id AND date_left IS NULL)
                       now (members)
                 CROSS JOIN LATERAL (SELECT count(*) FROM crm_segment_member
                      WHERE segment_id = segment.id AND date_entered >= %(today)s)
                       came (members)
                 CROSS JOIN LATERAL (SELECT count(*) FROM crm_segment_member
                      WHERE segment_id = segment.id AND date_left >= %(today)s)
                       gone (members)
                 WHERE segment.id IN %(segments)s
                ON CONFLICT (segment_id, date) DO UPDATE
                   SET member_count = excluded.member_count,
                       entered_count = excluded.entered_count,
                       left_count = excluded.left_count
                 WHERE (size.member_count, size.entered_count, size.left_count)
                    IS DISTINCT FROM (excluded.member_count, excluded.entered_count,
                                      excluded.left_count)
                RETURNING id
                """,
                today=today,
                segments=segments._ids,
            )
        )
        self.invalidate_model()
