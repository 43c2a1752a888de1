from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class CrmJourney(models.Model):
    """A path of steps that customers, or documents of theirs, take after an event.

    Keyed by customer there is one run per customer; keyed by document one per order,
    delivery or case, so that the same customer may be on the way several times. The
    steps belong to a version: who is on the way finishes the version he entered.
    """

    _name = "crm.journey"
    _description = "Journey"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, tracking=True
    )
    campaign_id = fields.Many2one(
        "utm.campaign",
        ondelete="set null",
        index="btree_not_null",
        help="Its control group does not enter, and its report counts the messages.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Running"),
            ("paused", "Paused"),
            ("ended", "Ended"),
        ],
        required=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    is_held_by_campaign = fields.Boolean(
        readonly=True, copy=False, help="It goes on when the campaign is resumed."
    )
    start_date = fields.Datetime("Running Since", readonly=True, copy=False)
    start_mark = fields.Integer(
        readonly=True, copy=False, help="The last customer event before it ran."
    )
    # Who enters
    trigger = fields.Selection(
        [
            ("event", "A customer event"),
            ("segment_entered", "The customer enters a segment"),
            ("segment_left", "The customer leaves a segment"),
            ("date", "A date of the customer"),
            ("manual", "By hand or program"),
        ],
        "Starts With",
        required=True,
        default="event",
    )
    event_type_id = fields.Many2one(
        "crm.customer.event.type", "Event", ondelete="restrict"
    )
    event_domain = fields.Char(
        "Only Documents", default="[]", help="The documents whose event counts."
    )
    event_model = fields.Char(compute="_compute_event_model")
    profile_domain = fields.Char(
        "Only Customers", default="[]", help="Who may enter, asked at the entry."
    )
    excluded_segment_ids = fields.Many2many(
        "crm.segment",
        "crm_journey_excluded_segment_rel",
        string="Excluded Segments",
        help="Members of these segments do not enter.",
    )
    segment_id = fields.Many2one("crm.segment", ondelete="restrict")
    date_field_id = fields.Many2one(
        "ir.model.fields",
        "Date",
        domain=[
            ("model", "=", "crm.customer.profile"),
            ("ttype", "in", ("date", "datetime")),
            ("store", "=", True),
        ],
        ondelete="cascade",
    )
    date_offset = fields.Integer(
        "Days After", help="Negative: so many days before the date."
    )
    is_yearly = fields.Boolean("Every Year")
    keyed_by = fields.Selection(
        [("customer", "Customer"), ("document", "Document")],
        "One Run Per",
        required=True,
        default="customer",
        help="Document: each order, delivery or case makes its own way, so that a "
        "customer may be on the way several times.",
    )
    key_field_id = fields.Many2one(
        "ir.model.fields",
        "Document Behind",
        domain="[('model', '=', event_model), ('ttype', '=', 'many2one'), "
        "('store', '=', True)]",
        ondelete="cascade",
        help="One run for the record this field leads to, such as the order of a "
        "delivery. Empty: for the document of the event itself.",
    )
    document_model = fields.Char(compute="_compute_document_model", compute_sudo=True)
    document_name = fields.Char(
        "Runs For", compute="_compute_document_model", compute_sudo=True
    )
    reentry = fields.Selection(
        [
            ("never", "Never"),
            ("after_end", "When the last run has ended"),
            ("always", "At every occasion"),
        ],
        "Enters Again",
        required=True,
        default="never",
    )
    reentry_days = fields.Integer(
        "Not Before (days)", help="Days since the end of the last run."
    )
    # Who leaves
    goal_type_id = fields.Many2one(
        "crm.customer.event.type",
        "Goal",
        ondelete="restrict",
        help="When this happens, the run has reached its goal and ends.",
    )
    exit_type_ids = fields.Many2many(
        "crm.customer.event.type",
        "crm_journey_exit_type_rel",
        string="Ends On",
        help="When any of these happens, the run ends. Events about the same document "
        "end the run of that document; events about something else end all runs of "
        "the customer.",
    )
    version_ids = fields.One2many("crm.journey.version", "journey_id", copy=False)
    version_id = fields.Many2one(
        "crm.journey.version", "Current Version", readonly=True, copy=False
    )
    draft_version_id = fields.Many2one(
        "crm.journey.version", compute="_compute_draft_version_id"
    )
    participant_ids = fields.One2many("crm.journey.participant", "journey_id")
    active_count = fields.Integer(
        "On the Way", compute="_compute_counts", compute_sudo=True
    )
    entered_count = fields.Integer(
        "Entered", compute="_compute_counts", compute_sudo=True
    )
    goal_count = fields.Integer(
        "Reached the Goal", compute="_compute_counts", compute_sudo=True
    )
    parked_count = fields.Integer(
        "Stopped by an Error", compute="_compute_counts", compute_sudo=True
    )
    message_count = fields.Integer(
        "Sent", compute="_compute_message_count", compute_sudo=True
    )

    _reentry_days_positive = models.Constraint(
        "CHECK(reentry_days >= 0)", "The days before entering again can't be negative."
    )

    @api.depends("event_type_id", "trigger")
    def _compute_event_model(self):
        for journey in self:
            journey.event_model = journey._get_event_type().model_name

    @api.depends("keyed_by", "key_field_id", "event_type_id", "trigger")
    def _compute_document_model(self):
        for journey in self:
            name = journey._get_document_model_name()
            journey.document_model = name
            journey.document_name = self.env["ir.model"]._get(name).name

    def _get_document_model_name(self):
        """Return the model of what makes its way: of customers or of documents."""
        if self.keyed_by == "customer" or self.trigger == "date":
            return "res.partner"
        if self.key_field_id:
            return self.key_field_id.sudo().relation
        return self._get_event_type().model_name or "res.partner"

    @api.depends("version_ids.state")
    def _compute_draft_version_id(self):
        for journey in self:
            journey.draft_version_id = journey.version_ids.filtered(
                lambda version: version.state == "draft"
            )[:1]

    def _compute_counts(self):
        rows = self.env["crm.journey.participant"]._read_group(
            [("journey_id", "in", self.ids)],
            ["journey_id", "state"],
            ["__count", "date_goal:count"],
        )
        for journey in self:
            states = {state: row for key, state, *row in rows if key == journey}
            journey.entered_count = sum(count for count, _goals in states.values())
            journey.goal_count = sum(goals for _count, goals in states.values())
            journey.active_count = states.get("active", (0,))[0]
            journey.parked_count = states.get("parked", (0,))[0]

    def _compute_message_count(self):
        kinds = self.env["crm.journey.step"]._get_message_kinds()
        counts = dict(
            self.env["crm.journey.trace"]._read_group(
                [
                    ("journey_id", "in", self.ids),
                    ("step_id.kind", "in", kinds),
                    ("outcome", "=", "next"),
                ],
                ["journey_id"],
                ["__count"],
            )
        )
        for journey in self:
            journey.message_count = counts.get(journey, 0)

    @api.constrains("trigger", "event_type_id", "segment_id", "date_field_id", "state")
    def _check_trigger(self):
        needed = {
            "event": "event_type_id",
            "segment_entered": "segment_id",
            "segment_left": "segment_id",
            "date": "date_field_id",
        }
        for journey in self.filtered(lambda journey: journey.state != "draft"):
            name = needed.get(journey.trigger)
            if name and not journey[name]:
                raise ValidationError(
                    self.env._(
                        "Journey %(journey)s: say what starts it, in the field "
                        "%(field)s.",
                        journey=journey.name,
                        field=self._fields[name].get_description(self.env)["string"],
                    )
                )

    @api.constrains(
        "event_domain", "profile_domain", "event_type_id", "trigger", "key_field_id"
    )
    def _check_domains(self):
        for journey in self:
            try:
                journey.with_user(self.env.uid)._get_entry_queries()
            except (ValueError, SyntaxError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "Journey %(journey)s: the condition is not valid: %(error)s",
                        journey=journey.name,
                        error=error,
                    )
                ) from error

    def write(self, vals):
        result = super().write(vals)
        # Which events wake journeys may be another now.
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(journey.state in ("running", "paused") for journey in self):
            raise UserError(self.env._("End a running journey before you delete it."))

    def copy(self, default=None):
        copies = super().copy(default)
        for journey, copied in zip(self, copies, strict=True):
            version = journey.draft_version_id or journey.version_id
            if version:
                version._copy_to(copied, 1)
        return copies

    def copy_data(self, default=None):
        data = super().copy_data(default)
        if "name" not in (default or {}):
            for journey, vals in zip(self, data, strict=True):
                vals["name"] = self.env._("%s (copy)", journey.name)
        return data

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_start(self):
        """Publish the drawn version; from now on customers enter."""
        for journey in self:
            journey._publish()
            if not journey.start_date:
                journey.start_date = self.env.cr.now()
                journey.start_mark = journey._get_last_event_id()
            journey.state = "running"
            if journey.campaign_id.state == "plan":
                journey.campaign_id.action_start()
        self._wake()

    def action_pause(self):
        """Keep everybody where he is."""
        self.filtered(lambda journey: journey.state == "running").state = "paused"

    def action_end(self):
        """Let nobody enter any more and end the runs there are."""
        self.check_access("write")
        self.participant_ids.sudo().filtered(
            lambda participant: participant.state in ("active", "parked")
        )._end("exited", self.env._("The journey was ended."))
        self.state = "ended"

    def action_draw(self):
        """Open the flow; a published one is shown, changes need a new version."""
        self.ensure_one()
        if not self.version_ids:
            self.env["crm.journey.version"].create({"journey_id": self.id})
        return {
            "type": "ir.actions.client",
            "tag": "crm_lifecycle.journey_flow",
            "name": self.name,
            "params": {"journey_id": self.id},
            "context": {"active_id": self.id},
        }

    def action_new_version(self):
        """Draw the current steps anew; who is on the way keeps his."""
        for journey in self:
            if not journey.draft_version_id:
                number = max(journey.version_ids.mapped("number"), default=0) + 1
                journey.version_id._copy_to(journey, number)

    def action_publish(self):
        """Put the drawn version in force for those who enter from now on."""
        for journey in self:
            journey._publish()

    def action_publish_and_move(self):
        """Put the drawn version in force, for those on the way too."""
        for journey in self:
            journey._publish()
            journey.version_id._take_over()

    def action_open_participants(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_journey_participant_action"
        )
        action["domain"] = [("journey_id", "=", self.id)]
        action["context"] = {"search_default_group_by_step": 1}
        return action

    def action_open_parked(self):
        action = self.action_open_participants()
        action["domain"] = [("journey_id", "=", self.id), ("state", "=", "parked")]
        action["context"] = {}
        return action

    def _publish(self):
        draft = self.draft_version_id
        if draft:
            draft._check_complete()
            self.version_ids.filtered(
                lambda version: version.state == "published"
            ).state = "retired"
            draft.write({"state": "published", "date_published": self.env.cr.now()})
            self.version_id = draft
        if not self.version_id:
            raise UserError(
                self.env._("Journey %s has no steps yet: draw them first.", self.name)
            )

    @api.model
    def _wake(self, at=None):
        self.env.ref("crm_lifecycle.ir_cron_advance_journeys").sudo()._trigger(at)

    # ------------------------------------------------------------
    # Events on the way
    # ------------------------------------------------------------

    @api.model
    def _get_last_event_id(self):
        [(last,)] = self.env.execute_query(
            SQL("SELECT COALESCE(max(id), 0) FROM crm_customer_event")
        )
        return last

    def _get_ends(self):
        """Return pairs of the state in which a run ends, and the event that ends it."""
        self.ensure_one()
        goals = [("goal", self.goal_type_id)] if self.goal_type_id else []
        return goals + [("exited", event_type) for event_type in self.exit_type_ids]

    def _same_document_to_sql(self, event_type, mailing=None):
        """Return the SQL condition that an event is about a participant's document.

        True for every event of the customer where the event's document does not lead
        to documents of the journey's kind by one field.

        :param mailing: only events about this mailing, of types that have one
        """
        self.ensure_one()
        model = event_type.sudo()._get_fact_model()
        conditions = [SQL("TRUE")]
        link = self._get_link_name(model)
        if link:
            conditions.append(
                SQL("participant.res_id = %s", self._fact_to_sql(model, link))
            )
        if mailing and "mass_mailing_id" in model._fields:
            conditions.append(
                SQL("%s = %s", self._fact_to_sql(model, "mass_mailing_id"), mailing.id)
            )
        return SQL("(%s)", SQL(" AND ").join(conditions))

    def _get_link_name(self, model):
        """Return the field of an event's document that leads to the journey's, or
        None."""
        name = self._get_document_model_name()
        if name == "res.partner":
            return None
        if model._name == name:
            return "id"
        links = [
            field.name
            for field in model._fields.values()
            if field.type == "many2one" and field.store and field.comodel_name == name
        ]
        return links[0] if len(links) == 1 else None

    @api.model
    def _fact_to_sql(self, model, name):
        """Return a field of an event's document as SQL."""
        if name == "id":
            return SQL("event.res_id")
        query = model._search(Domain.TRUE)
        value = model._field_to_sql(query.table, name, query)
        own = SQL.identifier(query.table, "id")
        query.add_where(SQL("%s = event.res_id", own))
        return query.subselect(value)

    def _release_contact_holds(self, partners):
        """The moment of contacts who were held has come: they are due."""
        participants = self.env["crm.journey.participant"].sudo()
        domain = Domain("journey_id", "in", self.ids)
        domain &= Domain("contact_id", "in", partners.ids)
        kinds = self.env["crm.journey.step"]._get_message_kinds()
        domain &= Domain("step_id.kind", "in", kinds)
        participants._search_waiting(domain)._make_due()
        self._wake()
