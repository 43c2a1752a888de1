from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# Where steps lie in the flow: distance of the columns and rows.
COLUMN, ROW = 260, 160


class CrmJourneyTemplate(models.Model):
    """A journey of the gallery, to be used as it is or changed.

    Addons add templates as data records. Settings are values of ``crm.journey``; in
    place of ids stand ``{"ref": xml_id}``, ``{"refs": [xml_id, ...]}`` for several,
    and ``{"field": "model.name"}``. A template whose records are missing, since their
    application is not installed, is shown but can't be used.
    """

    _name = "crm.journey.template"
    _description = "Journey Template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    icon = fields.Char(default="fa-map-signs")
    purpose = fields.Selection(
        [
            ("win", "Win"),
            ("grow", "Grow"),
            ("serve", "Serve"),
            ("keep", "Keep"),
        ],
        required=True,
        default="grow",
    )
    settings = fields.Json()
    step_ids = fields.One2many("crm.journey.template.step", "template_id", "Steps")
    missing = fields.Char(compute="_compute_missing", compute_sudo=True)

    @api.depends("settings", "step_ids.settings")
    def _compute_missing(self):
        for template in self:
            settings = [template.settings, *template.step_ids.mapped("settings")]
            names = template._get_missing_modules(settings)
            template.missing = (
                self.env._("Needs %s", ", ".join(names)) if names else False
            )

    @api.model
    def _get_missing_modules(self, settings):
        """Return the names of the addons whose records the settings miss."""
        missing = {
            xml_id.split(".")[0]
            for xml_id in self._get_references(settings)
            if not self.env.ref(xml_id, raise_if_not_found=False)
        }
        modules = self.env["ir.module.module"].sudo()
        known = modules.search([("name", "in", list(missing))])
        labels = dict(zip(known.mapped("name"), known.mapped("shortdesc"), strict=True))
        return sorted(labels.get(name) or name for name in missing)

    @api.model
    def _get_references(self, settings):
        """Return all external ids in the settings, however deep."""
        if isinstance(settings, list):
            return [name for part in settings for name in self._get_references(part)]
        if not isinstance(settings, dict):
            return []
        if "ref" in settings:
            return [settings["ref"]]
        return settings.get("refs") or self._get_references(list(settings.values()))

    # ------------------------------------------------------------
    # Use
    # ------------------------------------------------------------

    def action_use(self):
        """Make a journey of the template and open its flow."""
        return self._make_journey().action_draw()

    def _make_journey(self):
        """Make a draft journey with the steps and messages of the template.

        :raise UserError: an application it needs is not installed
        """
        self.ensure_one()
        if self.missing:
            raise UserError(
                self.env._(
                    "%(template)s: %(missing)s. Ask your administrator to install it.",
                    template=self.name,
                    missing=self.missing,
                )
            )
        journey = self.env["crm.journey"].create(
            {
                "name": self.name,
                "description": self.description,
                **self._resolve(self.settings or {}),
            }
        )
        version = self.env["crm.journey.version"].create({"journey_id": journey.id})
        steps = self.step_ids._make_steps(version)
        version.start_step_id = steps[self.step_ids[:1]]
        return journey

    @api.model
    def _resolve(self, settings):
        """Return values to create a record with."""
        return {name: self._resolve_one(value) for name, value in settings.items()}

    @api.model
    def _resolve_one(self, value):
        if not isinstance(value, dict):
            return value
        if "ref" in value:
            return self.env.ref(value["ref"]).id
        if "refs" in value:
            return [Command.set([self.env.ref(name).id for name in value["refs"]])]
        model, name = value["field"].rsplit(".", 1)
        return self.env["ir.model.fields"]._get(model, name).id
