import csv
import io

import xlsxwriter

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import split_every

from ..spreadsheet_cells.literal_text import literal_text

EXPORT_BATCH = 5_000


class CrmSegmentExport(models.Model):
    """The members of a segment as a file that no spreadsheet takes for formulas.

    Text of a CSV file gets an apostrophe where a formula would start. Cells of an Excel
    file are written as text, so that telephone numbers stay as they are.
    """

    _inherit = "crm.segment"

    def _get_export_columns(self):
        """Hook: return the columns of the export, ``{path from the member: label}``."""
        return {
            "partner_id.name": self.env._("Name"),
            "partner_id.email": self.env._("E-mail"),
            "partner_id.phone": self.env._("Phone"),
            "partner_id.ref": self.env._("Reference"),
            "partner_id.city": self.env._("City"),
            "partner_id.country_id.name": self.env._("Country"),
            "company_id.name": self.env._("Company"),
            "date_entered": self.env._("Entered"),
        }

    def _get_export_rows(self):
        """Yield the rows, the header first; only members whom the user may read.

        :raise AccessError: the user may not export, or not read the segment
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(self.env._("You may not export data: ask your manager."))
        columns = self._get_export_columns()
        yield list(columns.values())
        members = self.env["crm.segment.member"]
        ids = members.search(
            [("segment_id", "=", self.id), ("date_left", "=", False)], order="id"
        )._ids
        for batch in split_every(EXPORT_BATCH, ids, members.browse):
            partners = batch.partner_id._filtered_access("read")
            for member in batch.filtered(lambda m, p=partners: m.partner_id in p):
                yield [self._get_export_value(member, path) for path in columns]
            self.env.invalidate_all()

    def _get_export_value(self, member, path):
        value = member.mapped(path)
        if isinstance(value, models.BaseModel):
            return value.display_name
        value = value[0] if value else ""
        if path.startswith("date"):
            return fields.Datetime.to_string(value)
        return value or ""

    def _export_csv(self):
        """Return the members as CSV in UTF-8; spreadsheets recognise it by its mark."""
        stream = io.StringIO()
        writer = csv.writer(stream)
        for row in self._get_export_rows():
            writer.writerow([literal_text(value) for value in row])
        return stream.getvalue().encode("utf-8-sig")

    def _export_xlsx(self):
        """Return the members as an Excel file; all cells are text."""
        stream = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False}
        with xlsxwriter.Workbook(stream, options) as workbook:
            sheet = workbook.add_worksheet()
            bold = workbook.add_format({"bold": True})
            for number, row in enumerate(self._get_export_rows()):
                for column, value in enumerate(row):
                    sheet.write_string(
                        number, column, value, bold if not number else None
                    )
        return stream.getvalue()

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_export_xlsx(self):
        """Download the members as an Excel file."""
        return self._download("xlsx")

    def action_export_csv(self):
        """Download the members as CSV."""
        return self._download("csv")

    def _download(self, file_type):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/crm_lifecycle/segment/{self.id}/export/{file_type}",
            "target": "download",
        }
