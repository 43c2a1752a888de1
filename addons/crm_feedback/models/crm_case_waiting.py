from odoo import fields, models


class CrmCaseWaiting(models.Model):
    """Since when the customer waits for an answer; the spans of each promise."""

    _inherit = "crm.case"

    date_customer_waiting = fields.Datetime(
        "Customer Waits since",
        readonly=True,
        copy=False,
        help="The customer's first message that nobody has answered yet.",
    )

    def _follow_customer_reply(self):
        """Note since when the customer waits, and take up the work again."""
        self.filtered(lambda case: not case.date_customer_waiting).write(
            {"date_customer_waiting": fields.Datetime.now()}
        )
        result = super()._follow_customer_reply()
        # A case that goes on without a move has no other reason to look at its clock.
        self._start_service_levels()
        return result

    def _stamp_answer(self):
        """Reach the target of the message that waited."""
        result = super()._stamp_answer()
        waiting = self.filtered("date_customer_waiting")
        if waiting:
            answered = fields.Datetime.now()
            statuses = self.env["crm.sla.status"].sudo()
            open_waits = statuses.search(
                [
                    ("case_id", "in", waiting.ids),
                    ("target", "=", "next_response"),
                    ("date_reached", "=", False),
                ]
            )
            open_waits.write({"date_reached": answered})
            waiting.write({"date_customer_waiting": False})
            waiting._start_service_levels()
        return result

    def _get_target_spans(self, target, waits):
        """Return when the clock of a target started and ended: (start, end or False).

        :param dict waits: ends of the earlier waits for an answer, by their start
        """
        self.ensure_one()
        if target == "next_response":
            return self._get_waiting_spans(waits)
        told = [date for date in (self.date_acknowledged, self.date_responded) if date]
        reached = {
            "acknowledgement": min(told) if told else False,
            "first_response": self.date_responded,
            "resolution": self.date_closed,
        }
        return [(self.date_received, reached[target])]

    def _get_waiting_spans(self, waits):
        spans = list(waits.items())
        since = self.date_customer_waiting
        # Until the first answer, the target of the first answer covers all messages.
        if since and self.date_responded and since > self.date_responded:
            spans.append((since, self.date_closed))
        return spans
