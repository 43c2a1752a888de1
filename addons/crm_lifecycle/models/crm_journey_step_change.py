from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import str2bool

SETTABLE = (
    "char",
    "text",
    "integer",
    "float",
    "monetary",
    "boolean",
    "date",
    "datetime",
    "selection",
    "many2one",
)


class CrmJourneyStepChange(models.Model):
    """Steps that change something: segments, tags, fields, or what an action does."""

    _inherit = "crm.journey.step"

    segment_id = fields.Many2one(
        "crm.segment", domain=[("kind", "=", "static")], ondelete="restrict"
    )
    segment_operation = fields.Selection(
        [("add", "Add to"), ("remove", "Remove from")], "Do", default="add"
    )
    tag_ids = fields.Many2many(
        "res.partner.category", "crm_journey_step_tag_rel", string="Tags"
    )
    target = fields.Selection(
        [("customer", "The customer"), ("document", "The document")],
        "Of",
        default="customer",
    )
    target_model = fields.Char(compute="_compute_target_model")
    field_id = fields.Many2one(
        "ir.model.fields",
        domain="[('model', '=', target_model), ('readonly', '=', False), "
        "('store', '=', True), ('ttype', 'in', ('char', 'text', 'integer', 'float', "
        "'monetary', 'boolean', 'date', 'datetime', 'selection', 'many2one'))]",
        ondelete="cascade",
    )
    field_value = fields.Char(
        "Value",
        help="A number, a text, yes or no, a date such as 2026-12-31 or +30 for "
        "so many days from then; the name of a record or choice. Empty: the field is "
        "emptied.",
    )
    action_id = fields.Many2one(
        "ir.actions.server",
        "Server Action",
        domain="[('model_name', 'in', ('res.partner', document_model))]",
        ondelete="restrict",
    )

    def _compute_target_model(self):
        for step in self:
            step.target_model = (
                step.document_model if step.target == "document" else "res.partner"
            )

    # ------------------------------------------------------------
    # Segments and tags
    # ------------------------------------------------------------

    def _get_segment_problems(self):
        return self._get_missing_problem("segment_id")

    def _run_segment(self, participants):
        customers = participants.partner_id
        members = self.env["crm.segment.member"].sudo()
        staying = members.search(
            [
                ("segment_id", "=", self.segment_id.id),
                ("company_id", "=", self.company_id.id),
                ("partner_id", "in", customers.ids),
                ("date_left", "=", False),
            ]
        )
        if self.segment_operation == "remove":
            staying.action_leave()
        else:
            members.create(
                [
                    {
                        "segment_id": self.segment_id.id,
                        "partner_id": customer.id,
                        "company_id": self.company_id.id,
                    }
                    for customer in customers - staying.partner_id
                ]
            )
        self._move(participants.ids, "next")

    def _get_tag_problems(self):
        return self._get_missing_problem("tag_ids")

    def _run_tag(self, participants):
        for tag in self.tag_ids:
            untagged = participants.partner_id.filtered(
                lambda partner, tag=tag: tag not in partner.category_id
            )
            untagged.write({"category_id": [fields.Command.link(tag.id)]})
        self._move(participants.ids, "next")

    # ------------------------------------------------------------
    # Fields
    # ------------------------------------------------------------

    def _check_trusted(self):
        """Who sets a field must be allowed to change it himself."""
        result = super()._check_trusted()
        for step in self.filtered(lambda step: step.kind == "field" and step.field_id):
            model = self.env[step.field_id.sudo().model]
            model.check_access("write")
            field = model._fields[step.field_id.sudo().name]
            if not model._has_field_access(field, "write"):
                raise UserError(
                    self.env._(
                        "%(step)s: you may not change the field %(field)s.",
                        step=step.name,
                        field=step.field_id.sudo().field_description,
                    )
                )
        return result

    def _get_field_problems(self):
        problems = self._get_missing_problem("field_id")
        if not problems:
            field = self.field_id.sudo()
            if field.model != self.target_model:
                problems.append(
                    self.env._(
                        "the field %(field)s is none of %(model)s.",
                        field=field.field_description,
                        model=self.env["ir.model"]._get(self.target_model).name,
                    )
                )
            try:
                self._get_value_to_set()
            except (ValueError, UserError) as error:
                problems.append(str(error))
        return problems

    def _get_value_to_set(self):
        """Return the value as the field takes it.

        :raise UserError: it is none that the field could take
        """
        field = self.field_id.sudo()
        text = (self.field_value or "").strip()
        if not text:
            return False
        kind = field.ttype
        if kind == "boolean":
            return str2bool(text)
        if kind in ("integer", "float", "monetary"):
            return self._get_number(text, int if kind == "integer" else float)
        if kind in ("date", "datetime"):
            return self._get_date(text, kind)
        if kind == "selection":
            return self._get_choice(text)
        if kind == "many2one":
            return self._get_record_id(text)
        return text

    def _get_number(self, text, number_type):
        try:
            return number_type(text)
        except ValueError as error:
            raise self._value_error(text) from error

    def _get_date(self, text, kind):
        now = self.env.cr.now()
        try:
            if text[0] in "+-":
                moment = now + timedelta(days=int(text))
            else:
                moment = fields.Datetime.to_datetime(text)
        except ValueError as error:
            raise self._value_error(text) from error
        return moment.date() if kind == "date" else moment

    def _get_choice(self, text):
        name = self.field_id.sudo().name
        field = self.env[self.target_model]._fields[name]
        choices = field._description_selection(self.env)
        for value, label in choices:
            if text in (value, label):
                return value
        raise self._value_error(text)

    def _get_record_id(self, text):
        model = self.env[self.field_id.sudo().relation].sudo()
        found = model.name_search(text, operator="=", limit=2)
        if len(found) != 1:
            raise self._value_error(text)
        return found[0][0]

    def _value_error(self, text):
        return UserError(
            self.env._(
                "the field %(field)s can't take the value %(value)s.",
                field=self.field_id.sudo().field_description,
                value=text,
            )
        )

    def _run_field(self, participants):
        name = self.field_id.sudo().name
        if self.target == "document":
            records = self._get_documents_together(participants)
        else:
            records = participants.partner_id
        records.write({name: self._get_value_to_set()})
        self._move(participants.ids, "next")

    def _get_documents_together(self, participants):
        model = self.env[participants[0].res_model].with_context(active_test=False)
        return model.browse(set(participants.mapped("res_id"))).exists()

    # ------------------------------------------------------------
    # Server actions
    # ------------------------------------------------------------

    def _get_action_problems(self):
        return self._get_missing_problem("action_id")

    def _run_action(self, participants):
        action = self.action_id.sudo()
        records = (
            participants.partner_id
            if action.model_name == "res.partner"
            else self._get_documents_together(participants)
        )
        action.with_context(
            active_model=records._name,
            active_ids=records.ids,
            active_id=records[:1].id,
            journey_participant_ids=participants.ids,
        ).run()
        self._move(participants.ids, "next")
