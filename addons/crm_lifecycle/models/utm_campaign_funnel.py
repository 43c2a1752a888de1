from odoo import api, fields, models

from .utm_campaign import USER_GROUP

# From the message to the money; each with the kind of facts that the analysis has.
STAGES = (
    ("sent_count", "sent"),
    ("delivered_count", "sent"),
    ("opened_count", "opened"),
    ("clicked_count", "clicked"),
    ("response_count", "response"),
    ("lead_count", "lead"),
    ("opportunity_count", "opportunity"),
    ("order_count", "order"),
    ("invoice_count", "invoice"),
    ("paid_order_count", "paid"),
)
RESPONSES = ("replied", "lead")


class UtmCampaignFunnel(models.Model):
    """The way of the customers in one picture, with what each stage cost."""

    _inherit = "utm.campaign"

    funnel = fields.Json(compute="_compute_funnel", groups=USER_GROUP)

    @api.depends(*(name for name, _kind in STAGES), "actual_cost")
    def _compute_funnel(self):
        for campaign in self:
            campaign.funnel = campaign._get_funnel()

    def _get_funnel(self):
        """Return the stages with their number, its share and the cost of each one.

        The share is of the stage before it, None where that has fewer: answers and
        orders also come by other ways than messages.

        :rtype: list[dict]
        """
        self.ensure_one()
        stages, before = [], 0
        for name, kind in STAGES:
            count = self[name]
            stages.append(
                {
                    "name": name,
                    "label": self._get_figure_label(name),
                    "kind": kind,
                    "count": count,
                    "share": count / before if 0 < before >= count else None,
                    "cost": self.actual_cost / count if count else None,
                }
            )
            before = count
        return stages

    def action_open_stage(self, kind):
        """Open the facts behind a stage: when, and which customer."""
        action = self.action_open_report()
        action["views"] = [(False, "list"), (False, "graph"), (False, "pivot")]
        kinds = RESPONSES if kind == "response" else (kind,)
        action["domain"] = [*action["domain"], ("kind", "in", kinds)]
        return action
