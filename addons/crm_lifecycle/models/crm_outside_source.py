import secrets

from odoo import api, fields, models
from odoo.tools import SQL

# Events per minute that one source may send; a server takes a few thousand a second.
DEFAULT_RATE = 60_000
PATH = "/crm_lifecycle/events"


class CrmOutsideSource(models.Model):
    """A system outside the ERP that sends customer events: a web shop, an app.

    It sends them with the API key of its user, who needs no other right than the one
    to send. The source says whose numbers the references are, and which company the
    events belong to.
    """

    _name = "crm.outside.source"
    _description = "Outside Source"
    _order = "name, id"

    name = fields.Char(required=True)
    code = fields.Char(
        required=True,
        copy=False,
        default=lambda self: f"source_{secrets.token_hex(3)}",
        help="The name under which the system sends its events.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        "API User",
        required=True,
        index=True,
        ondelete="restrict",
        help="The events come with an API key of this user. Choose a user of its own, "
        "with the right to send customer events and no other.",
    )
    address = fields.Char(
        compute="_compute_address", help="Where the system sends its events, by POST."
    )
    user_may_send = fields.Boolean(compute="_compute_user_may_send")
    rate_limit = fields.Integer(
        "Events per Minute",
        default=DEFAULT_RATE,
        help="Further events are refused until the minute is over. Zero: no limit.",
    )
    knows_partner_ref = fields.Boolean(
        "Sends Our References",
        help="The references it sends are those of our contacts (field Reference), not "
        "numbers of its own.",
    )
    phone_trust = fields.Selection(
        [
            ("always", "Is always enough"),
            ("alone", "Is enough if nothing else is given"),
            ("never", "Is never enough"),
        ],
        "A Phone Number",
        required=True,
        default="alone",
        help="Families and offices share numbers. Where one is not enough to tell who "
        "is meant, the event waits for a decision.",
    )
    event_count = fields.Integer("Events", compute="_compute_event_count")
    waiting_count = fields.Integer("Waiting", compute="_compute_waiting_count")
    request_ids = fields.One2many("crm.outside.request", "source_id", "Requests")

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "Another source has this technical name: choose another."
    )
    _rate_positive = models.Constraint(
        "CHECK(rate_limit >= 0)", "The limit can't be negative."
    )

    def _compute_address(self):
        for source in self:
            source.address = f"{source.get_base_url()}{PATH}"

    @api.depends("user_id")
    def _compute_user_may_send(self):
        group = self.env.ref("crm_lifecycle.crm_lifecycle_group_outside")
        for source in self:
            source.user_may_send = group in source.user_id.sudo().all_group_ids

    def _compute_event_count(self):
        counts = self._count_events([])
        for source in self:
            source.event_count = counts.get(source, 0)

    def _compute_waiting_count(self):
        counts = self._count_events([("match_id.state", "=", "open")])
        for source in self:
            source.waiting_count = counts.get(source, 0)

    def _count_events(self, domain):
        return dict(
            self.env["crm.outside.event"]._read_group(
                [("source_id", "in", self.ids), *domain], ["source_id"], ["__count"]
            )
        )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_outside_event_action"
        )
        action["domain"] = [("source_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_requests(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Requests of %s", self.name),
            "res_model": "crm.outside.request",
            "view_mode": "list",
            "domain": [("source_id", "=", self.id)],
        }

    def action_open_doubts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_identity_match_action"
        )
        action["domain"] = [("source_id", "=", self.id)]
        return action

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    @api.model
    def _find_of_user(self, code, user):
        """Return the source through which ``user`` sends, if there is one.

        :param str code: the source he names; without it his only one
        """
        domain = [("user_id", "=", user.id)]
        if code:
            domain.append(("code", "=", code))
        sources = self.sudo().search(domain, limit=2)
        return sources if len(sources) == 1 else self.sudo()

    def _get_weak_kinds(self, identity):
        """Return the identifiers that don't tell alone who is meant."""
        self.ensure_one()
        more = bool(identity.email or identity.vat)
        weak = {"always": False, "alone": more, "never": True}[self.phone_trust]
        return {"phone"} if weak else set()

    def _is_over_limit(self, count):
        """Tell whether ``count`` more events are more than this minute allows.

        Requests that are under way are not counted yet: who sends on several
        connections at once may exceed the limit by as many batches.
        """
        self.ensure_one()
        if not self.rate_limit:
            return False
        [(sent,)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(sum(event_count), 0) FROM crm_outside_request
                 WHERE source_id = %s AND date > %s::timestamp - interval '1 minute'
                """,
                self.id,
                self.env.cr.now(),
            )
        )
        return sent + count > self.rate_limit
