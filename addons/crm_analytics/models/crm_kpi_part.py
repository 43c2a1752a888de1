from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .crm_kpi import COUNTING

# A part has the measure of the whole.
MEASURE = (
    "company_id", "model_id", "domain", "aggregate", "share_domain", "field_id",
    "date_field_id", "cause_field_id", "direction", "tolerance",
)  # fmt: skip


class CrmKpi(models.Model):
    """A KPI by salesperson, team or whatever its documents name: its parts.

    A part is a KPI with a target, months, a light and an owner of its own; what is
    measured, and how, is that of the whole. Its owner sees it, and not the others.
    """

    _inherit = "crm.kpi"

    split_field_id = fields.Many2one(
        "ir.model.fields",
        "Split by",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True), "
        "('ttype', '=', 'many2one')]",
        help="Such as the salesperson or the team: each gets a target of his own.",
    )
    parent_id = fields.Many2one(
        "crm.kpi", "Part of", ondelete="cascade", index=True, readonly=True
    )
    part_ids = fields.One2many("crm.kpi", "parent_id", "Parts")
    part_count = fields.Integer(compute="_compute_part_count")
    group_id = fields.Many2oneReference(
        model_field="group_model", readonly=True, index="btree_not_null"
    )
    group_model = fields.Char(
        related="parent_id.split_field_id.relation", string="Model of the Group"
    )

    _part_uniq = models.UniqueIndex(
        "(parent_id, group_id) WHERE parent_id IS NOT NULL",
        "A KPI has a part for each group once.",
    )

    @api.depends("part_ids")
    def _compute_part_count(self):
        counts = dict(
            self._read_group(
                [("parent_id", "in", self.ids)], ["parent_id"], ["__count"]
            )
        )
        for kpi in self:
            kpi.part_count = counts.get(kpi, 0)

    @api.constrains("split_field_id", "model_id")
    def _check_split_field(self):
        for kpi in self:
            field = kpi.sudo().split_field_id
            if field and (field.model_id != kpi.model_id or field.ttype != "many2one"):
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: split by a field of the document that names one "
                        "record, such as the salesperson.",
                        kpi=kpi.name,
                    )
                )

    def write(self, vals):
        if "split_field_id" in vals:
            for kpi in self.filtered("part_ids"):
                if kpi.split_field_id.id != vals["split_field_id"]:
                    raise UserError(
                        self.env._(
                            "%(kpi)s has parts with months of their own: delete them "
                            "before you split it by something else.",
                            kpi=kpi.name,
                        )
                    )
        result = super().write(vals)
        measure = {name: vals[name] for name in MEASURE if name in vals}
        if measure and self.part_ids:
            self.part_ids.write(measure)
        return result

    # ------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------

    def _get_measured_domain(self, first=None, following=None):
        domain = super()._get_measured_domain(first, following)
        if self.parent_id:
            split_name = self.parent_id.sudo().split_field_id.name
            domain &= Domain(split_name, "=", self.group_id)
        return domain

    def _measure_each(self, first=None, following=None):
        """Measure all parts of a KPI at once."""
        parts = self.filtered("parent_id")
        figures = super(CrmKpi, self - parts)._measure_each(first, following)
        for whole, own in parts.grouped("parent_id").items():
            by_group = whole._measure_groups(first, following)
            unknown = 0 if whole.aggregate in COUNTING else None
            figures |= {part: by_group.get(part.group_id, unknown) for part in own}
        return figures

    def _measure_groups(self, first=None, following=None):
        """Return the figure of each group of documents, by the id of what they name.

        What is unknown, such as the average of empty fields, is left out.
        """
        model = self.env[self.sudo().model_name].sudo()
        split_name = self.sudo().split_field_id.name
        domain = self._get_measured_domain(first, following)
        figures = {
            group.id: figure or 0
            for group, figure in model._read_group(
                domain, [split_name], [self._get_aggregate()]
            )
            if self.aggregate in COUNTING or figure is not False
        }
        if self.aggregate != "share":
            return figures
        meeting = {
            group.id: count
            for group, count in model._read_group(
                domain & self._get_share_domain(), [split_name], ["__count"]
            )
        }
        return {
            group: 100 * meeting.get(group, 0) / count
            for group, count in figures.items()
        }

    # ------------------------------------------------------------
    # Making parts
    # ------------------------------------------------------------

    def action_make_parts(self):
        """Make a part for each group that has documents, this month or the last.

        Sums and numbers are planned in equal shares, other figures as the whole; the
        targets of parts that are there are left alone.

        :return: action that lists the parts
        """
        self.ensure_one()
        self.check_access("write")
        if self.parent_id or not self.split_field_id:
            raise UserError(self.env._("Choose what to split the KPI by."))
        groups = self._find_groups()
        there = set(self.part_ids.mapped("group_id"))
        share = len(groups) if self.aggregate in ("count", "sum") else 1
        self.create(
            [
                {
                    **self._prepare_part_values(group),
                    "target": self.target / share,
                }
                for group in groups
                if group.id not in there
            ]
        )
        return self.action_open_parts()

    def _find_groups(self):
        """Return what the documents name: of this month and the last, and the parts."""
        this_month = fields.Date.context_today(self).replace(day=1)
        last_month = fields.Date.subtract(this_month, months=1)
        found = {
            *self._measure_groups(),
            *self._measure_groups(last_month, this_month),
            *self.part_ids.mapped("group_id"),
        }
        groups = self.env[self.sudo().split_field_id.relation].sudo()
        return groups.browse(sorted(found - {False})).exists()

    def _prepare_part_values(self, group):
        owner = self._get_group_owner(group)
        return {
            "name": f"{self.name}: {group.display_name}",
            "parent_id": self.id,
            "group_id": group.id,
            "user_id": owner.id,
            "sequence": self.sequence,
            "corrective_action": self.corrective_action,
            **{
                name: self[name].id
                if isinstance(self[name], models.BaseModel)
                else self[name]
                for name in MEASURE
            },
        }

    @api.model
    def _get_group_owner(self, group):
        """Return who answers for a part: the user, or whom the record names."""
        if group._name == "res.users":
            user = group
        elif "user_id" in group._fields:
            user = group.user_id
        else:
            user = self.env["res.users"]
        is_user = user and user._name == "res.users" and user.active
        return user if is_user and not user.share else self.env["res.users"]

    def action_open_parts(self):
        """Open the parts of the KPI."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_analytics.crm_kpi_action"
        )
        action.pop("path", None)
        return {
            **action,
            "name": self.name,
            "display_name": self.name,
            "domain": [("parent_id", "=", self.id)],
            "context": {"create": False},
        }
