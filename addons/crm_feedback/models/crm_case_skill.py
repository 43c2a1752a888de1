from odoo import fields, models


class CrmCaseSkill(models.Model):
    """Something that an agent can know more or less well."""

    _name = "crm.case.skill"
    _description = "Service Skill"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    color = fields.Integer("Color Index")

    _name_uniq = models.UniqueIndex("(name)", "This skill exists already.")
