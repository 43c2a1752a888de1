from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.tools import SQL

# Events per committed batch: about two seconds, most of it for their own events.
EARNING_BATCH = 2_000


class LoyaltyEarningRule(models.Model):
    """Points for any customer event, such as an answered survey or a clicked mailing.

    A scheduled action books them; the event's id in the booking key keeps it from
    awarding the same event twice.
    """

    _name = "loyalty.earning.rule"
    _description = "Earning Rule"
    _order = "program_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    program_id = fields.Many2one(
        "loyalty.program",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("program_type", "=", "loyalty")],
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True)
    point_name = fields.Char(related="program_id.portal_point_name")
    event_type_id = fields.Many2one(
        "crm.customer.event.type",
        "Customer Event",
        required=True,
        index=True,
        ondelete="cascade",
    )
    points = fields.Float(digits=0, help="For each event.")
    points_per_value = fields.Float(
        "Points per Currency Unit",
        digits=0,
        help="For each unit of the event's value in the company's currency, if it has "
        "one.",
    )
    is_qualifying = fields.Boolean(
        "Count for Tiers", default=True, help="The points count for reaching a tier."
    )
    enrol = fields.Boolean(
        "Enrol Customers",
        help="Customers without a card get one. Otherwise only events from the day on "
        "which they got their card count.",
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=fields.Date.context_today,
        help="Events before this day earn nothing.",
    )
    limit_count = fields.Integer(
        "Limit", help="So many events of a customer count per period; zero: all."
    )
    limit_period = fields.Selection(
        [
            ("day", "Day"),
            ("week", "Week"),
            ("month", "Month"),
            ("year", "Year"),
            ("ever", "Lifetime"),
        ],
        default="month",
        required=True,
    )
    entry_count = fields.Integer("Awards", compute="_compute_entry_count")

    _points_positive = models.Constraint(
        "CHECK(points >= 0 AND points_per_value >= 0 "
        "AND points + points_per_value > 0)",
        "Give points for each event, or for its value.",
    )
    _limit_positive = models.Constraint(
        "CHECK(limit_count >= 0)", "The limit can't be negative."
    )

    @api.constrains("event_type_id")
    def _check_event_type(self):
        for rule in self:
            if rule.event_type_id.model_name == "loyalty.points.entry":
                raise ValidationError(
                    self.env._(
                        "Points can't be given for points: choose another customer "
                        "event for %(rule)s.",
                        rule=rule.name,
                    )
                )

    def _compute_entry_count(self):
        counts = dict(
            self.env["loyalty.points.entry"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.entry_count = counts.get(rule, 0)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        rules = super().create(vals_list)
        self.env.ref("crm_loyalty.ir_cron_award_events").sudo()._trigger()
        return rules

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_award(self):
        """Book what these rules award for the events so far."""
        for rule in self:
            while rule._award_batch():
                continue

    def action_open_entries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_loyalty.loyalty_points_entry_action"
        )
        action["domain"] = [("rule_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Awards
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _get_earning_event_types(self):
        """Return the ids of the types of event that earn points."""
        rules = self.sudo()._read_group([], ["event_type_id"])
        return frozenset(event_type.id for (event_type,) in rules)

    @api.model
    def _cron_award(self):
        """Book the awards of all rules, batch by batch."""
        commit = self.env["ir.cron"]._commit_progress
        rules = self.search([("program_id.active", "=", True)])
        commit(remaining=len(rules))
        for rule in rules:
            while rule._award_batch():
                if not commit():
                    return
            commit(1)

    def _award_batch(self):
        """Award points for the next events, at most one batch.

        :return: number of events awarded
        """
        self.ensure_one()
        self.flush_recordset()
        events = self._get_events_to_award()
        cards = self._ensure_cards(events)
        entries = self.env["loyalty.points.entry"]._book(
            [
                self._prepare_award_facts(event, cards[event["partner_id"]])
                for event in events
            ]
        )
        entries.card_id._update_tiers()
        return len(entries)

    def _prepare_award_facts(self, event, card_id):
        day = event["date"].date()
        return {
            "card_id": card_id,
            "kind": "award",
            "points": event["points"],
            "qualifying_points": event["points"] if self.is_qualifying else 0,
            "date": event["date"],
            "expiry_date": self.program_id._get_points_expiry(day),
            "company_id": event["company_id"],
            "rule_id": self.id,
            "res_model": event["res_model"],
            "res_id": event["res_id"],
            "description": self.name,
            "key": f"rule:{self.id}:event:{event['id']}",
        }

    def _ensure_cards(self, events):
        """Return the card of each customer, making those that are missing.

        :rtype: dict[int, int]
        """
        card_by_partner = {event["partner_id"]: event["card_id"] for event in events}
        missing = [partner for partner, card in card_by_partner.items() if not card]
        cards = self.program_id._create_cards(self.env["res.partner"].browse(missing))
        return card_by_partner | dict(zip(missing, cards.ids, strict=True))

    def _get_events_to_award(self):
        """Return the next events that earn points and have not been awarded.

        The limit counts what was awarded in the period and then the oldest events.

        :rtype: list[dict]
        """
        period = SQL("'ever'")
        if self.limit_period != "ever":
            period = SQL("date_trunc(%s, event.date)::text", self.limit_period)
        return self.env.execute_query_dict(
            SQL(
                """
                WITH candidate AS (
                    SELECT event.id, event.date, event.partner_id, event.company_id,
                           event.res_model, event.res_id, card.id AS card_id,
                           %(points)s AS points, entry.id IS NOT NULL AS awarded,
                           row_number() OVER (
                               PARTITION BY event.partner_id, %(period)s
                               ORDER BY entry.id IS NULL, event.date, event.id
                           ) AS number
                      FROM crm_customer_event event
                 LEFT JOIN loyalty_points_entry entry
                        ON entry.key = 'rule:' || %(rule)s || ':event:' || event.id
                 LEFT JOIN LATERAL (%(card)s) card ON true
                     WHERE event.type_id = %(type)s AND event.date >= %(start)s
                       AND (%(enrol)s OR event.date::date >= card.create_date::date)
                       AND %(company)s AND %(segment)s
                       AND (%(limit)s > 0 OR entry.id IS NULL)
                )
                SELECT * FROM candidate
                 WHERE NOT awarded AND points > 0
                   AND (%(limit)s = 0 OR number <= %(limit)s)
                 ORDER BY date, id LIMIT %(batch)s
                """,
                points=self._points_to_sql(),
                period=period,
                rule=str(self.id),
                card=self._card_to_sql(),
                type=self.event_type_id.id,
                start=self.date_from,
                enrol=self.enrol,
                company=self._company_to_sql(),
                segment=self._segment_to_sql(),
                limit=self.limit_count,
                batch=EARNING_BATCH,
            )
        )

    def _points_to_sql(self):
        return SQL(
            "round(%s + %s * GREATEST(COALESCE(event.value, 0), 0)::numeric, 2)",
            self.points,
            self.points_per_value,
        )

    def _card_to_sql(self):
        """Return the query of the card of the event's customer, any of his contacts."""
        return SQL(
            """
            SELECT card.id, card.create_date
              FROM loyalty_card card JOIN res_partner holder
                ON holder.id = card.partner_id
             WHERE card.program_id = %s AND card.active
               AND holder.commercial_partner_id = event.partner_id
             ORDER BY holder.id <> COALESCE(event.contact_id, event.partner_id), card.id
             LIMIT 1
            """,
            self.program_id.id,
        )

    def _company_to_sql(self):
        company = self.program_id.company_id
        return SQL("event.company_id = %s", company.id) if company else SQL("true")

    def _segment_to_sql(self):
        """Return the condition that the customer was a member when it happened."""
        segments = self.program_id.sudo().crm_segment_ids
        if not segments:
            return SQL("true")
        self.env["crm.segment.member"].flush_model()
        return SQL(
            """
            EXISTS (SELECT FROM crm_segment_member member
                     WHERE member.segment_id IN %s
                       AND member.partner_id = event.partner_id
                       AND member.company_id = event.company_id
                       AND member.date_entered <= event.date
                       AND (member.date_left IS NULL OR member.date_left > event.date))
            """,
            segments._ids,
        )
