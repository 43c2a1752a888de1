import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ..analysis_snapshot import parquet_file


class CrmAnalyticsExport(models.TransientModel):
    """The figures that the analyses start from, as a Parquet file."""

    _name = "crm.analytics.export"
    _description = "Export the Analytics Snapshot"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date("Data from")
    date_to = fields.Date("Data to")
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)
    customer_count = fields.Integer("Customers", readonly=True)

    def action_export(self):
        """Write the file and offer it for download.

        :raise UserError: the Python package ``pyarrow`` is not installed
        """
        self.env["crm.analytics.run"].check_access("write")
        self._check_can_write()
        columns, facts = self._read_snapshot()
        self.write(
            {
                "file": base64.b64encode(parquet_file.write(columns, facts)),
                "file_name": f"customers-{facts['cutoff'][:10]}.parquet",
                "customer_count": columns["profile_id"].size,
            }
        )
        return self._get_records_action(target="new")

    def _check_can_write(self):
        if not parquet_file.is_available():
            raise UserError(
                self.env._(
                    "Parquet files need the Python package pyarrow: install it on the "
                    "server with 'pip install pyarrow' and restart Odoo."
                )
            )

    def _read_snapshot(self):
        run = self.env["crm.analytics.run"].new(
            {
                "company_id": self.company_id.id,
                "date_from": self.date_from,
                "date_to": self.date_to,
            }
        )
        cutoff = run._get_cutoff()
        facts = {
            "company": self.company_id.name,
            "currency": self.company_id.currency_id.name,
            "cutoff": str(cutoff),
            "units": "times in days, amounts untaxed in the currency",
        }
        return run._read_customers(cutoff), facts
