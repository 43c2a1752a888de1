from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class CrmTerritory(models.Model):
    """An area of the sales force: places, and the people who sell there.

    A lead belongs to the deepest territory that covers its address: a part of a
    territory covers what it says itself within what the whole covers. What a part
    doesn't say (team, salespeople) it takes from the whole.
    """

    _name = "crm.territory"
    _description = "Sales Territory"
    _parent_store = True
    _parent_name = "parent_id"
    _order = "complete_name, id"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name"]

    name = fields.Char(required=True)
    complete_name = fields.Char(
        compute="_compute_complete_name", store=True, recursive=True
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="Of territories that fit a lead equally well the first counts."
    )
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, index=True
    )
    parent_id = fields.Many2one(
        "crm.territory", "Part of", index=True, ondelete="restrict"
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("crm.territory", "parent_id", "Parts")
    country_ids = fields.Many2many("res.country", string="Countries")
    state_ids = fields.Many2many("res.country.state", string="States")
    zip_prefixes = fields.Char(
        "ZIP codes beginning with",
        help="Separated by commas, such as 10, 120-122. A range has ends of the same "
        "length.",
    )
    team_id = fields.Many2one("crm.team", "Sales Team", index="btree_not_null")
    user_ids = fields.Many2many(
        "res.users",
        string="Salespeople",
        domain=[("share", "=", False)],
        help="New leads go to whoever of them has the fewest open ones. Empty: to "
        "those of the territory that this one is part of.",
    )
    open_lead_count = fields.Integer("Open Leads", compute="_compute_open_lead_count")

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for territory in self:
            names = filter(None, (territory.parent_id.complete_name, territory.name))
            territory.complete_name = " / ".join(names)

    def _compute_open_lead_count(self):
        """Count the leads of the territory and its parts."""
        for territory in self:
            territory.open_lead_count = self.env["crm.lead"].search_count(
                [
                    ("territory_id", "child_of", territory.id),
                    ("won_status", "=", "pending"),
                ]
            )

    @api.constrains("zip_prefixes")
    def _check_zip_prefixes(self):
        for territory in self:
            for start, stop in territory._get_zip_ranges():
                if len(start) != len(stop) or start > stop:
                    raise ValidationError(
                        self.env._(
                            "%(start)s-%(stop)s is no range of ZIP codes: give two "
                            "beginnings of the same length, the smaller one first.",
                            start=start,
                            stop=stop,
                        )
                    )

    def _get_zip_ranges(self):
        """Return the ranges of beginnings of ZIP codes as pairs (first, last)."""
        self.ensure_one()
        ranges = []
        for part in (self.zip_prefixes or "").upper().replace(" ", "").split(","):
            start, _separator, stop = part.partition("-")
            if start:
                ranges.append((start, stop or start))
        return ranges

    def action_open_leads(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_lead_action_score"
        )
        action["domain"] = [("territory_id", "child_of", self.id)]
        action["display_name"] = self.complete_name
        return action

    # ------------------------------------------------------------
    # Routing
    # ------------------------------------------------------------

    def _get_salespeople(self):
        """Return the salespeople, of the next larger territory that has some."""
        territory = self
        while territory and not territory.user_ids.filtered("active"):
            territory = territory.parent_id
        return territory.user_ids.filtered("active")

    def _get_team(self):
        """Return the sales team, of the next larger territory that has one."""
        territory = self
        while territory and not territory.team_id:
            territory = territory.parent_id
        return territory.team_id

    @api.model
    def _find_by_lead(self, leads):
        """Return ``{lead id: territory}`` of the leads that lie in one."""
        if not leads:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH zip_range (territory_id, first, last) AS (%(zip_ranges)s),
                cover AS (
                    SELECT lead.id AS lead_id, territory.id AS territory_id
                      FROM crm_lead lead CROSS JOIN crm_territory territory
                     WHERE lead.id = ANY(%(leads)s) AND territory.active
                       AND (territory.company_id IS NULL OR lead.company_id IS NULL
                            OR territory.company_id = lead.company_id)
                       AND %(covers_country)s AND %(covers_state)s AND %(covers_zip)s
                )
                SELECT DISTINCT ON (cover.lead_id) cover.lead_id, territory.id
                  FROM cover
                  JOIN crm_territory territory ON territory.id = cover.territory_id
                 WHERE %(has_place)s
                   AND NOT EXISTS (
                    SELECT 1 FROM crm_territory whole
                     WHERE starts_with(territory.parent_path, whole.parent_path)
                       AND NOT EXISTS (
                        SELECT 1 FROM cover outer_cover
                         WHERE outer_cover.lead_id = cover.lead_id
                           AND outer_cover.territory_id = whole.id))
                 ORDER BY cover.lead_id,
                       length(territory.parent_path)
                           - length(replace(territory.parent_path, '/', '')) DESC,
                       territory.sequence, territory.id
                """,
                leads=leads.ids,
                zip_ranges=self._zip_range_to_sql(),
                has_place=self._has_place_to_sql(),
                **self._cover_to_sql(),
            )
        )
        return {lead_id: self.browse(territory_id) for lead_id, territory_id in rows}

    @api.model
    def _zip_range_to_sql(self):
        territories = self.sudo().search([("zip_prefixes", "!=", False)])
        ranges = [
            SQL("(%s, %s, %s)", territory.id, start, stop)
            for territory in territories
            for start, stop in territory._get_zip_ranges()
        ]
        if not ranges:
            return SQL("SELECT 0, '', '' WHERE FALSE")
        return SQL("VALUES %s", SQL(", ").join(ranges))

    @api.model
    def _has_place_to_sql(self):
        """A territory that names no place itself is a heading: it takes no leads."""
        return SQL(
            "(EXISTS (SELECT 1 FROM %s WHERE crm_territory_id = territory.id)"
            " OR EXISTS (SELECT 1 FROM %s WHERE crm_territory_id = territory.id)"
            " OR EXISTS (SELECT 1 FROM zip_range WHERE territory_id = territory.id))",
            SQL.identifier(self._fields["country_ids"].relation),
            SQL.identifier(self._fields["state_ids"].relation),
        )

    @api.model
    def _cover_to_sql(self):
        """Return the conditions by kind of place; a kind not said covers all."""
        return {
            "covers_country": self._place_to_sql("country_ids", "country_id"),
            "covers_state": self._place_to_sql("state_ids", "state_id"),
            "covers_zip": SQL(
                """(NOT EXISTS (SELECT 1 FROM zip_range
                                 WHERE territory_id = territory.id)
                    OR EXISTS (SELECT 1 FROM zip_range
                                WHERE territory_id = territory.id
                                  AND left(upper(replace(lead.zip, ' ', '')),
                                           length(first))
                                      COLLATE "C" BETWEEN first AND last))"""
            ),
        }

    @api.model
    def _place_to_sql(self, field_name, lead_column):
        field = self._fields[field_name]
        relation = SQL.identifier(field.relation)
        return SQL(
            "(NOT EXISTS (SELECT 1 FROM %(relation)s place"
            " WHERE place.crm_territory_id = territory.id)"
            " OR EXISTS (SELECT 1 FROM %(relation)s place"
            " WHERE place.crm_territory_id = territory.id AND %(column)s = %(lead)s))",
            relation=relation,
            column=SQL.identifier("place", field.column2),
            lead=SQL.identifier("lead", lead_column),
        )
