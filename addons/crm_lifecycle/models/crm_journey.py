from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

# Events may be captured late (imports, sweeps): so far back a running journey looks.
LOOK_BACK = timedelta(days=3)


class CrmJourney(models.Model):
    """A path of steps that customers, or documents of theirs, take after an event.

    Keyed by customer there is one run per customer; keyed by document one per order,
    delivery or case, so that the same customer may be on the way several times. The
    steps belong to a version: who is on the way finishes the version he entered.
    """

    _name = "crm.journey"
    _description = "Journey"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", default=lambda self: self.env.user, tracking=True
    )
    campaign_id = fields.Many2one(
        "utm.campaign", ondelete="set null", index="btree_not_null"
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
    start_date = fields.Datetime("Running Since", readonly=True, copy=False)
    # Who enters
    trigger = fields.Selection(
        [
            ("event", "A customer event"),
            ("segment_entered", "The customer enters a segment"),
            ("segment_left", "The customer leaves a segment"),
            ("date", "A date of the customer"),
            ("manual", "By hand"),
        ],
        required=True,
        default="event",
    )
    event_type_id = fields.Many2one(
        "crm.customer.event.type", "Event", ondelete="restrict"
    )
    document_model = fields.Char(compute="_compute_document_model")
    document_domain = fields.Char(
        "Only Documents", default="[]", help="The documents whose event counts."
    )
    profile_domain = fields.Char(
        "Only Customers", default="[]", help="Who may enter, asked at the entry."
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
        help="Document: each order, delivery or case makes its own way.",
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
        help="When this happens to the customer, the run has reached its goal and ends.",
    )
    exit_type_ids = fields.Many2many(
        "crm.customer.event.type",
        "crm_journey_exit_type_rel",
        string="Ends On",
        help="When any of these happens to the customer, the run ends.",
    )
    version_ids = fields.One2many("crm.journey.version", "journey_id")
    version_id = fields.Many2one(
        "crm.journey.version", "Current Version", readonly=True, copy=False
    )
    draft_version_id = fields.Many2one(
        "crm.journey.version", compute="_compute_draft_version_id"
    )

    _reentry_days_positive = models.Constraint(
        "CHECK(reentry_days >= 0)", "The days before entering again can't be negative."
    )

    @api.depends("event_type_id", "trigger")
    def _compute_document_model(self):
        for journey in self:
            journey.document_model = journey._get_event_type().model_name

    @api.depends("version_ids.state")
    def _compute_draft_version_id(self):
        for journey in self:
            journey.draft_version_id = journey.version_ids.filtered(
                lambda version: version.state == "draft"
            )[:1]

    @api.constrains("trigger", "event_type_id", "segment_id", "date_field_id")
    def _check_trigger(self):
        needed = {
            "event": "event_type_id",
            "segment_entered": "segment_id",
            "segment_left": "segment_id",
            "date": "date_field_id",
        }
        for journey in self:
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

    @api.constrains("document_domain", "profile_domain", "event_type_id", "trigger")
    def _check_domains(self):
        for journey in self:
            try:
                journey._get_entry_queries()
            except (ValueError, SyntaxError, KeyError, UserError) as error:
                raise ValidationError(
                    self.env._(
                        "Journey %(journey)s: the condition is not valid: %(error)s",
                        journey=journey.name,
                        error=error,
                    )
                ) from error

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_start(self):
        """Publish the drawn version; from now on customers enter."""
        for journey in self:
            journey._publish()
            journey.write(
                {
                    "state": "running",
                    "start_date": journey.start_date or self.env.cr.now(),
                }
            )
        self.env.ref("crm_lifecycle.ir_cron_advance_journeys")._trigger()

    def action_pause(self):
        """Keep everybody where he is."""
        self.filtered(lambda journey: journey.state == "running").state = "paused"

    def action_end(self):
        """Let nobody enter any more and end the runs there are."""
        self.env["crm.journey.participant"].sudo().search(
            [("journey_id", "in", self.ids), ("state", "=", "active")]
        )._end("exited", self.env._("The journey was ended."))
        self.state = "ended"

    def _publish(self):
        draft = self.draft_version_id
        if draft:
            draft._check_complete()
            self.version_ids.filtered(
                lambda version: version.state == "published"
            ).state = "retired"
            draft.state = "published"
            self.version_id = draft
        if not self.version_id:
            raise UserError(
                self.env._("Journey %s has no steps yet: draw them first.", self.name)
            )

    # ------------------------------------------------------------
    # Entering
    # ------------------------------------------------------------

    def _get_event_type(self):
        """Return the type of the event that lets customers enter."""
        codes = {"segment_entered": "segment_entered", "segment_left": "segment_left"}
        if self.trigger in codes:
            xml_id = f"crm_lifecycle.crm_customer_event_type_{codes[self.trigger]}"
            return self.env.ref(xml_id).sudo()
        if self.trigger == "event":
            return self.event_type_id.sudo()
        return self.env["crm.customer.event.type"].sudo()

    def _get_entry_queries(self):
        """Return the queries of the documents and of the profiles that may enter."""
        self.ensure_one()
        profile_domain = Domain(literal_eval(self.profile_domain or "[]"))
        profile_domain &= Domain("company_id", "=", self.company_id.id)
        profiles = self.env["crm.customer.profile"].sudo()._search(profile_domain)
        document_domain = Domain(literal_eval(self.document_domain or "[]"))
        if self.trigger in ("segment_entered", "segment_left"):
            document_domain &= Domain("segment_id", "=", self.segment_id.id)
        event_type = self._get_event_type()
        if not event_type or document_domain.is_true():
            return None, profiles
        documents = event_type._get_fact_model()._search(document_domain)
        return documents, profiles

    @api.model
    def _enrol_all(self):
        """Let everybody enter whose occasion has come; return how many did."""
        journeys = self.sudo().search([("state", "=", "running")])
        return sum(journey._enrol() for journey in journeys)

    def _enrol(self):
        """Let customers enter this journey; doing it twice enters nobody twice."""
        self.ensure_one()
        if self.trigger == "manual":
            return 0
        self.env.flush_all()
        documents, profiles = self._get_entry_queries()
        occasions = (
            self._select_dates() if self.trigger == "date" else self._select_events()
        )
        if documents is not None:
            occasions = SQL(
                "SELECT * FROM (%s) occasion WHERE document_id IN %s",
                occasions,
                documents.subselect(),
            )
        return self._insert_participants(occasions, profiles.subselect())

    def _select_events(self):
        """Return the SQL of the events that are an occasion to enter."""
        event_type = self._get_event_type()
        start = max(self.start_date, self.env.cr.now() - LOOK_BACK)
        return SQL(
            """
            SELECT event.partner_id, event.company_id, event.contact_id,
                   event.res_model, event.res_id AS document_id,
                   event.id AS event_id, event.date, 0 AS occasion
              FROM crm_customer_event event
             WHERE event.type_id = %s AND event.date >= %s AND event.company_id = %s
            """,
            event_type.id,
            start,
            self.company_id.id,
        )

    def _select_dates(self):
        """Return the SQL of the customers whose date lies so many days back today."""
        column = SQL.identifier("profile", self.date_field_id.sudo().name)
        today = fields.Date.context_today(self)
        day = today - timedelta(self.date_offset)
        same_day = SQL("%s::date = %s", column, day)
        if self.is_yearly:
            same_day = SQL(
                "to_char(%s, 'MMDD') = %s AND %s::date <= %s",
                column,
                f"{day:%m%d}",
                column,
                day,
            )
        return SQL(
            """
            SELECT profile.partner_id, profile.company_id,
                   profile.partner_id AS contact_id,
                   'crm.customer.profile' AS res_model, profile.id AS document_id,
                   NULL::int AS event_id, %s::timestamp AS date, %s AS occasion
              FROM crm_customer_profile profile
             WHERE profile.company_id = %s AND %s
            """,
            self.env.cr.now(),
            int(f"{day:%Y%m%d}"),
            self.company_id.id,
            same_day,
        )

    def _insert_participants(self, occasions, profiles):
        key = (
            SQL("occasion.document_id")
            if self.keyed_by == "document"
            else SQL("occasion.partner_id")
        )
        once = SQL("") if self.reentry == "always" else SQL("DISTINCT ON (key_id)")
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_journey_participant (journey_id, version_id, step_id,
                       partner_id, contact_id, company_id, res_model, res_id, key_id,
                       event_id, occasion, state, date_entered, due_date, visit)
                SELECT %(once)s %(journey)s, %(version)s, %(step)s, partner_id,
                       COALESCE(contact_id, partner_id), company_id, res_model,
                       document_id, key_id, event_id, occasion, 'active', %(now)s,
                       %(now)s, 0
                  FROM (SELECT occasion.*, %(key)s AS key_id
                          FROM (%(occasions)s) occasion) entry
                 WHERE EXISTS (
                    SELECT 1 FROM crm_customer_profile profile
                     WHERE profile.partner_id = entry.partner_id
                       AND profile.company_id = entry.company_id
                       AND profile.id IN %(profiles)s)
                   AND NOT EXISTS (
                    SELECT 1 FROM crm_journey_participant earlier
                     WHERE earlier.journey_id = %(journey)s
                       AND earlier.key_id = entry.key_id AND %(bars)s)
                 ORDER BY key_id, date
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                once=once,
                journey=self.id,
                version=self.version_id.id,
                step=self.version_id.start_step_id.id,
                now=self.env.cr.now(),
                key=key,
                occasions=occasions,
                profiles=profiles,
                bars=self._get_bar_to_entering(),
            )
        )
        self.env["crm.journey.participant"].invalidate_model()
        return len(rows)

    def _get_bar_to_entering(self):
        """Return the SQL condition under which an earlier run forbids another."""
        if self.reentry == "never":
            return SQL("TRUE")
        if self.reentry == "always":
            return SQL("FALSE")
        return SQL(
            "(earlier.state = 'active' OR earlier.date_ended > %s "
            "OR earlier.event_id = entry.event_id)",
            self.env.cr.now() - timedelta(self.reentry_days),
        )
