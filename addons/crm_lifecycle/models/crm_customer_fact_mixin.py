from ast import literal_eval
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


class FactColumn(NamedTuple):
    """Where a path from the fact leads: the field there and its SQL."""

    model: models.BaseModel
    field: fields.Field
    alias: str
    sql: SQL


class CrmCustomerFactMixin(models.AbstractModel):
    """Facts of the ERP that belong to customers, told by a model, a domain and paths.

    Inherited by what reads such facts: event types make events of them, metrics sum
    them up. The definition is compiled to the ORM's own query, so that company
    dependent, translated and related fields are read as the ORM reads them.
    """

    _name = "crm.customer.fact.mixin"
    _description = "Facts about Customers"

    # Not required in the database: an application that is uninstalled takes its
    # documents along, but not what others said about them.
    model_id = fields.Many2one("ir.model", "Document", ondelete="set null", index=True)
    model_name = fields.Char(related="model_id.model", string="Model Name")
    domain = fields.Char(
        "Condition", default="[]", required=True, help="The documents that count."
    )
    partner_path = fields.Char(
        "Customer",
        required=True,
        default="partner_id",
        help="Path to the contact, such as order_id.partner_id; id where the document "
        "is the contact. The fact belongs to the contact's commercial entity.",
    )
    company_path = fields.Char(
        "Company",
        default="company_id",
        help="Path to the company. Documents without one belong to the customer's "
        "company, else to the first company.",
    )

    @api.constrains("model_id")
    def _check_model_access(self):
        """Facts are read for everybody: who names them must be allowed to read them."""
        for record in self:
            name = record.sudo().model_name
            if name in self.env:
                # Constraints run as superuser.
                self.env[name].with_user(self.env.uid).check_access("read")

    def _get_fact_model(self):
        """Return the model of the facts, without access rules, archived ones too."""
        if not self.model_id:
            raise ValidationError(
                self.env._(
                    "%s: choose the document; that of before is not installed any "
                    "more.",
                    self.display_name,
                )
                if self._origin.id
                else self.env._("Choose the document.")
            )
        if self.model_name not in self.env:
            raise ValidationError(
                self.env._(
                    "%(name)s: the document type %(model)s is not installed.",
                    name=self.display_name,
                    model=self.model_id.name,
                )
            )
        return self.env[self.model_name].sudo().with_context(active_test=False)

    def _compile_facts(self, scope):
        """Turn the definition into a query.

        :param Domain scope: limits the facts further
        :return: the query, the alias of the contact and the SQL of the company
        :raise ValidationError: the definition is wrong; the message says where
        """
        self.ensure_one()
        model = self._get_fact_model()
        try:
            domain = Domain(literal_eval(self.domain or "[]")) & scope
            query = model._search(domain)
        except (ValueError, SyntaxError, KeyError) as error:
            raise ValidationError(
                self.env._(
                    "%(name)s: the condition is not valid: %(error)s",
                    name=self.display_name,
                    error=error,
                )
            ) from error
        contact = self._join_contact(model, query)
        return query, contact, self._company_to_sql(model, query, contact)

    def _resolve(self, model, query, path_name, types, comodel=None):
        """Follow the path in field ``path_name``, joining tables on the way.

        :rtype: FactColumn
        :raise ValidationError: no such field, or one of another type
        """
        *steps, last = self[path_name].split(".")
        alias = query.table
        for step in steps:
            field = model._fields.get(step)
            if field is None or field.type != "many2one":
                raise self._path_error(path_name, step, model)
            model, alias = self._join_step(model, alias, field, query)
        field = model._fields.get(last)
        if field is None or field.type not in types:
            raise self._path_error(path_name, last, model)
        if comodel and field.comodel_name != comodel:
            raise self._path_error(path_name, last, model)
        try:
            sql = model._field_to_sql(alias, last, query)
        except ValueError as error:
            raise self._path_error(path_name, last, model) from error
        return FactColumn(model, field, alias, sql)

    @api.model
    def _join_step(self, model, alias, field, query):
        comodel = self.env[field.comodel_name].sudo()
        joined = query.make_alias(alias, field.name)
        condition = SQL(
            "%s = %s",
            model._field_to_sql(alias, field.name, query),
            SQL.identifier(joined, "id"),
        )
        query.add_join("LEFT JOIN", joined, comodel._table, condition)
        return comodel, joined

    def _path_error(self, path_name, step, model):
        return ValidationError(
            self.env._(
                "%(name)s, %(field)s: '%(path)s' does not lead there, because "
                "'%(step)s' of %(model)s is missing or of the wrong type.",
                name=self.display_name,
                field=self._fields[path_name].get_description(self.env)["string"],
                path=self[path_name],
                step=step,
                model=model._description,
            )
        )

    def _join_contact(self, model, query):
        """Join the contact of each fact, dropping facts without one."""
        if model._name == "res.partner" and self.partner_path == "id":
            # The contact himself.
            column = FactColumn(
                model,
                model._fields["id"],
                query.table,
                SQL.identifier(query.table, "id"),
            )
        else:
            column = self._resolve(
                model, query, "partner_path", ("many2one",), comodel="res.partner"
            )
        contact = query.make_alias(query.table, "event_contact")
        query.add_join(
            "JOIN",
            contact,
            "res_partner",
            SQL("%s = %s", SQL.identifier(contact, "id"), column.sql),
        )
        query.add_where(SQL("%s IS NOT NULL", self._customer_to_sql(query, contact)))
        return contact

    @api.model
    def _customer_to_sql(self, query, contact):
        """Return the commercial entity of the contact, flushed if just created."""
        partners = self.env["res.partner"].sudo()
        return partners._field_to_sql(contact, "commercial_partner_id", query)

    def _company_to_sql(self, model, query, contact):
        sources = [
            self.env["res.partner"].sudo()._field_to_sql(contact, "company_id", query),
            SQL("%s", self._get_first_company_id()),
        ]
        if self.company_path:
            column = self._resolve(
                model, query, "company_path", ("many2one",), comodel="res.company"
            )
            sources.insert(0, column.sql)
        return SQL("COALESCE(%s)", SQL(", ").join(sources))

    @api.model
    @tools.ormcache()
    def _get_first_company_id(self):
        return self.env["res.company"].sudo().search([], order="id", limit=1).id

    def _value_to_sql(self, model, query, path_name, company, date):
        """Return the value as SQL, amounts in the company's currency of ``date``."""
        if not self[path_name]:
            return SQL("NULL::numeric")
        column = self._resolve(
            model, query, path_name, ("monetary", "float", "integer")
        )
        if column.field.type != "monetary":
            return SQL("%s::numeric", column.sql)
        currency_name = column.field.get_currency_field(column.model)
        currency = column.model._field_to_sql(column.alias, currency_name, query)
        owner = query.make_alias(query.table, "event_company")
        query.add_join(
            "LEFT JOIN",
            owner,
            "res_company",
            SQL("%s = %s", SQL.identifier(owner, "id"), company),
        )
        return self.env["res.currency"]._convert_to_sql(
            column.sql, currency, SQL.identifier(owner, "currency_id"), owner, date
        )
