from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class CrmSegment(models.Model):
    """A group of customers: by a rule on their profile, or picked by hand.

    Membership is kept over time. A refresh compares the rule with the members there
    are, so that entering and leaving are facts of their own, captured as events.
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
        [("dynamic", "By rule"), ("static", "By hand")],
        required=True,
        default="dynamic",
        help="Members by rule are found in the customer profiles; members by hand stay "
        "until someone takes them out.",
    )
    domain = fields.Char("Rule", default="[]", required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        help="Empty: the customers of all companies.",
    )
    member_ids = fields.One2many(
        "crm.segment.member",
        "segment_id",
        "Members",
        domain=[("date_left", "=", False)],
    )
    member_count = fields.Integer("Number of members", compute="_compute_member_count")
    refresh_date = fields.Datetime("Members found on", readonly=True, copy=False)
    refresh_error = fields.Text(readonly=True, copy=False)

    @api.depends("member_ids.date_left")
    def _compute_member_count(self):
        counts = dict(
            self.env["crm.segment.member"]._read_group(
                [("segment_id", "in", self.ids), ("date_left", "=", False)],
                ["segment_id"],
                ["__count"],
            )
        )
        for segment in self:
            segment.member_count = counts.get(segment, 0)

    @api.constrains("domain", "kind")
    def _check_domain(self):
        profiles = self.env["crm.customer.profile"].sudo()
        for segment in self:
            try:
                profiles._search(Domain(literal_eval(segment.domain or "[]")))
            except (ValueError, SyntaxError, KeyError, UserError) as error:
                raise ValidationError(
                    self.env._(
                        "The rule of segment %(segment)s is not valid: %(error)s",
                        segment=segment.name,
                        error=error,
                    )
                ) from error

    # ------------------------------------------------------------
    # Members
    # ------------------------------------------------------------

    def _get_profile_domain(self):
        """Return the domain of the profiles that the rule wants as members."""
        self.ensure_one()
        domain = Domain(literal_eval(self.domain or "[]"))
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return domain

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

    def _refresh_members(self):
        """Let members enter and leave as the rule says.

        :return: number of customers who entered, number who left
        """
        entered = left = 0
        now = self.env.cr.now()
        for segment in self.filtered(lambda segment: segment.kind == "dynamic").sudo():
            segment.env.flush_all()
            profiles = segment.env["crm.customer.profile"].with_context(
                active_test=False
            )
            query = profiles._search(segment._get_profile_domain())
            wanted = query.select(
                SQL.identifier(query.table, "partner_id"),
                SQL.identifier(query.table, "company_id"),
            )
            left += segment._remove_members(wanted, now)
            entered += segment._add_members(wanted, now)
        if self:
            self.sudo().write({"refresh_date": now, "refresh_error": False})
            self._capture_moves(now)
        return entered, left

    def _remove_members(self, wanted, now):
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_segment_member member SET date_left = %s
                 WHERE segment_id = %s AND date_left IS NULL
                   AND NOT EXISTS (
                    SELECT 1 FROM (%s) wanted (partner_id, company_id)
                     WHERE wanted.partner_id = member.partner_id
                       AND wanted.company_id = member.company_id)
                RETURNING id
                """,
                now,
                self.id,
                wanted,
            )
        )
        self.env["crm.segment.member"].invalidate_model()
        return len(rows)

    def _add_members(self, wanted, now):
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_segment_member
                       (segment_id, partner_id, company_id, date_entered)
                SELECT %s, wanted.partner_id, wanted.company_id, %s
                  FROM (%s) wanted (partner_id, company_id)
                ON CONFLICT (segment_id, partner_id, company_id)
                      WHERE date_left IS NULL DO NOTHING
                RETURNING id
                """,
                self.id,
                now,
                wanted,
            )
        )
        self.env["crm.segment.member"].invalidate_model()
        return len(rows)

    def _capture_moves(self, now):
        """Make the events of those who entered or left at ``now``."""
        event_type = self.env["crm.customer.event.type"]
        member = self.env["crm.segment.member"].sudo()
        scope = [("segment_id", "in", self.ids)]
        event_type._capture(
            "segment_entered", member.search([*scope, ("date_entered", "=", now)])
        )
        event_type._capture(
            "segment_left", member.search([*scope, ("date_left", "=", now)])
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

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Refresh the segments one by one; a broken rule does not stop the others."""
        segments = self.search([("kind", "=", "dynamic")])
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(segments))
        for segment in segments:
            try:
                with self.env.cr.savepoint():
                    segment._refresh_members()
            except (UserError, ValueError, KeyError) as error:
                segment.refresh_error = str(error)
            if not commit(1):
                break
