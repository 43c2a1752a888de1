from odoo import api, fields, models


class CrmCustomerProfileRun(models.Model):
    """A refresh of all profiles: asked for, or done; when, and what it found."""

    _name = "crm.customer.profile.run"
    _description = "Profile Refresh"
    _order = "id desc"
    _rec_name = "date_start"

    date_start = fields.Datetime("Started", readonly=True, index=True)
    date_end = fields.Datetime("Finished", readonly=True)
    profile_count = fields.Integer("Profiles", readonly=True)
    changed_count = fields.Integer(
        "Changed", readonly=True, help="Profiles whose figures had changed."
    )
    duration = fields.Float(
        "Minutes", compute="_compute_duration", help="From start to end."
    )

    @api.depends("date_start", "date_end")
    def _compute_duration(self):
        for run in self:
            run.duration = (
                (run.date_end - run.date_start).total_seconds() / 60
                if run.date_start and run.date_end
                else 0
            )

    @api.model
    def _ask(self):
        """Ask for a refresh, unless one is asked for that has not begun."""
        runs = self.sudo()
        if not runs.search_count([("date_start", "=", False)], limit=1):
            runs.create({})

    @api.model
    def _is_due(self, since):
        """Say whether a refresh is asked for, or none was finished since ``since``."""
        runs = self.sudo()
        unfinished = [("date_end", "=", False)]
        recent = [("date_start", ">=", since), ("date_end", "!=", False)]
        return bool(
            runs.search_count(unfinished, limit=1)
            or not runs.search_count(recent, limit=1)
        )

    @api.model
    def _begin(self):
        """Return the run that begins now: one that was asked for or killed, if any."""
        runs = self.sudo().search([("date_end", "=", False)])
        run = runs[:1] or runs.create({})
        (runs - run).unlink()
        run.write(
            {
                "date_start": self.env.cr.now(),
                "profile_count": self.env["crm.customer.profile"].search_count([]),
            }
        )
        return run

    def _end(self):
        self.date_end = fields.Datetime.now()

    @api.model
    def _get_last_start(self):
        """Return when the last refresh that was finished started, or False."""
        last = self.sudo().search(
            [("date_end", "!=", False)], order="date_start desc", limit=1
        )
        return last.date_start

    @api.autovacuum
    def _gc_old(self):
        """Forget all but the refreshes of the last three months."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), months=3)
        self.search([("date_end", "<", limit)]).unlink()
