import numpy as np

from odoo import fields, models
from odoo.tools import SQL

from ..analysis_results import packed_columns
from .crm_analytics_run_results import COLUMN_ARRAYS


class CrmAnalyticsResult(models.Model):
    """What a run found for some twenty thousand profiles, packed."""

    _name = "crm.analytics.result"
    _description = "Results of an Analysis"
    _order = "run_id, part"

    run_id = fields.Many2one(
        "crm.analytics.run", "Analysis", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True)
    part = fields.Integer(required=True, readonly=True)
    customer_count = fields.Integer("Customers", readonly=True)
    columns = fields.Binary(attachment=False, readonly=True)
    is_written = fields.Boolean(
        readonly=True, help="The profiles have got these results."
    )

    _part_uniq = models.UniqueIndex("(run_id, part)", "A run has each part once.")

    def _unpack(self):
        """Return the ids of the profiles and their columns of one part."""
        profile_ids, columns = self._unpack_all()
        return profile_ids, {
            name: values
            for name, values in columns.items()
            if not name.startswith(packed_columns.ROWS)
        }

    def _unpack_rows(self):
        """Return what the part has beside the columns of the profiles."""
        return {
            name.removeprefix(packed_columns.ROWS): values
            for name, values in self._unpack_all()[1].items()
            if name.startswith(packed_columns.ROWS)
        }

    def _unpack_all(self):
        self.ensure_one()
        return packed_columns.unpack(self.with_context(bin_size=False).columns)

    def _get_all_rows(self):
        """Return the rows of all parts, joined; empty without parts."""
        parts = [part._unpack_rows() for part in self.sorted("part")]
        return {
            name: np.concatenate([part[name] for part in parts])
            for name in (parts[0] if parts else ())
        }

    def _get_column_names(self):
        return list(self._unpack()[1]) if self else []

    def _get_profile_ids(self):
        return [
            profile_id for part in self for profile_id in part._unpack()[0].tolist()
        ]

    def _get_all_columns(self):
        """Return the columns of all parts with ``profile_id``; empty without parts."""
        parts = [part._unpack() for part in self.sorted("part")]
        if not parts:
            return {}
        columns = {
            name: np.concatenate([part[name] for _ids, part in parts])
            for name in parts[0][1]
        }
        return {"profile_id": np.concatenate([ids for ids, _part in parts]), **columns}

    def _write_to_profiles(self):
        """Write the results, in one statement; who objects to profiling gets none."""
        self.ensure_one()
        profile_ids, columns = self._unpack()
        self.is_written = True
        if rows := self._unpack_rows():
            self.run_id._write_rows(profile_ids, rows)
        if not columns:
            return
        profile = self.env["crm.customer.profile"]
        self.env.flush_all()
        arrays = [SQL("unnest(%s::int4[])", profile_ids.tolist())]
        for name, values in columns.items():
            kind = COLUMN_ARRAYS[profile._fields[name].type]
            arrays.append(SQL("unnest(%s::%s)", packed_columns.listed(values), kind))
        names = [SQL.identifier(name) for name in columns]
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_customer_profile profile
                   SET analytics_date = %s, %s
                  FROM (SELECT %s) result (profile_id, %s)
                 WHERE profile.id = result.profile_id AND %s
                RETURNING profile.id
                """,
                self.run_id.date,
                SQL(", ").join(SQL("%s = result.%s", name, name) for name in names),
                SQL(", ").join(arrays),
                SQL(", ").join(names),
                profile._profiled_to_sql(SQL.identifier("profile", "partner_id")),
            )
        )
        profile.invalidate_model([*columns, "analytics_date"])
