import re

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

ERASED = "[erased]"
# What is emptied on the contact, whatever documents there are ...
CONTACT_FIELDS = (
    *("email", "phone", "website", "comment", "function", "image_1920", "barcode"),
    *("ref", "company_registry", "category_id", "properties", "user_id", "signup_type"),
    *("sale_warn_msg", "lang", "tz"),
)
# ... and where none has to be kept.
ADDRESS_FIELDS = (
    *("street", "street2", "zip", "city", "state_id", "country_id", "vat"),
    "company_name",
)
TEXT_TYPES = ("text", "character varying", "jsonb", "json")


class CrmPrivacyRequestErasure(models.Model):
    """Erasing a person: what is deleted, emptied or kept, and the proof of it.

    The sections tell what to do with each kind of record. After them every text of
    the database is searched for the person's e-mail addresses, but for documents that
    are kept by law. Doing it again changes nothing.
    """

    _inherit = "crm.privacy.request"

    # ------------------------------------------------------------
    # Before
    # ------------------------------------------------------------

    def _get_erasure_refusal(self):
        """Return why this person can't be erased, or False."""
        subject = self._get_subject()
        users = subject.partners.user_ids.filtered(lambda user: not user.share)
        if users or any(subject.partners.mapped("employee")):
            return self.env._(
                "%s is an employee or a user of the system, whose data is kept for "
                "other reasons: archive the user and take it off the contact first.",
                ", ".join((users.partner_id or subject.partners).mapped("name")[:3]),
            )
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        if companies.search_count([("partner_id", "in", subject.partners.ids)]):
            return self.env._("This contact is one of your own companies.")
        return False

    def _get_erasure_plan(self):
        """Return what will happen to the records of each section.

        :return: dicts with ``label``, ``count``, ``outcome`` and ``reason``
        """
        outcomes = {
            "delete": self.env._("Deleted"),
            "purge": self.env._("Deleted"),
            "clear": self.env._("Anonymised"),
            "keep": self.env._("Kept"),
        }
        subject = self._get_subject()
        plan = []
        for section in self._get_all_sections():
            count = len(self._find_records(section, subject))
            if count:
                outcome = outcomes[section.erasure]
                if section.model in ("res.partner", "res.users"):
                    outcome = outcomes["clear"]
                plan.append(
                    {
                        "label": section.label,
                        "count": count,
                        "outcome": outcome,
                        "reason": section.reason,
                    }
                )
        return plan

    @api.model
    def _filter_kept_by_law(self, partners):
        """Return those of ``partners`` whose name and address documents need."""
        moves = self.env["account.move"].sudo()
        payments = self.env["account.payment"].sudo()
        orders = self.env["sale.order"].sudo()
        kept = partners.browse()
        for model, domain in (
            (moves, ["|", ("state", "=", "posted"), ("posted_before", "=", True)]),
            (payments, [("state", "not in", ("draft", "canceled"))]),
            (orders, [("state", "=", "sale")]),
        ):
            for name in self._get_partner_field_names(model):
                groups = model._read_group(
                    [*domain, (name, "in", partners.ids)], [name]
                )
                kept |= partners.browse(partner.id for (partner,) in groups)
        return kept

    @api.model
    def _get_kept_conditions(self):
        """Hook: return which rows are kept as they are by law.

        :return: SQL conditions by table
        :rtype: dict[str, SQL]
        """
        posted = SQL("SELECT id FROM account_move WHERE state = 'posted'")
        confirmed = SQL("SELECT id FROM sale_order WHERE state = 'sale'")
        return {
            "account_move": SQL("id IN (%s)", posted),
            "account_move_line": SQL("move_id IN (%s)", posted),
            "account_payment": SQL("state NOT IN ('draft', 'canceled')"),
            "account_bank_statement_line": SQL("TRUE"),
            "payment_transaction": SQL("state = 'done'"),
            "sale_order": SQL("id IN (%s)", confirmed),
            "sale_order_line": SQL("order_id IN (%s)", confirmed),
        }

    # ------------------------------------------------------------
    # Doing it
    # ------------------------------------------------------------

    def _erase(self):
        """Erase the person for good. Nothing is done a second time."""
        self.ensure_one()
        self.check_access("write")
        if not self._may_handle(self.env.user):
            raise UserError(self.env._("Only managers may erase a person."))
        if self.state != "open":
            return
        if refusal := self._get_erasure_refusal():
            raise UserError(refusal)
        # The contacts too, or the change of their address would be tracked at the end.
        quiet = self.with_context(
            tracking_disable=True, mail_notrack=True, no_vat_validation=True
        ).sudo()
        subject = quiet._get_subject()
        plan = self._get_erasure_plan()
        self._log_stock(subject, plan)
        self.env["crm.privacy.suppression"]._suppress(subject, self)
        quiet._erase_subject(subject)
        self._close("done", self._get_closing_report(plan))

    def _erase_subject(self, subject):
        found = [
            (section, self._find_records(section, subject))
            for section in self._get_all_sections()
        ]
        kept = self._filter_kept_by_law(subject.partners)
        events = self._detach_events(subject)
        self._close_accounts(subject.partners)
        self._anonymise_contacts(subject.partners, kept)
        self._mark_erased(subject.partners)
        self.env.flush_all()
        for section, records in found:
            if section.model == "crm.customer.event":
                records -= events
            getattr(self, f"_erase_by_{section.erasure}")(section, records.exists())
        self._delete_threads("res.partner", subject.partners)
        self.env["mail.followers"].search(
            [("partner_id", "in", subject.partners.ids)]
        ).unlink()
        self._delete_archives(subject.partners)
        self.env.flush_all()
        # What is waiting to be computed would make the profile again.
        self.env["crm.customer.profile.refresh"].search(
            [("partner_id", "in", subject.partners.ids)]
        ).unlink()
        self._erase_addresses(subject)
        self.env.invalidate_all()

    def _mark_erased(self, partners):
        """Documents that are kept must not make events and profiles again.

        A person who works for a company that stays goes on in its history, unnamed.
        """
        customers = partners.filtered(
            lambda partner: partner.commercial_partner_id in partners
        )
        customers.crm_is_erased = True

    def _detach_events(self, subject):
        """Events of a company stay with it, without the person they happened to."""
        events = self.env["crm.customer.event"].search(
            [
                ("contact_id", "in", subject.partners.ids),
                ("partner_id", "not in", subject.partners.ids),
            ]
        )
        if events:
            self.env.execute_query(
                SQL(
                    "UPDATE crm_customer_event SET contact_id = NULL WHERE id IN %s "
                    "RETURNING id",
                    events._ids,
                )
            )
            events.invalidate_recordset(["contact_id"])
        return events

    def _close_accounts(self, partners):
        """Portal accounts can't be used any more and don't tell who had them."""
        users = partners.with_context(active_test=False).user_ids
        for user in users:
            user.write({"login": f"__deleted_user_{user.id}", "signature": False})
            user.api_key_ids._remove()
        self.env.flush_all()
        if users:
            self.env.execute_query(
                SQL(
                    "UPDATE res_users SET active = FALSE, password = NULL "
                    "WHERE id IN %s RETURNING id",
                    users._ids,
                )
            )
            self.env.invalidate_all()
            self.env.registry.clear_cache()

    def _anonymise_contacts(self, partners, kept):
        emptied = {name: False for name in CONTACT_FIELDS if name in partners._fields}
        # With archived users in sight, stock refuses to archive their contact.
        partners = partners.with_context(active_test=True)
        (partners & kept).write({**emptied, "active": False})
        emptied |= {name: False for name in ADDRESS_FIELDS}
        for partner in partners - kept:
            name = self.env._("Erased contact %s", partner.id)
            partner.write({**emptied, "name": name, "active": False})

    def _erase_by_keep(self, section, records):
        """The law, or the section's own code, decides on these."""

    def _erase_by_delete(self, section, records):
        if section.model == "mail.message":
            records = self._filter_loose(records, "model", "res_id")
        if section.model == "ir.attachment":
            records = self._filter_loose(records, "res_model", "res_id")
        if "message_ids" in records._fields:
            self._delete_threads(section.model, records)
        records.unlink()

    def _filter_loose(self, records, model_field, id_field):
        """Return the records that don't hang on documents kept by law."""
        kept = records.browse()
        for model_name, group in records.grouped(model_field).items():
            if not model_name or model_name not in self.env:
                continue
            table = self.env[model_name]._table
            condition = self._get_kept_conditions().get(table)
            if condition is None:
                continue
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM %s WHERE %s AND id = ANY(%s)",
                    SQL.identifier(table),
                    condition,
                    group.mapped(id_field),
                )
            )
            ids = {row_id for (row_id,) in rows}
            kept |= group.filtered(lambda record, ids=ids: record[id_field] in ids)
        return records - kept

    def _erase_by_purge(self, _section, records):
        if records:
            self.env.execute_query(
                SQL(
                    "DELETE FROM %s WHERE id IN %s RETURNING id",
                    SQL.identifier(records._table),
                    records._ids,
                )
            )
            records.invalidate_model()

    def _erase_by_clear(self, section, records):
        if not records:
            return
        columns = [
            SQL("%s = %s", SQL.identifier(name), self._get_empty(records._fields[name]))
            for name in section.cleared
            if name in records._fields and records._fields[name].column_type
        ]
        if columns:
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET %s WHERE id IN %s RETURNING id",
                    SQL.identifier(records._table),
                    SQL(", ").join(columns),
                    records._ids,
                )
            )
            records.invalidate_model()
        if section.model != self._name:
            self._delete_threads(section.model, records)

    @api.model
    def _get_empty(self, field):
        if field.required and field.type in ("char", "text", "html"):
            return SQL("%s", ERASED)
        return SQL("NULL")

    def _delete_threads(self, model_name, records):
        """Delete what hangs on records: messages, files, activities, followers."""
        if not records:
            return
        for name, model_field in (
            ("mail.message", "model"),
            ("ir.attachment", "res_model"),
            ("mail.activity", "res_model"),
            ("mail.followers", "res_model"),
        ):
            hanging = self.env[name].with_context(active_test=False)
            hanging.search(
                [
                    (model_field, "=", model_name),
                    ("res_id", "in", records.ids),
                ]
            ).unlink()

    def _delete_archives(self, partners):
        """The archives of earlier requests are the person's data once more."""
        requests = self.search([("partner_id", "in", partners.ids)])
        requests.archive_id.unlink()

    # ------------------------------------------------------------
    # Every text of the database
    # ------------------------------------------------------------

    def _erase_addresses(self, subject):
        """Take the person's addresses out of every text, but for kept documents."""
        if not subject.emails:
            return
        pattern = self._get_address_pattern(subject.emails)
        kept = self._get_kept_conditions()
        for table, columns in self._get_text_columns().items():
            self._erase_in_table(table, columns, pattern, kept.get(table))

    @api.model
    def _get_address_pattern(self, emails):
        """Return what finds whole addresses, also as they stand in links and HTML."""
        found = "|".join(
            re.escape(email).replace("@", "(?:@|%40|&#64;)") for email in emails
        )
        return rf"(?<![\w.+%-])(?:{found})(?![\w-]|\.\w)"

    @api.model
    def _get_text_columns(self):
        """Return ``{table: [(column, type, nullable)]}`` of all tables."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT info.table_name, info.column_name, info.data_type,
                       info.is_nullable = 'YES'
                  FROM information_schema.columns info
                  JOIN pg_class rel ON rel.oid =
                       to_regclass(quote_ident(info.table_name)) AND rel.relkind = 'r'
                 WHERE info.table_schema = current_schema AND info.data_type IN %s
                   AND info.is_generated = 'NEVER'
                 ORDER BY 1, 2
                """,
                TEXT_TYPES,
            )
        )
        columns = {}
        for table, *column in rows:
            columns.setdefault(table, []).append(column)
        return columns

    def _erase_in_table(self, table, columns, pattern, kept):
        found = [
            SQL("%s::text ~* %s", SQL.identifier(name), pattern)
            for name, _type, _nullable in columns
        ]
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE (%s) AND NOT (%s)",
                SQL.identifier(table),
                SQL(", ").join(
                    SQL(
                        "%s = %s",
                        SQL.identifier(name),
                        self._replace_sql(name, data_type, nullable, pattern),
                    )
                    for name, data_type, nullable in columns
                ),
                SQL(" OR ").join(found),
                kept or SQL("FALSE"),
            )
        )

    @api.model
    def _replace_sql(self, name, data_type, nullable, pattern):
        """Return the column without the addresses; empty where it was only one."""
        column = SQL("%s::text", SQL.identifier(name))
        replaced = SQL("regexp_replace(%s, %s, %s, 'gi')", column, pattern, ERASED)
        if nullable and data_type in ("text", "character varying"):
            replaced = SQL("NULLIF(%s, %s)", replaced, ERASED)
        if data_type in ("json", "jsonb"):
            return SQL("%s::%s", replaced, SQL(data_type))
        return replaced

    # ------------------------------------------------------------
    # Proof
    # ------------------------------------------------------------

    def _log_stock(self, subject, plan):
        """Write stock's privacy log too: it is where administrators look."""
        if not subject.emails:
            return
        self.env["privacy.log"].sudo().create(
            {
                "anonymized_name": self.partner_id.name or "",
                "anonymized_email": subject.emails[0],
                "execution_details": self.env._("Erased by request %s", self.name),
                "records_description": "\n".join(
                    f"{line['label']} ({line['count']}): {line['outcome']}"
                    for line in plan
                ),
            }
        )

    def _get_closing_report(self, plan):
        return (
            self.env["ir.qweb"]._render(
                "crm_lifecycle.crm_privacy_request_closing",
                {
                    "plan": plan,
                    "date": fields.Datetime.now(),
                    "user": self.env.user,
                },
            )
            or Markup()
        )
