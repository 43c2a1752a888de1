from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..territory_map.area import Area, Place


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
        """Return ``{lead id: territory}`` of the leads that lie in one.

        The tree is read once, each address looked up once.
        """
        whole_map = Area(id=0, parts=self._get_areas())
        found_by_place = {}
        territory_by_lead = {}
        for lead in leads:
            place = self._get_place(lead)
            if place not in found_by_place:
                found_by_place[place] = whole_map.find_deepest(place)
            if found_by_place[place]:
                _depth, area = found_by_place[place]
                territory_by_lead[lead.id] = self.browse(area.id)
        return territory_by_lead

    @api.model
    def _get_areas(self):
        """Return the largest territories as areas, with their parts."""
        areas = {
            territory: Area(
                id=territory.id,
                sequence=territory.sequence,
                company_id=territory.company_id.id or 0,
                country_ids=frozenset(territory.country_ids._ids),
                state_ids=frozenset(territory.state_ids._ids),
                zip_ranges=tuple(territory._get_zip_ranges()),
            )
            for territory in self.sudo().search([("active", "=", True)])
        }
        for territory, area in areas.items():
            if territory.parent_id in areas:
                areas[territory.parent_id].parts.append(area)
        return [area for territory, area in areas.items() if not territory.parent_id]

    @api.model
    def _get_place(self, lead):
        return Place(
            lead.company_id.id or 0,
            lead.country_id.id or 0,
            lead.state_id.id or 0,
            (lead.zip or "").upper().replace(" ", ""),
        )
