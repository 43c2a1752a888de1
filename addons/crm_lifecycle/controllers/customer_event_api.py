from odoo import http
from odoo.http import request

from ..models.crm_outside_source import PATH

BATCH_LIMIT = 1_000
# A thousand events of usual length are a tenth of it.
BODY_LIMIT = 5 * 1024 * 1024
RATE_WINDOW = 60


class CustomerEventApi(http.Controller):
    """The address to which outside systems send customer events."""

    @http.route(
        PATH,
        type="json2",
        auth="bearer",
        methods=["POST"],
        max_content_length=BODY_LIMIT,
    )
    def receive_customer_events(self, events=None, source=None, **unknown):
        """Take customer events of an outside source.

        Needs the right to send customer events. See outside-events.md
        in the administrators' documentation.

        :param list events: up to 1,000 events
        :param str source: technical name of the source; may be left out by a user who
            has one source only
        :return: how many events were ``created``, ``duplicate``, left to ``review``
            or ``rejected``, and ``results`` for each in the order sent
        """
        if not request.env.user.has_group("crm_lifecycle.crm_lifecycle_group_outside"):
            return self._refuse(
                403,
                "This user may not send customer events: it needs the right Outside "
                "Events: Send customer events.",
            )
        if unknown or not isinstance(source, str | None):
            return self._refuse(400, "The body has 'events' and 'source' only.")
        if not isinstance(events, list):
            return self._refuse(400, "'events' must be a list of events.")
        if len(events) > BATCH_LIMIT:
            return self._refuse(413, f"Send at most {BATCH_LIMIT} events at once.")
        sender = request.env["crm.outside.source"]._find_of_user(
            source, request.env.user
        )
        if not sender:
            return self._refuse(
                403,
                "This user has no such source. Who has several names one in 'source'.",
            )
        if sender._is_over_limit(max(1, len(events))):
            return self._refuse(
                429,
                f"More than {sender.rate_limit} events in a minute: wait or send less.",
                [("Retry-After", str(RATE_WINDOW))],
            )
        return self._summarize(
            request.env["crm.outside.event"]._receive(sender, events)
        )

    def _refuse(self, status, message, headers=None):
        # The same key as in the errors that Odoo itself answers with.
        body = {"message": message}
        return request.make_json_response(body, headers=headers, status=status)

    def _summarize(self, results):
        statuses = [result["status"] for result in results]
        return {
            **{
                status: statuses.count(status)
                for status in ("created", "duplicate", "review", "rejected")
            },
            "results": results,
        }
