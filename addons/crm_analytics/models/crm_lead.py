from odoo import api, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # The open pipeline is read as it is now, from the index alone.
    _pipeline_idx = models.Index(
        "(company_id, user_id) INCLUDE (active, stage_id, expected_revenue,"
        " prorated_revenue) WHERE type = 'opportunity' AND won_status = 'pending'"
    )
    _closed_idx = models.Index("(date_closed) WHERE date_closed IS NOT NULL")
    # Those of some days are told without reading them.
    _created_idx = models.Index("(create_date, company_id, type, id)")
    _written_idx = models.Index("(write_date)")

    @api.model
    def _get_pipeline_changes(self, date_from, date_to, company_ids):
        """Say how the open pipeline changed between two days, with the user's rights.

        By construction opening plus changes is closing; a lost or won opportunity
        leaves with the amount it had then, and one that came and went within the days
        is in both.

        :return: ``opening``, ``new``, ``up``, ``down``, ``won`` and ``lost`` (negative)
            and ``closing``
        :rtype: dict
        """
        summary = self.env["crm.pipeline.summary"].with_context(active_test=False)
        domain = [("company_id", "in", [*company_ids, False])]
        opening, changes = 0, {}
        for kind, is_within, amount in summary._read_days(
            domain, ["kind", date_from], ["amount"], date_to=date_to
        ):
            if is_within:
                changes[kind] = amount
            else:
                opening += amount
        parts = {
            key: changes.get(key, 0) for key in ("new", "up", "down", "won", "lost")
        }
        closing = opening + sum(parts.values())
        return {"opening": opening, **parts, "closing": closing}
