from datetime import timedelta

import pytz

from odoo import api, models
from odoo.tools import SQL

from ..contact_reasons.hold_source import HoldSource
from .crm_contact_policy import INTERRUPTING_CHANNELS

# The longest memory of messages besides the policies' own: a wish for one a month.
LONGEST_WISH = timedelta(days=31)
INTERRUPTING = {channel for channel, _label in INTERRUPTING_CHANNELS}


class CrmContactPolicy(models.Model):
    """The reasons for which a message waits, each a select over contacts."""

    _inherit = "crm.contact.policy"

    @api.model
    def _get_hindrances(self, circumstances):
        """Return a select of contact, reason and until: one line per held contact.

        Where several reasons meet, the first of :meth:`_get_hold_sources` is told.
        """
        self._flush_sources()
        sources = self._get_hold_sources(circumstances)
        selects = [
            self._source_to_sql(source, rank, circumstances)
            for rank, source in enumerate(sources)
        ]
        return SQL(
            """
            WITH message AS (%s)
            SELECT DISTINCT ON (partner_id) partner_id, reason, until
              FROM (%s) source ORDER BY partner_id, rank, until DESC
            """,
            self._get_messages(circumstances),
            SQL(" UNION ALL ").join(selects),
        )

    def _source_to_sql(self, source, rank, circumstances):
        contact_id, join = SQL("source.partner_id"), SQL()
        if source.whole_customer:
            contact_id = SQL("contact.id")
            join = SQL(
                """JOIN res_partner contact
                     ON contact.commercial_partner_id = source.partner_id"""
            )
        return SQL(
            """SELECT %(contact)s AS partner_id, %(rank)s AS rank,
                      %(reason)s::varchar AS reason, source.until::timestamp AS until
                 FROM (%(query)s) source %(join)s WHERE %(scope)s""",
            contact=contact_id,
            rank=rank,
            reason=source.reason,
            query=source.query,
            join=join,
            scope=self._scope_to_sql(contact_id, circumstances),
        )

    @api.model
    def _scope_to_sql(self, partner_id, circumstances):
        """Return the condition that only contacts count who are asked for."""
        if not circumstances.limited:
            return SQL("TRUE")
        return SQL("%s IN (SELECT id FROM asked)", partner_id)

    @api.model
    def _get_hold_sources(self, circumstances):
        """Hook: return why messages are held, the most telling reason first.

        Another addon adds a source such as open complaints, after extending the
        selection ``reason`` of ``crm.contact.hold``. See ``circumstances.purpose``:
        what concerns promotion only asks ``is_promotion``.

        :param Circumstances circumstances: purpose, channel, sender and moment
        :rtype: list[HoldSource]
        """
        policies = self._get_policies(circumstances.channel)
        sources = self._get_blacklist_sources(circumstances)
        sources.append(self._get_pause_source(circumstances))
        if circumstances.purpose.is_promotion and any(policies.mapped("hold_overdue")):
            sources.append(self._get_overdue_source())
        if circumstances.channel in INTERRUPTING:
            sources.append(self._get_quiet_source(circumstances, policies))
        sources.append(self._get_frequency_source(circumstances))
        if circumstances.purpose.is_counted:
            sources += [
                policy._get_cap_source(circumstances)
                for policy in policies.filtered("cap")
            ]
        return sources

    @api.model
    def _get_policies(self, channel):
        return self.sudo().search(
            [
                ("channel", "in", (False, channel)),
                ("company_id", "in", (False, self.env.company.id)),
            ]
        )

    @api.model
    def _flush_sources(self):
        """Raw SQL reads the tables: what is written so far has to be there."""
        for name in (
            "res.partner",
            "crm.consent",
            "crm.consent.preference",
            "crm.consent.purpose",
            "crm.contact.hold",
            "crm.contact.policy",
            "crm.contact.policy.sender",
            "crm.customer.event",
            "crm.customer.event.type",
            "crm.customer.profile",
            "mail.blacklist",
            "phone.blacklist",
            "mailing.trace",
        ):
            self.env[name].flush_model()

    # ------------------------------------------------------------
    # What was sent
    # ------------------------------------------------------------

    @api.model
    def _get_messages(self, circumstances):
        """Return a select of the messages that count: contact, purpose, channel, date.

        Customer events of types that are messages, and what is on its way.
        """
        horizon = timedelta(
            days=max(
                self._get_policies(circumstances.channel).mapped("period_days"),
                default=0,
            )
        )
        since = circumstances.now - max(horizon, LONGEST_WISH)
        sent = SQL(
            """
            SELECT event.contact_id AS partner_id, event.purpose_id,
                   COALESCE(type.message_channel, 'email') AS channel, event.date
              FROM crm_customer_event event
              JOIN crm_customer_event_type type ON type.id = event.type_id
             WHERE event.purpose_id IS NOT NULL AND event.date > %s AND %s
            """,
            since,
            self._scope_to_sql(SQL("event.contact_id"), circumstances),
        )
        return SQL(
            """
            SELECT message.*, purpose.is_counted
              FROM (%s) message (partner_id, purpose_id, channel, date)
              JOIN crm_consent_purpose purpose ON purpose.id = message.purpose_id
            """,
            SQL(" UNION ALL ").join([sent, *self._get_pending_messages(circumstances)]),
        )

    @api.model
    def _get_pending_messages(self, circumstances):
        """Hook: return selects of messages on their way that are no event yet.

        :return: selects of contact id, purpose id, channel and date
        :rtype: list[SQL]
        """
        return [
            self._get_pending_mailings(circumstances),
            SQL(
                """SELECT partner_id, purpose_id, %s::varchar, %s::timestamp
                     FROM unnest(%s::int[], %s::int[])
                          planned (partner_id, purpose_id)""",
                circumstances.channel,
                circumstances.now,
                [partner_id for partner_id, _purpose_id in circumstances.planned],
                [purpose_id for _partner_id, purpose_id in circumstances.planned],
            ),
        ]

    @api.model
    def _get_pending_mailings(self, circumstances):
        """Return what mailings have handed to the mail queue and it has not sent."""
        return SQL(
            """
            SELECT trace.partner_id, COALESCE(mailing.consent_purpose_id, %s),
                   CASE trace.trace_type WHEN 'mail' THEN 'email'
                        ELSE trace.trace_type END, trace.create_date
              FROM mailing_trace trace
              JOIN mailing_mailing mailing ON mailing.id = trace.mass_mailing_id
             WHERE trace.sent_datetime IS NULL AND trace.partner_id IS NOT NULL
               AND trace.trace_status IN ('outgoing', 'process', 'pending')
               AND trace.is_test_trace IS NOT TRUE AND %s
            """,
            self.env["mailing.mailing"]._default_consent_purpose_id().id or None,
            self._scope_to_sql(SQL("trace.partner_id"), circumstances),
        )

    # ------------------------------------------------------------
    # The contact's wishes
    # ------------------------------------------------------------

    @api.model
    def _get_blacklist_sources(self, circumstances):
        tables = {
            "email": SQL(
                """SELECT partner.id AS partner_id, NULL::timestamp AS until
                     FROM mail_blacklist entry
                     JOIN res_partner partner ON partner.email_normalized = entry.email
                    WHERE entry.active"""
            )
        }
        tables["sms"] = tables["phone"] = SQL(
            """SELECT partner.id AS partner_id, NULL::timestamp AS until
                 FROM phone_blacklist entry
                 JOIN res_partner partner ON partner.phone_sanitized = entry.number
                WHERE entry.active"""
        )
        if circumstances.channel not in tables:
            return []
        return [HoldSource("blacklist", tables[circumstances.channel])]

    @api.model
    def _get_wishes(self, circumstances):
        """Return a select of the preferences for this purpose, own and general."""
        return SQL(
            """SELECT * FROM crm_consent_preference wish
                WHERE (purpose_id IS NULL OR purpose_id = %s) AND %s""",
            circumstances.purpose.id,
            self._scope_to_sql(SQL("wish.partner_id"), circumstances),
        )

    @api.model
    def _get_pause_source(self, circumstances):
        query = SQL(
            """
            SELECT partner_id, pause_end + 1 AS until FROM (%(wishes)s) wish
             WHERE (pause_start IS NOT NULL OR pause_end IS NOT NULL)
               AND %(today)s BETWEEN COALESCE(pause_start, '-infinity'::date)
                                 AND COALESCE(pause_end, 'infinity'::date)
            """,
            wishes=self._get_wishes(circumstances),
            today=circumstances.now.date(),
        )
        return HoldSource("paused", query)

    @api.model
    def _get_frequency_source(self, circumstances):
        """A wish for one purpose counts its messages, a general one all that count."""
        query = SQL(
            """
            SELECT wish.partner_id,
                   max(message.date) + CASE wish.frequency
                       WHEN 'week' THEN interval '7 days' ELSE interval '1 month' END
                   AS until
              FROM (%(wishes)s) wish
              JOIN message ON message.partner_id = wish.partner_id
               AND (message.purpose_id = wish.purpose_id
                    OR wish.purpose_id IS NULL AND message.is_counted)
             WHERE wish.frequency IN ('week', 'month')
             GROUP BY wish.id, wish.partner_id, wish.frequency
            HAVING max(message.date) + CASE wish.frequency
                       WHEN 'week' THEN interval '7 days' ELSE interval '1 month' END
                   > %(now)s
            """,
            wishes=self._get_wishes(circumstances),
            now=circumstances.now,
        )
        return HoldSource("frequency", query)

    @api.model
    def _get_quiet_source(self, circumstances, policies):
        """Quiet hours of the contact and of the policies, where the contact lives."""
        hours = self._get_local_hours(circumstances.now)
        quiet = policies.filtered(lambda policy: policy.quiet_from != policy.quiet_to)
        query = SQL(
            """
            SELECT quiet.partner_id,
                   %(now)s + make_interval(secs =>
                       3600 * mod((quiet.quiet_to - zone.hour + 24)::numeric, 24))
                   AS until
              FROM (
                    SELECT partner_id, quiet_from, quiet_to FROM (%(wishes)s) wish
                     UNION ALL
                    SELECT partner.id, policy.quiet_from, policy.quiet_to
                      FROM crm_contact_policy policy CROSS JOIN res_partner partner
                     WHERE policy.id = ANY(%(policies)s) AND %(scope)s
                   ) quiet
              JOIN res_partner partner ON partner.id = quiet.partner_id
              JOIN unnest(%(zones)s, %(hours)s::float[]) zone (name, hour)
                ON zone.name = COALESCE(partner.tz, %(default)s)
             WHERE CASE WHEN quiet_from <= quiet_to
                        THEN zone.hour >= quiet_from AND zone.hour < quiet_to
                        ELSE zone.hour >= quiet_from OR zone.hour < quiet_to END
            """,
            now=circumstances.now,
            wishes=self._get_wishes(circumstances),
            policies=quiet.ids,
            scope=self._scope_to_sql(SQL("partner.id"), circumstances),
            zones=list(hours),
            hours=list(hours.values()),
            default=self._get_default_zone(),
        )
        return HoldSource("quiet", query)

    @api.model
    def _get_local_hours(self, now):
        """Return the hour of the day in each time zone that contacts may have.

        PostgreSQL could tell, but fails on names that it does not know.
        """
        moment = pytz.utc.localize(now)
        hours = {}
        for name in pytz.all_timezones:
            local = moment.astimezone(pytz.timezone(name))
            hours[name] = local.hour + local.minute / 60 + local.second / 3600
        return hours

    @api.model
    def _get_default_zone(self):
        """Return the time zone of contacts who have none: the company's."""
        company = self.env.company.sudo()
        return company.partner_id.tz or company.resource_calendar_id.tz or "UTC"

    # ------------------------------------------------------------
    # The company's rules
    # ------------------------------------------------------------

    @api.model
    def _get_overdue_source(self):
        query = SQL(
            """SELECT partner_id, NULL::timestamp AS until FROM crm_customer_profile
                WHERE overdue_amount > 0 AND company_id = %s""",
            self.env.company.id,
        )
        return HoldSource("overdue", query, whole_customer=True)

    def _get_cap_source(self, circumstances):
        """Enough was sent in the period, or waits with a sender who comes first."""
        self.ensure_one()
        period = timedelta(days=self.period_days)
        query = SQL(
            """
            SELECT partner_id, min(date) + %(period)s AS until
              FROM (
                    SELECT partner_id, date FROM message
                     WHERE is_counted AND date > %(start)s AND %(channel)s
                     UNION ALL
                    SELECT hold.partner_id, %(now)s
                      FROM crm_contact_hold hold
                      JOIN crm_contact_policy_sender sender
                        ON sender.id = hold.sender_id
                     WHERE hold.state = 'waiting' AND hold.reason = 'cap'
                       AND sender.sequence < %(priority)s
                   ) used
             GROUP BY partner_id HAVING count(*) >= %(cap)s
            """,
            period=period,
            start=circumstances.now - period,
            now=circumstances.now,
            channel=SQL("channel = %s", self.channel) if self.channel else SQL("TRUE"),
            priority=circumstances.sender.sequence or 0,
            cap=self.cap,
        )
        return HoldSource("cap", query)
