import base64
import io
import json
import zipfile

from odoo import api, fields, models
from odoo.tools import html2plaintext

# How long an archive can be fetched.
ARCHIVE_DAYS = 60
REPORT = "crm_lifecycle.crm_privacy_request_report"


class CrmPrivacyRequestExport(models.Model):
    """The archive of a person: one JSON for machines, one document for people.

    The JSON: ``{"request", "date", "person", "sections": [{"model", "label",
    "explanations", "records": [{field: value}]}]}``; dates in ISO 8601 and UTC, links
    as the name of the record linked to.
    """

    _inherit = "crm.privacy.request"

    def _make_archive(self):
        """Make the archive and attach it to the request."""
        self.ensure_one()
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            data = self._get_export()
            archive.writestr("data.json", json.dumps(data, indent=1, default=str))
            archive.writestr(*self._get_readable_file())
        self.sudo().archive_id.unlink()
        self.sudo().archive_id = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{self.name.replace('/', '-')}.zip",
                    "datas": base64.b64encode(buffer.getvalue()),
                    "mimetype": "application/zip",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )

    @api.autovacuum
    def _gc_archives(self):
        """Delete archives that were to be fetched long ago: they repeat all data."""
        date = fields.Datetime.subtract(fields.Datetime.now(), days=ARCHIVE_DAYS)
        old = self.sudo().search(
            [("archive_id", "!=", False), ("date_done", "<", date)]
        )
        old.archive_id.unlink()

    def _get_readable_file(self):
        """Return name and content of the document; a web page without wkhtmltopdf."""
        reports = self.env["ir.actions.report"].sudo()
        if reports.get_wkhtmltopdf_state() == "ok":
            return "data.pdf", reports._render_qweb_pdf(REPORT, self.ids)[0]
        return "data.html", reports._render_qweb_html(REPORT, self.ids)[0]

    # ------------------------------------------------------------
    # Content
    # ------------------------------------------------------------

    def _get_export(self):
        """Return all that is held of the person, for machines.

        :rtype: dict
        """
        self.ensure_one()
        return {
            "request": self.name,
            "date": fields.Datetime.now().isoformat(),
            "person": self.partner_id.sudo().display_name,
            "sections": [
                {
                    "model": section["model"],
                    "label": section["label"],
                    "explanations": section["explanations"],
                    "records": [
                        {name: value for name, _label, value, _text in record}
                        for record in section["records"]
                    ],
                }
                for section in self._read_sections()
            ],
        }

    def _read_sections(self):
        """Return the sections that have records, with a search and a read each.

        :return: dicts with ``model``, ``label``, ``explanations`` and ``records``, a
            record being a list of (field name, label, value, text for people)
        """
        subject = self._get_subject()
        result = []
        for section in self._get_all_sections():
            records = self._find_records(section, subject) if section.exported else None
            if records:
                result.append(
                    {
                        "model": section.model,
                        "label": section.label,
                        "explanations": self._get_explanations(section),
                        "records": self._read_records(section, records),
                    }
                )
        return result

    def _get_explanations(self, section):
        """Hook: return what figures of a section mean, by field.

        :rtype: dict[str, str]
        """
        if section.model != "crm.customer.profile":
            return {}
        profile = self.env["crm.customer.profile"].sudo()
        return {
            name: f"{origin.label}. {origin.description}".strip()
            for origin in profile._get_figure_origins()
            for name in origin.columns
            if origin.label and name in profile._fields
        }

    def _read_records(self, section, records):
        names = self._get_told_fields(section)
        return [
            [
                cell
                for name in names
                if (cell := self._read_cell(record, name)) is not None
            ]
            for record in records
        ]

    def _read_cell(self, record, name):
        """Return one value as (name, label, value, text), or None if there is none."""
        field = record._fields[name]
        value = record[name]
        if not value and field.type not in ("integer", "float", "monetary", "boolean"):
            return None
        value = self._plain_value(field, value)
        return name, self._get_label(field), value, self._text_value(field, value)

    @api.model
    def _get_label(self, field):
        return field._description_string(self.env)

    @api.model
    def _plain_value(self, field, value):
        if field.type == "many2one":
            return value.display_name
        if field.type == "many2many":
            return value.mapped("display_name")
        if field.type == "html":
            return html2plaintext(value)
        if field.type in ("date", "datetime"):
            return value.isoformat()
        return value

    @api.model
    def _text_value(self, field, value):
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "many2many":
            return ", ".join(value)
        if field.type == "datetime":
            return value.replace("T", " ")[:16]
        if field.type == "json":
            return json.dumps(value)
        if field.type in ("float", "monetary"):
            return f"{value:,.2f}"
        return str(value)
