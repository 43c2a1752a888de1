from odoo import api, fields, models


class CrmCompensationLimit(models.Model):
    """Up to what amount agents compensate customers without asking.

    The most specific limit counts: of the team and kind, of the team, of the kind, of
    all. Without any nothing has to be approved.
    """

    _name = "crm.compensation.limit"
    _description = "Limit of Compensation"
    _order = "team_id, kind, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    team_id = fields.Many2one(
        "crm.case.team",
        index="btree_not_null",
        check_company=True,
        help="Leave empty for all teams.",
    )
    kind = fields.Selection(
        selection=lambda self: self.env["crm.case.compensation"]._selection_kind(),
        help="Leave empty for all kinds.",
    )
    amount = fields.Monetary(
        "Without Approval up to",
        required=True,
        help="Per case and kind. Of goodwill: points.",
    )

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0)", "The limit can't be negative."
    )
    _scope_uniq = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), COALESCE(kind, ''))",
        "There is a limit for this team and kind already.",
    )

    @api.depends("team_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for limit in self:
            team = limit.team_id.name or self.env._("All teams")
            kind = kinds.get(limit.kind) or self.env._("all kinds")
            limit.display_name = f"{team}, {kind}"

    @api.model
    def _get_limit(self, case, kind):
        """Return the limit that counts for a compensation (empty: there is none)."""
        limits = self.search(
            [
                ("company_id", "=", case.company_id.id),
                ("team_id", "in", (False, case.team_id.id)),
                ("kind", "in", (False, kind)),
            ]
        )
        return limits.sorted(lambda limit: (not limit.team_id, not limit.kind))[:1]
