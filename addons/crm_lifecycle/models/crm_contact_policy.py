from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..contact_reasons.question import Answer, Circumstances, Question
from .crm_consent import DATA_USE
from .crm_contact_hold import LASTING_REASONS

INTERRUPTING_CHANNELS = [("email", "E-mail"), ("sms", "SMS"), ("phone", "Phone")]


class CrmContactPolicy(models.Model):
    """How often and when customers are written to, by all senders together.

    Every active policy holds: the strictest decides. :meth:`_ask` is the one question
    of every sender. Messages of a contract always go.
    """

    _name = "crm.contact.policy"
    _description = "Contact Policy"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", index=True)
    channel = fields.Selection(
        INTERRUPTING_CHANNELS, help="Empty: for all channels together."
    )
    cap = fields.Integer(
        "Messages",
        help="So many messages of all senders per period and contact. Zero: no limit.",
    )
    period_days = fields.Integer("Period (days)", default=7, required=True)
    quiet_from = fields.Float(
        help="No messages from this hour on, in the contact's time zone. The same hour "
        "twice: no quiet hours."
    )
    quiet_to = fields.Float("Quiet until")
    hold_overdue = fields.Boolean(
        "Hold while overdue",
        help="No promotion to customers who have an overdue invoice.",
    )

    _cap_positive = models.Constraint(
        "CHECK(cap >= 0)", "There can't be fewer than no messages."
    )
    _period_positive = models.Constraint(
        "CHECK(period_days > 0)", "A period is at least a day long."
    )
    _quiet_hours = models.Constraint(
        "CHECK(quiet_from >= 0 AND quiet_from < 24 "
        "AND quiet_to >= 0 AND quiet_to < 24)",
        "Quiet hours are between 0:00 and 23:59.",
    )

    # ------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------

    @api.model
    def _ask(self, partners, purpose_code, channel="email", sender=None, document=None):
        """May ``partners`` be written to now, and if not, why not?

        A constant number of queries for any number of contacts. With a sender, those
        who are held are listed (``crm.contact.hold``); when they may be written to
        later, ``document._release_contact_holds(partners)`` is called, if it exists.

        :param str purpose_code: ``code`` of the consent purpose
        :param str channel: a channel of ``crm.consent``
        :param str sender: ``code`` of a ``crm.contact.policy.sender``
        :param document: the record that is sent or that sends, such as a mailing
        :rtype: Answer
        """
        question = Question(partners, purpose_code, channel, sender, document)
        return self._answer(question, ())

    @api.model
    def _ask_batch(self, questions):
        """Answer several senders who want to write at the same time.

        What an important sender is allowed uses up the room of the others.

        :param questions: list of ``Question``, each with a sender
        :return: list of ``Answer``, in the order of the questions
        """
        senders = [self._get_sender(question.sender) for question in questions]
        order = sorted(
            range(len(questions)),
            key=lambda index: (senders[index].sequence, senders[index].id, index),
        )
        answers = {}
        planned = ()
        for index in order:
            answer = answers[index] = self._answer(questions[index], planned)
            purpose = self._get_purpose(questions[index].purpose_code)
            planned += tuple((partner, purpose.id) for partner in answer.allowed.ids)
        return [answers[index] for index in range(len(questions))]

    @api.model
    def _get_contactable_domain(self, purpose_code, channel="email", sender=None):
        """Return a domain on ``res.partner``: whom nothing but consent may hold back.

        For audiences; together with ``crm.consent._get_allowed_domain`` it says the
        same as :meth:`_ask`, without listing who is held.
        """
        purpose = self._get_purpose(purpose_code)
        if self._always_goes(purpose, channel):
            return Domain.TRUE
        circumstances = self._get_circumstances(purpose, channel, sender, limited=False)
        return Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "NOT EXISTS (SELECT FROM (%s) held WHERE held.partner_id = %s)",
                self._get_hindrances(circumstances),
                SQL.identifier(alias, "id"),
            )
        )

    @api.model
    def _get_reason_label(self, reason):
        return self.env["crm.contact.hold"]._get_reason_labels()[reason]

    # ------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------

    @api.model
    def _answer(self, question, planned):
        partners = question.partners
        if not partners:
            return Answer(partners, {})
        purpose = self._get_purpose(question.purpose_code)
        circumstances = self._get_circumstances(
            purpose, question.channel, question.sender, planned=planned
        )
        asked = SQL("SELECT unnest(%s) AS id", partners.ids)
        rows = self.env.execute_query(self._answer_to_sql(asked, circumstances))
        held = {partner_id: reason for partner_id, reason, _until in rows if reason}
        allowed = [partner_id for partner_id, reason, _until in rows if not reason]
        if question.sender:
            self._list_answer(circumstances, rows, question.document)
        return Answer(partners.browse(sorted(allowed)), held)

    @api.model
    def _get_circumstances(self, purpose, channel, sender, **values):
        sender = self._get_sender(sender) if sender else self._no_sender()
        now = self.env.cr.now()
        return Circumstances(purpose, channel, sender, now, **values)

    @api.model
    def _no_sender(self):
        return self.env["crm.contact.policy.sender"].sudo()

    @api.model
    def _get_sender(self, code):
        sender = self._no_sender().search([("code", "=", code)])
        if not sender:
            raise ValueError(f"There is no sender of messages {code!r}.")
        return sender

    @api.model
    def _get_purpose(self, code):
        return self.env["crm.consent"]._get_purpose(code)

    @api.model
    def _always_goes(self, purpose, channel):
        """Whether no policy concerns it: a contract, or not a message at all."""
        return purpose.basis == "contract" or channel == DATA_USE

    @api.model
    def _answer_to_sql(self, asked, circumstances):
        """Return a select of contact, reason (NULL: may be written to) and until when.

        :param SQL asked: a select of ``id`` of contacts
        """
        purpose, channel = circumstances.purpose, circumstances.channel
        if purpose.basis == "contract":
            return SQL(
                """SELECT partner.id, NULL::varchar AS reason, NULL::timestamp AS until
                     FROM (%s) asked JOIN res_partner partner USING (id)""",
                asked,
            )
        self._flush_sources()
        hindrances = SQL(
            "SELECT NULL::int AS partner_id, NULL::varchar AS reason, "
            "NULL::timestamp AS until WHERE FALSE"
        )
        if not self._always_goes(purpose, channel):
            hindrances = self._get_hindrances(circumstances)
        return SQL(
            """
            WITH asked AS (%(asked)s)
            SELECT partner.id,
                   COALESCE(NULLIF(%(decided)s, 'no_consent'), hindrance.reason,
                            %(decided)s) AS reason,
                   hindrance.until
              FROM asked JOIN res_partner partner ON partner.id = asked.id
              LEFT JOIN crm_consent decision ON decision.partner_id = asked.id
                    AND decision.purpose_id = %(purpose)s
                    AND decision.channel = %(channel)s
              LEFT JOIN (%(hindrances)s) hindrance ON hindrance.partner_id = asked.id
            """,
            asked=asked,
            decided=self._decision_to_sql(circumstances),
            purpose=purpose.id,
            channel=channel,
            hindrances=hindrances,
        )

    @api.model
    def _hindrances_of(self, asked, circumstances):
        """Return who is held, whatever he decided on the purpose itself.

        :param SQL asked: a select of ``id`` of contacts
        :return: tuples of the id of a contact, reason and until when
        """
        if self._always_goes(circumstances.purpose, circumstances.channel):
            return []
        return self.env.execute_query(
            SQL(
                """WITH asked AS (%s) SELECT partner_id, reason, until FROM (%s) held
                    WHERE partner_id IN (SELECT id FROM asked)""",
                asked,
                self._get_hindrances(circumstances),
            )
        )

    @api.model
    def _decision_to_sql(self, circumstances):
        """Return the reason that lies in the contact's own decision, or NULL."""
        if circumstances.purpose.basis == "interest":
            return SQL(
                """CASE WHEN NOT decision.granted AND decision.pending IS NOT TRUE
                        THEN 'refused' END"""
            )
        return SQL(
            """
            CASE WHEN decision.id IS NULL THEN 'no_consent'
                 WHEN decision.pending THEN 'pending'
                 WHEN NOT decision.granted THEN 'refused'
                 WHEN decision.date_end <= %s THEN 'expired' END
            """,
            circumstances.now,
        )

    # ------------------------------------------------------------
    # List of the held
    # ------------------------------------------------------------

    @api.model
    def _list_answer(self, circumstances, rows, document):
        """List who is held, and close the lines of those who may be written to."""
        held = [row for row in rows if row[1] and row[1] != "no_consent"]
        if held:
            self._list_rows(circumstances, held, document)
        self._close_allowed(
            circumstances, [row[0] for row in rows if not row[1]], document
        )

    @api.model
    def _list_rows(self, circumstances, rows, document):
        """List held contacts.

        :param rows: tuples of the id of a contact, reason and until when
        """
        partner_ids, reasons, untils = zip(*rows, strict=True)
        facts = SQL(
            "SELECT * FROM unnest(%s, %s::varchar[], %s::timestamp[]) "
            "fact (id, reason, until)",
            list(partner_ids),
            list(reasons),
            list(untils),
        )
        self._list_held(circumstances, facts, document)

    @api.model
    def _list_held(self, circumstances, facts, document):
        """List the held contacts in one statement; who is listed already is updated.

        :param SQL facts: a select of id of a contact, reason and until
        """
        self._flush_sources()
        now = circumstances.now
        uid = self.env.uid
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_contact_hold AS hold (partner_id, purpose_id, channel,
                       sender_id, res_model, res_id, reason, date_until, state, date,
                       create_uid, create_date, write_uid, write_date)
                SELECT fact.id, %(purpose)s, %(channel)s, %(sender)s, %(model)s, %(id)s,
                       fact.reason, fact.until,
                       CASE WHEN fact.reason = ANY(%(lasting)s) OR NOT %(waits)s
                            THEN 'refused' ELSE 'waiting' END,
                       %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(facts)s) fact WHERE fact.reason IS NOT NULL
                ON CONFLICT (partner_id, purpose_id, channel, sender_id,
                             COALESCE(res_model, ''), COALESCE(res_id, 0))
                      WHERE state IN ('waiting', 'refused')
                DO UPDATE SET reason = excluded.reason, state = excluded.state,
                              date_until = excluded.date_until,
                              write_uid = excluded.write_uid,
                              write_date = excluded.write_date
                RETURNING id
                """,
                purpose=circumstances.purpose.id,
                channel=circumstances.channel,
                sender=circumstances.sender.id,
                model=document._name if document else None,
                id=document.id if document else None,
                lasting=list(LASTING_REASONS),
                waits=circumstances.sender.wait_days > 0,
                now=now,
                uid=uid,
                facts=facts,
            )
        )
        self.env["crm.contact.hold"].invalidate_model()

    @api.model
    def _close_allowed(self, circumstances, partner_ids, document):
        """The moment has come for those who waited: their lines are closed."""
        domain = Domain("state", "in", ("waiting", "refused"))
        domain &= Domain("partner_id", "in", partner_ids)
        domain &= Domain("sender_id", "=", circumstances.sender.id)
        domain &= Domain("purpose_id", "=", circumstances.purpose.id)
        domain &= Domain("channel", "=", circumstances.channel)
        domain &= Domain("res_model", "=", document._name if document else False)
        domain &= Domain("res_id", "=", document.id if document else False)
        self.env["crm.contact.hold"].sudo().search(domain)._close("released")
