from odoo import api, fields, models


class CrmAnalyticsRun(models.Model):
    """What an analysis answers, in the words of who runs a shop."""

    _inherit = "crm.analytics.run"

    explanation = fields.Char(compute="_compute_explanation")

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_explanation(self):
        explanations = self._get_explanations()
        for run in self:
            run.explanation = explanations.get(run.kind)

    @api.model
    def _get_explanations(self):
        """Hook: return ``{kind: what it answers}``."""
        return {
            "rfm": self.env._(
                "Who buys lately, often and for much? Sorts the customers into "
                "segments such as champions and hibernating."
            ),
            "clv": self.env._(
                "What will each customer be worth? From how often and for how much he "
                "has ordered so far."
            ),
            "churn": self.env._(
                "Who will not order again, and why? Learned from who left before, and "
                "tried on customers it had not seen."
            ),
            "next_order": self.env._(
                "When will each customer order next? A day, and the time in which four "
                "of five orders come."
            ),
            "recommendation": self.env._(
                "What may each customer want that he has not bought? For quotations, "
                "messages and the portal."
            ),
            "affinity": self.env._(
                "Which products are bought together more often than chance would have "
                "it?"
            ),
            "retention": self.env._(
                "How long do customers stay, what did those cost us who left, and what "
                "would keeping more of them bring?"
            ),
            "pipeline": self.env._(
                "What will be won of the opportunities in the days to come, by "
                "salesperson, and how sure is that?"
            ),
            "forecast": self.env._(
                "What will be sold in the next weeks or months, and how sure is that?"
            ),
        }
