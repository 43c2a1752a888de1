from odoo import api, fields, models, tools
from odoo.tools import SQL

from ..profile_metrics.metric_source import MetricSource

# Customer events that tell of contact: the channel, and whose doing it was.
CONTACT_EVENTS = {
    "quotation_sent": ("email", "us"),
    "mailing_sent": ("email", "us"),
    "mailing_opened": ("email", "customer"),
    "mailing_clicked": ("email", "customer"),
    "mail_sent": ("email", "us"),
    "mail_received": ("email", "customer"),
    "sms_sent": ("sms", "us"),
    "call_logged": ("phone", "us"),
    "meeting_held": ("meeting", "us"),
    "portal_login": ("portal", "customer"),
    "outside_cart": ("website", "customer"),
    "outside_call": ("phone", "customer"),
    "outside_order": (None, "customer"),
    "outside_app": (None, "customer"),
    "page_visited": ("website", "customer"),
    "form_sent": ("website", "customer"),
    "live_chat_held": ("chat", "customer"),
    "order_confirmed": (None, "customer"),
    "activity_done": (None, "us"),
}


class CrmCustomerProfileContact(models.Model):
    """How the customer is reached and answers: from the customer events."""

    _inherit = "crm.customer.profile"

    event_count = fields.Integer("Customer events", readonly=True)
    last_event_date = fields.Datetime("Last event", readonly=True)
    mailing_count = fields.Integer("Mailings received", readonly=True)
    open_count = fields.Integer("Mailings opened", readonly=True)
    click_count = fields.Integer("Mailings clicked", readonly=True)
    open_rate = fields.Float(
        readonly=True, aggregator="avg", help="Mailings opened of those received."
    )
    click_rate = fields.Float(
        readonly=True, aggregator="avg", help="Mailings clicked of those received."
    )
    preferred_channel = fields.Selection(
        [
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("phone", "Phone"),
            ("meeting", "Meeting"),
            ("portal", "Portal"),
            ("website", "Website"),
            ("chat", "Live chat"),
        ],
        readonly=True,
        help="By which the customer answered most often.",
    )
    preferred_weekday = fields.Selection(
        [
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("7", "Sunday"),
        ],
        readonly=True,
        help="On which the customer answered most often, in the customer's time zone.",
    )
    preferred_hour = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="The hour of the day in which the customer answered most often, in the "
        "customer's time zone: 9 is from 9 to 10 o'clock.",
    )
    last_contact_by_us = fields.Datetime(
        "We last made contact",
        readonly=True,
        help="Last mail, call, meeting, quotation or activity of ours.",
    )
    last_contact_by_customer = fields.Datetime(
        "Customer last made contact",
        readonly=True,
        help="Last mail, click, order, visit or answer of the customer.",
    )

    @api.model
    def _get_contact_events(self):
        """Hook: return which customer events tell of contact.

        :return: ``{code of the event type: (channel, "us" or "customer")}``; no
            channel where the event does not tell by which the customer likes to talk
        """
        return CONTACT_EVENTS

    @api.model
    def _get_metric_sources(self, customers):
        return [
            *super()._get_metric_sources(customers),
            self._get_event_source(customers),
            self._get_answer_source(customers),
        ]

    @api.model
    @tools.ormcache()
    def _get_contact_type_ids(self):
        """Return the ids of the event types that tell of contact, by their code."""
        types = self.env["crm.customer.event.type"].sudo()
        known = types.search([("code", "in", list(self._get_contact_events()))])
        return {event_type.code: event_type.id for event_type in known}

    @api.model
    def _get_event_type_ids(self, codes):
        """Return the ids of the event types that are called ``codes``, as an array."""
        ids = self._get_contact_type_ids()
        return SQL("%s::int[]", [ids[code] for code in codes if code in ids])

    @api.model
    def _get_event_source(self, customers):
        contact = self._get_contact_events()
        query = SQL(
            """
            SELECT partner_id, company_id, sum(number), max(date),
                   sum(number) FILTER (WHERE type_id = ANY(%(sent)s)),
                   sum(number) FILTER (WHERE type_id = ANY(%(opened)s)),
                   sum(number) FILTER (WHERE type_id = ANY(%(clicked)s)),
                   sum(number) FILTER (WHERE type_id = ANY(%(opened)s))::float8
                   / NULLIF(sum(number) FILTER (WHERE type_id = ANY(%(sent)s)), 0),
                   sum(number) FILTER (WHERE type_id = ANY(%(clicked)s))::float8
                   / NULLIF(sum(number) FILTER (WHERE type_id = ANY(%(sent)s)), 0),
                   max(date) FILTER (WHERE type_id = ANY(%(by_us)s)),
                   max(date) FILTER (WHERE type_id = ANY(%(by_customer)s))
              FROM (SELECT partner_id, company_id, type_id, date, 1 AS number
                      FROM crm_customer_event WHERE %(wanted)s
                     UNION ALL
                    SELECT partner_id, company_id, type_id, month, event_count
                      FROM crm_customer_event_total WHERE %(wanted)s) event
             GROUP BY partner_id, company_id
            """,
            sent=self._get_event_type_ids(["mailing_sent"]),
            opened=self._get_event_type_ids(["mailing_opened"]),
            clicked=self._get_event_type_ids(["mailing_clicked"]),
            by_us=self._get_event_type_ids(
                [code for code, (_, who) in contact.items() if who == "us"]
            ),
            by_customer=self._get_event_type_ids(
                [code for code, (_, who) in contact.items() if who == "customer"]
            ),
            wanted=customers.include(SQL.identifier("partner_id")),
        )
        columns = (
            "event_count",
            "last_event_date",
            "mailing_count",
            "open_count",
            "click_count",
            "open_rate",
            "click_rate",
            "last_contact_by_us",
            "last_contact_by_customer",
        )
        return MetricSource(
            "events",
            columns,
            query,
            self.env._("Customer events"),
            self.env._("Those that have expired count by their monthly totals."),
        )

    @api.model
    def _get_answer_source(self, customers):
        channels = {
            code: channel
            for code, (channel, who) in self._get_contact_events().items()
            if channel and (who == "customer" or channel in ("phone", "meeting"))
        }
        ids = self._get_contact_type_ids()
        known = {ids[code]: channels[code] for code in channels.keys() & ids.keys()}
        query = SQL(
            """
            SELECT answer.partner_id, answer.company_id,
                   mode() WITHIN GROUP (ORDER BY channel),
                   mode() WITHIN GROUP
                       (ORDER BY extract(isodow FROM moment)::int)::text,
                   mode() WITHIN GROUP (ORDER BY extract(hour FROM moment)::int)
              FROM (
                SELECT event.partner_id, event.company_id, known.channel,
                       event.date AT TIME ZONE 'UTC' AT TIME ZONE
                       COALESCE(customer.tz, house.tz, 'UTC') AS moment
                  FROM crm_customer_event event
                  JOIN unnest(%(ids)s::int[], %(channels)s::text[])
                       AS known (type_id, channel) ON known.type_id = event.type_id
                  JOIN res_partner customer ON customer.id = event.partner_id
                  JOIN res_company company ON company.id = event.company_id
                  JOIN res_partner house ON house.id = company.partner_id
                 WHERE event.type_id = ANY(%(ids)s) AND %(wanted)s) answer
             GROUP BY answer.partner_id, answer.company_id
            """,
            ids=list(known),
            channels=list(known.values()),
            wanted=customers.include(SQL.identifier("event", "partner_id")),
        )
        return MetricSource(
            "answers",
            ("preferred_channel", "preferred_weekday", "preferred_hour"),
            query,
            self.env._("Answers among the customer events"),
            self.env._(
                "Mails opened, clicked and answered, calls, meetings, visits to portal "
                "and website: the most frequent channel, weekday and hour."
            ),
        )
