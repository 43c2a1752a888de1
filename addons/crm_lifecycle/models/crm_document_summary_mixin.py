from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tools import SQL


class CrmDocumentSummaryMixin(models.AbstractModel):
    """Documents of past days summed up, which boards read instead of the documents.

    A summary names its documents and the field that dates them. Its other fields are
    fields of the documents of the same name, by which they are counted, and the sums
    of :meth:`_get_sums_sql`. It is written anew every night; days since then are read
    from the documents, and so is everything where nothing was summed up yet.

    Who reads gets what the record rules of the *documents* let him see: they are
    applied to the summary as they stand. Rules or conditions on a field that the
    summary does not hold are answered from the documents.
    """

    _name = "crm.document.summary.mixin"
    _description = "Documents by Day"
    _order = "day DESC, id"
    _rec_name = "day"

    # Name of the documents' model, the field that dates them, those that count.
    _summary_of = None
    _summary_date = "create_date"
    _summary_domain = []

    day = fields.Date(
        required=True, readonly=True, help="In the time zone of the company."
    )
    document_count = fields.Integer("Documents", readonly=True)

    @api.model
    def _get_sums_sql(self):
        """Return ``{field: SQL of one document}``; the documents are ``source``."""
        return {}

    @api.model
    def _get_dimensions(self):
        """Return the names of the fields by which documents are counted."""
        sums = {"id", "day", "document_count", *self._get_sums_sql()}
        return [
            name
            for name, field in self._fields.items()
            if field.store and name not in sums and name not in MAGIC_COLUMNS
        ]

    # ------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------

    @api.model
    def _refresh_all(self):
        """Write all summaries anew, those of every addon."""
        for name in self.env.registry.descendants([self._name], "_inherit"):
            if not self.env[name]._abstract:
                self.env[name].sudo().with_context(active_test=False)._refresh()

    @api.model
    def _refresh(self):
        """Write the days that are over in every time zone anew, in two statements."""
        self.env.flush_all()
        dimensions = self._get_dimensions()
        names = [*dimensions, "document_count", *self._get_sums_sql()]
        columns = SQL(", ").join(map(SQL.identifier, names))
        self.env.cr.execute(
            SQL("LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE", self._get_table_sql())
        )
        self.env.cr.execute(SQL("DELETE FROM %s", self._get_table_sql()))
        sums = [SQL("sum(%s)", SQL.identifier(name)) for name in self._get_sums_sql()]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (day, %(columns)s)
                SELECT day, %(sums)s FROM (%(documents)s) document
                 WHERE day < (now() AT TIME ZONE 'UTC')::date - 1
                 GROUP BY %(groups)s
                 -- What is read together lies together.
                 ORDER BY day
                """,
                table=self._get_table_sql(),
                columns=columns,
                sums=SQL(", ").join(
                    [*map(SQL.identifier, dimensions), SQL("count(*)"), *sums]
                ),
                groups=SQL(", ").join(map(SQL.identifier, ["day", *dimensions])),
                documents=self._get_documents_sql(Domain.TRUE),
            )
        )
        self.invalidate_model()
        # The numbers of rows are others than yesterday, and boards ask at once.
        self.env.cr.execute(SQL("ANALYZE %s", self._get_table_sql()))

    @api.model
    def _get_table_sql(self):
        return SQL.identifier(self._table)

    @api.model
    def _get_documents_sql(self, domain, zone=None):
        """Return a row per document within ``domain``, seen with the user's rights.

        :param str zone: whose days are meant; by default that of each company
        """
        source = self.env[self._summary_of]
        query = source._search(Domain(self._summary_domain) & Domain(domain))
        moment = source._field_to_sql(source._table, self._summary_date, query)
        company_id = SQL("NULL::int")
        if "company_id" in source._fields:
            company_id = source._field_to_sql(source._table, "company_id", query)
        columns = [
            SQL(
                "%s AS %s",
                source._field_to_sql(source._table, name, query),
                SQL.identifier(name),
            )
            for name in self._get_dimensions()
        ]
        sums = [
            SQL("%s AS %s", value, SQL.identifier(name))
            for name, value in self._get_sums_sql().items()
        ]
        query.add_where(SQL("%s IS NOT NULL", moment))
        return query.select(
            SQL("%s AS day", self._get_day_sql(moment, company_id, zone)),
            *columns,
            *sums,
        )

    @api.model
    def _get_day_sql(self, moment, company_id, zone=None):
        """Return the day of a UTC time in the zone, by default where the company is."""
        if self.env[self._summary_of]._fields[self._summary_date].type == "date":
            return moment
        if zone:
            return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)
        zones = {
            company.id: company.partner_id.tz
            for company in self.env["res.company"].sudo().search(Domain.TRUE)
            if company.partner_id.tz not in (False, "UTC")
        }
        if not zones:
            return SQL("(%s)::date", moment)
        zone = SQL(" ").join(
            SQL("WHEN %s THEN %s", company, name) for company, name in zones.items()
        )
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE CASE %s %s ELSE 'UTC' END)::date",
            moment,
            company_id,
            zone,
        )

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    @api.model
    def _read_days(self, domain, groups, sums, date_from=None, date_to=None):
        """Return the sums of the documents within ``domain``, with the user's rights.

        :param domain: of the documents, without their date
        :param list groups: names of fields of the summary, ``day:month``, or a date:
            whether the day is that one or later
        :param list sums: such as ``document_count``
        :param date_from: first day; by default the first there is
        :param date_to: last day; by default the last there is
        :return: values of the groups (records for relations), then sums
        :rtype: list[tuple]
        """
        source = self.env[self._summary_of]
        if not source.has_access("read"):
            return []
        parts, since = [], None
        if self._is_answerable(domain):
            parts, since = self._get_summed_up(domain)
        parts.append(self._get_documents_since_sql(domain, since, date_from, date_to))
        within = [SQL("TRUE")]
        within += [SQL("day >= %s", date_from)] if date_from else []
        within += [SQL("day <= %s", date_to)] if date_to else []
        names = [f"key_{place}" for place in range(len(groups))]
        keys = SQL(", ").join(map(SQL.identifier, names))
        columns = [
            SQL("%s AS %s", self._get_group_sql(group), SQL.identifier(name))
            for group, name in zip(groups, names, strict=True)
        ]
        columns += [SQL("sum(%(sum)s) AS %(sum)s", sum=SQL.identifier(s)) for s in sums]
        grouped = SQL("GROUP BY %s", keys) if groups else SQL()
        # Each part is added up by itself: the database then shares a large one among
        # its workers.
        added_up = [
            SQL(
                "SELECT %s FROM (%s) document WHERE %s %s",
                SQL(", ").join(columns),
                part,
                SQL(" AND ").join(within),
                grouped,
            )
            for part in parts
        ]
        totals = [
            SQL("COALESCE(sum(%s), 0)::float8", SQL.identifier(name)) for name in sums
        ]
        rows = self.env.execute_query(
            SQL(
                "SELECT %s FROM (%s) part %s %s",
                SQL(", ").join([*map(SQL.identifier, names), *totals]),
                SQL(" UNION ALL ").join(added_up),
                grouped,
                SQL("ORDER BY %s", SQL.identifier(names[0])) if groups else SQL(),
            )
        )
        return [self._convert_row(row, groups) for row in rows]

    @api.model
    def _is_answerable(self, domain):
        """Tell whether conditions and record rules name fields of the summary only."""
        names = {*self._get_dimensions(), "active"}
        conditions = (Domain(domain) & self._get_rights()).iter_conditions()
        return all(
            condition.field_expr.partition(".")[0] in names for condition in conditions
        )

    @api.model
    def _get_rights(self):
        if self.env.su:
            return Domain.TRUE
        return self.env["ir.rule"]._compute_domain(self._summary_of, "read")

    @api.model
    def _get_summed_up(self, domain):
        """Return the statement of the days summed up, and the last one of them."""
        [(last,)] = self.env.execute_query(
            SQL("SELECT max(day) FROM %s", self._get_table_sql())
        )
        if not last:
            return [], None
        # The rights are those of the documents, which are applied here.
        summary = self.sudo()
        query = summary._search(Domain(domain) & self._get_rights())
        names = [
            "day", *self._get_dimensions(), "document_count", *self._get_sums_sql()
        ]  # fmt: skip
        columns = [SQL.identifier(self._table, name) for name in names]
        return [query.select(*columns)], last

    @api.model
    def _get_documents_since_sql(self, domain, since, date_from, date_to):
        """Return the rows of documents after the days summed up, summed as these."""
        bounds = []
        # A day more on either side: the user may be in another zone than the company.
        if first := max(filter(None, (since, date_from)), default=None):
            first = fields.Date.subtract(first, days=1)
            bounds.append((self._summary_date, ">=", str(first)))
        if date_to:
            last = fields.Date.add(date_to, days=1)
            bounds.append((self._summary_date, "<=", str(last)))
        dimensions = map(SQL.identifier, ["day", *self._get_dimensions()])
        return SQL(
            "SELECT %s FROM (%s) document WHERE %s",
            SQL(", ").join(
                [
                    *dimensions,
                    SQL("1 AS document_count"),
                    *map(SQL.identifier, self._get_sums_sql()),
                ]
            ),
            # Without days summed up there is nothing to be joined to.
            self._get_documents_sql(
                Domain(domain) & Domain(bounds), None if since else self.env.tz.zone
            ),
            SQL("day > %s", since) if since else SQL("TRUE"),
        )

    @api.model
    def _get_group_sql(self, name):
        if isinstance(name, date):
            return SQL("day >= %s", name)
        if name == "day:month":
            return SQL("date_trunc('month', day)::date")
        return SQL.identifier(name)

    @api.model
    def _convert_row(self, row, groups):
        source = self.env[self._summary_of]
        values = list(row)
        for place, name in enumerate(groups):
            if isinstance(name, date):
                continue
            field = self._fields[name.partition(":")[0]]
            if field.type == "many2one":
                comodel = source.env[field.comodel_name]
                values[place] = comodel.browse(row[place])
            elif row[place] is None:
                values[place] = False
        return tuple(values)
