from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..segment_conditions.period import Period
from ..segment_conditions.tally import Tally


class CrmSegmentCondition(models.Model):
    """What must have happened to a customer, how often and when, to be in a segment.

    - *Customer events*: any of some types, perhaps followed (or not) by another.
    - *Products*: bought on confirmed orders.
    - *Documents*: facts on any model with a path to the customer.
    """

    _name = "crm.segment.condition"
    _inherit = ["crm.customer.fact.mixin"]
    _description = "Segment Condition"
    _order = "segment_id, sequence, id"
    _rec_name = "summary"

    segment_id = fields.Many2one(
        "crm.segment", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("event", "Customer events"),
            ("product", "Products bought"),
            ("document", "Documents"),
        ],
        required=True,
        default="event",
    )
    operator = fields.Selection(
        [("at_least", "at least"), ("at_most", "at most"), ("exactly", "exactly")],
        required=True,
        default="at_least",
    )
    number = fields.Integer("Times", default=1, required=True)
    value_min = fields.Float(
        "Worth At Least",
        help="What their values add up to, in the company's currency. Zero: any value.",
    )
    period = fields.Selection(
        [
            ("ever", "ever"),
            ("last", "in the last days"),
            ("before", "longer ago than days"),
            ("between", "between"),
        ],
        required=True,
        default="last",
    )
    days = fields.Integer(default=90)
    date_from = fields.Date("From")
    date_to = fields.Date("To")
    # Customer events
    event_type_ids = fields.Many2many(
        "crm.customer.event.type", string="Events", help="Any of these."
    )
    event_category = fields.Selection(
        selection="_get_event_categories",
        string="Any Event of",
        help="All events of this category count, those of types to come as well.",
    )
    followed = fields.Selection(
        [("yes", "followed by"), ("no", "not followed by")],
        help="Not followed: the time for it has passed.",
    )
    follow_type_id = fields.Many2one(
        "crm.customer.event.type", "Next Event", ondelete="restrict"
    )
    follow_days = fields.Integer("Within (days)", default=14)
    # Products
    product_ids = fields.Many2many("product.product", string="Products")
    product_category_ids = fields.Many2many(
        "product.category", string="Product Categories", help="And those below them."
    )
    # Documents
    domain = fields.Char(required=False)
    partner_path = fields.Char(required=False)
    date_path = fields.Char(
        "Date", default="create_date", help="Field that dates the document."
    )
    value_path = fields.Char("Value", help="Path to the number to add up.")
    summary = fields.Char(compute="_compute_summary")

    _number_positive = models.Constraint(
        "CHECK(number >= 0)", "Something can't happen fewer than zero times."
    )
    _days_positive = models.Constraint(
        "CHECK(days >= 0 AND follow_days >= 0)", "Days can't be negative."
    )

    @api.model
    def _get_event_categories(self):
        field = self.env["crm.customer.event.type"]._fields["category"]
        return field._description_selection(self.env)

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    @api.depends(
        "kind",
        "operator",
        "number",
        "value_min",
        "period",
        "days",
        "date_from",
        "date_to",
        "event_type_ids",
        "event_category",
        "followed",
        "follow_type_id",
        "follow_days",
        "product_ids",
        "product_category_ids",
        "model_id",
    )
    def _compute_summary(self):
        for condition in self:
            condition.summary = " ".join(filter(None, condition._get_words()))

    def _get_words(self):
        """Return the parts of the sentence that tells the condition."""
        self.ensure_one()
        yield self._describe_subject()
        yield self._describe_number()
        if self.value_min:
            yield self.env._("worth at least %s", self.value_min)
        yield self._describe_period()
        if self.kind == "event" and self.followed:
            yield self._describe_follow()

    def _describe_subject(self):
        if self.kind == "event":
            events = self.event_type_ids.mapped("name")
            if self.event_category:
                field = self._fields["event_category"]
                labels = dict(field._description_selection(self.env))
                category = labels.get(self.event_category, self.event_category)
                events.append(self.env._("any event of %s", category))
            return self.env._(" or ").join(events)
        if self.kind == "product":
            things = [*self.product_ids.mapped("display_name")]
            things += self.product_category_ids.mapped("name")
            what = ", ".join(things) or self.env._("anything")
            return self.env._("Bought %s", what)
        return self.model_id.name or ""

    def _describe_number(self):
        if self.operator != "at_least" and not self.number:
            return self.env._("never")
        if self.operator == "at_most":
            return self.env._("at most %s times", self.number)
        if self.operator == "exactly":
            return self.env._("exactly %s times", self.number)
        if self.number == 1:
            return self.env._("at least once")
        return self.env._("at least %s times", self.number)

    def _describe_period(self):
        if self.period == "last":
            return self.env._("in the last %s days", self.days)
        if self.period == "before":
            return self.env._("longer ago than %s days", self.days)
        if self.period == "between":
            return self.env._(
                "from %(start)s to %(end)s",
                start=self.date_from or self.env._("the beginning"),
                end=self.date_to or self.env._("today"),
            )
        return ""

    def _describe_follow(self):
        values = {"event": self.follow_type_id.name or "?", "days": self.follow_days}
        if self.followed == "yes":
            return self.env._("followed by %(event)s within %(days)s days", **values)
        return self.env._("not followed by %(event)s within %(days)s days", **values)

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains(
        "kind",
        "event_type_ids",
        "event_category",
        "period",
        "days",
        "followed",
        "follow_type_id",
        "operator",
        "number",
        "value_min",
    )
    def _check_complete(self):
        for condition in self:
            if problem := condition._get_problem():
                raise ValidationError(problem)

    def _get_problem(self):
        """Return what is missing, in words for the user, or nothing."""
        self.ensure_one()
        if self.kind == "event" and not (self.event_type_ids or self.event_category):
            return self.env._("A condition on customer events: choose which events.")
        if self.kind == "event" and self.followed and not self.follow_type_id:
            return self.env._("Choose the event that follows, or leave it out.")
        if self.kind == "document" and not self.model_id:
            return self.env._("A condition on documents: choose the kind of document.")
        if self.value_min and self._get_tally().is_negative:
            return self.env._(
                "“%s”: what never or seldom happened has no worth to ask for. Leave "
                "the worth out, or count at least.",
                self.summary,
            )
        if self.period == "last" and not self.days:
            return self.env._("In the last how many days? Give a number above zero.")
        if self.period == "before" and not self.days:
            return self.env._(
                "Longer ago than how many days? Give a number above zero."
            )
        return ""

    @api.constrains(
        "kind", "model_id", "domain", "partner_path", "date_path", "value_path"
    )
    def _check_definition(self):
        for condition in self.filtered(lambda condition: condition.kind == "document"):
            condition._select_facts(None)

    @api.model_create_multi
    def create(self, vals_list):
        conditions = super().create(vals_list)
        conditions.segment_id._check_unlocked()
        conditions.segment_id._rule_changed()
        return conditions

    def write(self, vals):
        if vals.keys() - {"sequence"}:
            self.segment_id._check_unlocked()
        result = super().write(vals)
        self.segment_id._rule_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self.segment_id._check_unlocked()
        self.segment_id._rule_changed()

    # ------------------------------------------------------------
    # Compilation
    # ------------------------------------------------------------

    def _get_domain(self, customers=None):
        """Return the condition as a domain on the profile.

        :param SQL customers: ``SELECT partner_id, company_id`` of those it is asked
            about; all without it
        :raise UserError: the condition is incomplete or wrong
        """
        self.ensure_one()
        if problem := self._get_problem():
            raise UserError(problem)
        tally = self._get_tally()
        groups = SQL(
            "SELECT partner_id, company_id FROM (%s) fact "
            "GROUP BY partner_id, company_id HAVING %s",
            self._select_facts(customers),
            tally.having(),
        )
        segments = self.env["crm.segment"]
        return segments._join_customers(groups, is_in=not tally.is_negative)

    def _get_tally(self):
        return Tally(self.operator, self.number, self.value_min)

    def _get_period(self):
        if self.period == "last":
            return Period(days=self.days)
        if self.period == "before":
            return Period(days_ago=self.days)
        if self.period == "between":
            return Period(start=self.date_from, end=self.date_to)
        return Period()

    def _select_facts(self, customers):
        """Return the SQL of the facts: ``partner_id``, ``company_id``, ``value``."""
        if self.kind == "event":
            return self._select_events(customers)
        if self.kind == "product":
            return self._select_products(customers)
        return self._select_documents(customers)

    def _limit(self, partner, company, customers):
        if customers is None:
            return SQL("TRUE")
        return SQL("(%s, %s) IN (%s)", partner, company, customers)

    def _select_events(self, customers):
        event = "event"
        return SQL(
            """
            SELECT event.partner_id, event.company_id, event.value
              FROM crm_customer_event event
             WHERE event.type_id IN %s AND %s AND %s AND %s
            """,
            self._get_counted_types()._ids,
            self._get_period().condition(
                SQL.identifier(event, "date"), self.env.cr.now()
            ),
            self._follow_to_sql(),
            self._limit(
                SQL.identifier(event, "partner_id"),
                SQL.identifier(event, "company_id"),
                customers,
            ),
        )

    def _get_counted_types(self):
        """Return the types chosen and those of the category, archived ones too."""
        types = self.event_type_ids._origin
        if self.event_category:
            known = self.env["crm.customer.profile"]._get_event_types()
            types = types | known.filtered_domain(
                [("category", "=", self.event_category)]
            )
        # No id is that of nothing, where a category has no types.
        return types or types.browse([0])

    def _follow_to_sql(self):
        if not self.followed:
            return SQL("TRUE")
        follows = SQL(
            """
            EXISTS (SELECT FROM crm_customer_event next_event
                     WHERE next_event.partner_id = event.partner_id
                       AND next_event.company_id = event.company_id
                       AND next_event.type_id = %s
                       AND next_event.date > event.date
                       AND next_event.date
                           <= event.date + make_interval(days => %s))
            """,
            self.follow_type_id.id,
            self.follow_days,
        )
        if self.followed == "yes":
            return follows
        # As long as it may still follow, nothing is said.
        return SQL(
            "NOT %s AND event.date < %s::timestamp - make_interval(days => %s)",
            follows,
            self.env.cr.now(),
            self.follow_days,
        )

    def _select_products(self, customers):
        domain = Domain("product_id", "!=", False)
        if self.product_ids:
            domain = Domain("product_id", "in", self.product_ids._origin.ids)
        if self.product_category_ids:
            categories = self.product_category_ids._origin.ids
            within = Domain("product_id.categ_id", "child_of", categories)
            domain = domain | within if self.product_ids else within
        products = self.env["product.product"].sudo()
        lines = self.env["sale.order.line"].sudo().with_context(active_test=False)
        query = lines._search(domain & Domain("display_type", "=", False))
        products.flush_model()
        return SQL(
            """
            SELECT contact.commercial_partner_id AS partner_id, so.company_id,
                   line.price_subtotal / COALESCE(NULLIF(so.currency_rate, 0), 1)
                       AS value
              FROM sale_order_line line
              JOIN sale_order so ON so.id = line.order_id
              JOIN res_partner contact ON contact.id = so.partner_id
             WHERE so.state = 'sale' AND line.id IN %s AND %s AND %s
            """,
            query.subselect(),
            self._get_period().condition(
                SQL.identifier("so", "date_order"), self.env.cr.now()
            ),
            self._limit(
                SQL.identifier("contact", "commercial_partner_id"),
                SQL.identifier("so", "company_id"),
                customers,
            ),
        )

    def _select_documents(self, customers):
        query, contact, company = self._compile_facts(Domain.TRUE)
        model = self._get_fact_model()
        date = self._resolve(model, query, "date_path", ("date", "datetime")).sql
        value = self._value_to_sql(model, query, "value_path", company, date)
        partner = self._customer_to_sql(query, contact)
        query.add_where(
            self._get_period().condition(SQL("%s::timestamp", date), self.env.cr.now())
        )
        query.add_where(self._limit(partner, company, customers))
        return query.select(
            SQL("%s AS partner_id", partner),
            SQL("%s AS company_id", company),
            SQL("%s AS value", value),
        )
