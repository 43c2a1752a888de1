import base64
import csv
import io

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, email_normalize

from ..spreadsheet_cells.literal_text import literal_text

# What a column may be called, and the field of the contact that it is compared with.
COLUMNS = {
    "id": "id",
    "database id": "id",
    "e-mail": "email",
    "email": "email",
    "mail": "email",
    "reference": "ref",
    "ref": "ref",
    "customer number": "ref",
    "name": "name",
    "customer": "name",
}


class CrmSegmentImport(models.TransientModel):
    """Import the members of a segment from a file, with a list of what was rejected."""

    _name = "crm.segment.import"
    _description = "Import of Segment Members"

    segment_id = fields.Many2one(
        "crm.segment",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.context.get("active_id"),
    )
    file = fields.Binary("CSV File", attachment=False)
    filename = fields.Char()
    state = fields.Selection([("draft", "File"), ("done", "Result")], default="draft")
    added_count = fields.Integer("New Members", readonly=True)
    known_count = fields.Integer("Members Already", readonly=True)
    rejected_count = fields.Integer("Rejected", readonly=True)
    reject_file = fields.Binary("Rejected Lines", readonly=True, attachment=False)
    reject_filename = fields.Char(default="rejected.csv")

    def action_import(self):
        """Add the contacts of the file; what is not clear is rejected with a reason."""
        self.ensure_one()
        self.segment_id.check_access("write")
        if self.segment_id.kind != "static":
            raise UserError(
                self.env._("Members are imported into segments by hand only.")
            )
        header, rows, field_name, column = self._read_file()
        found = self._find_partners(field_name, [row[column].strip() for row in rows])
        partners = self.env["res.partner"]
        rejected = []
        for row in rows:
            value = row[column].strip()
            matches = found.get(self._normalize(field_name, value), [])
            if len(matches) == 1:
                partners |= partners.browse(matches)
            else:
                rejected.append([*row, self._explain(value, matches)])
        self._add(partners)
        self._show_rejected(header, rejected)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Members"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _read_file(self):
        """Return the header, the lines, and by which field in which column to look."""
        if not self.file:
            raise UserError(self.env._("Choose a CSV file first."))
        try:
            text = base64.b64decode(self.file).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UserError(
                self.env._("The file can't be read: save it as CSV in UTF-8.")
            ) from None
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        lines = [
            line
            for line in csv.reader(io.StringIO(text), delimiter=delimiter)
            if any(cell.strip() for cell in line)
        ]
        if len(lines) < 2:
            raise UserError(self.env._("The file has no lines below its header."))
        header, *rows = lines
        names = [name.strip().lower() for name in header]
        for name, field_name in COLUMNS.items():
            if name in names:
                column = names.index(name)
                padded = [row + [""] * (len(header) - len(row)) for row in rows]
                return header, padded, field_name, column
        raise UserError(
            self.env._(
                "No column tells who is meant: name one of them id, email, reference "
                "or name."
            )
        )

    @api.model
    def _normalize(self, field_name, value):
        if field_name == "email":
            return email_normalize(value) or ""
        return value.lower() if field_name == "name" else value

    def _find_partners(self, field_name, values):
        """Return the ids of contacts by normalized value, in one query."""
        columns = {
            "id": SQL("partner.id::varchar"),
            "email": SQL("partner.email_normalized"),
            "ref": SQL("partner.ref"),
            "name": SQL("lower(partner.name)"),
        }
        wanted = sorted({self._normalize(field_name, value) for value in values} - {""})
        self.env["res.partner"].flush_model()
        readable = self.env["res.partner"]._search([])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(column)s, array_agg(DISTINCT partner.commercial_partner_id)
                  FROM res_partner partner
                 WHERE %(column)s = ANY(%(wanted)s) AND partner.id IN %(readable)s
                 GROUP BY 1
                """,
                column=columns[field_name],
                wanted=wanted,
                readable=readable.subselect(),
            )
        )
        return dict(rows)

    def _explain(self, value, matches):
        if not value:
            return self.env._("Empty")
        if not matches:
            return self.env._("No contact found")
        return self.env._("%s customers found: merge them or use the id", len(matches))

    def _add(self, partners):
        members = self.env["crm.segment.member"]
        current = self.segment_id.member_ids.partner_id
        company = self.segment_id.company_id or self.env.company
        new = partners - current
        members.create(
            [
                {
                    "segment_id": self.segment_id.id,
                    "partner_id": partner.id,
                    "company_id": company.id,
                }
                for partner in new
            ]
        )
        self.added_count = len(new)
        self.known_count = len(partners & current)

    def _show_rejected(self, header, rejected):
        self.state = "done"
        self.rejected_count = len(rejected)
        if rejected:
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerow(map(literal_text, [*header, self.env._("Reason")]))
            writer.writerows([map(literal_text, row) for row in rejected])
            content = text.getvalue().encode("utf-8-sig")
            self.reject_file = base64.b64encode(content)
