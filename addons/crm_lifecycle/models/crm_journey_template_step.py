from odoo import fields, models
from odoo.tools.translate import html_translate

from .crm_journey_template import COLUMN, ROW

BODY = (
    '<div data-name="Mailing" class="o_layout o_basic_theme">'
    '<div class="oe_structure o_mail_no_options">%s</div></div>'
)


class CrmJourneyTemplateStep(models.Model):
    """A step of a template; if it sends a mailing, with its text."""

    _name = "crm.journey.template.step"
    _description = "Journey Template Step"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "crm.journey.template", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, help="By which other steps lead to this one.")
    name = fields.Char(required=True, translate=True)
    kind = fields.Char(required=True, help="As of the steps of journeys.")
    column = fields.Integer(help="Where it lies in the flow, from left.")
    settings = fields.Json(help="Values of the step.")
    ways = fields.Json(help="The code of the next step by outcome.")
    # Texts, for translations
    summary = fields.Char(translate=True)
    subject = fields.Char(translate=True)
    body = fields.Html(translate=html_translate, sanitize=False)
    purpose_code = fields.Char("Purpose", default="marketing")
    message_model = fields.Char(
        default="res.partner",
        help="What the text speaks of: the contact, or the document of the journey.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(template_id, code)", "Another step of the template has this code."
    )

    def _make_steps(self, version):
        """Make the steps of a version with their lines.

        :return: the step made of each
        :rtype: dict[crm.journey.template.step, crm.journey.step]
        """
        made = {}
        depths = self._get_depths()
        for origin in self:
            values = origin._prepare_step(version)
            values |= {"x": 300 + origin.column * COLUMN, "y": depths[origin] * ROW}
            made[origin] = self.env["crm.journey.step"].create(values)
        by_code = {origin.code: step for origin, step in made.items()}
        self.env["crm.journey.edge"].create(
            [
                {
                    "step_id": made[origin].id,
                    "outcome": outcome,
                    "target_id": by_code[code].id,
                }
                for origin in self
                for outcome, code in (origin.ways or {}).items()
            ]
        )
        return made

    def _get_depths(self):
        """Return how many steps each is away from the first, by the longest way."""
        depths = dict.fromkeys(self, 0)
        by_code = {step.code: step for step in self}
        for step in self:
            for code in (step.ways or {}).values():
                depths[by_code[code]] = max(depths[by_code[code]], depths[step] + 1)
        return depths

    def _prepare_step(self, version):
        values = {
            "version_id": version.id,
            "name": self.name,
            "kind": self.kind,
            **self.template_id._resolve(self.settings or {}),
        }
        if self.summary:
            values["summary"] = self.summary
        if self.kind == "message":
            mailing = self.env["mailing.mailing"].create(self._prepare_mailing())
            values["mailing_id"] = mailing.id
        return values

    def _prepare_mailing(self):
        purposes = self.env["crm.consent.purpose"]
        body = BODY % (self.body or "")
        return {
            "name": f"{self.template_id.name}: {self.name}",
            "subject": self.subject,
            "mailing_type": "mail",
            "is_journey_message": True,
            "mailing_model_id": self.env["ir.model"]._get_id(self.message_model),
            "body_html": body,
            "body_arch": body,
            "consent_purpose_id": purposes.search(
                [("code", "=", self.purpose_code)], limit=1
            ).id,
        }
