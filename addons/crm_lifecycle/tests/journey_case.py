from datetime import timedelta

from odoo import Command

from .lifecycle_case import LifecycleCase


class JourneyCase(LifecycleCase):
    """Journeys drawn in a few words, and a clock that can be put forward."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journeys = cls.env["crm.journey"]
        cls.participants = cls.env["crm.journey.participant"]
        cls.env["crm.contact.policy"].search([]).active = False
        cls.confirmed = cls.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_confirmed"
        )
        cls.env["crm.journey"].search([]).write({"state": "ended"})

    def _draw(self, steps, start=None, **values):
        """Make a draft journey.

        :param dict steps: by name of the step: kind, values, and ways: outcome with
            the name of the next step
        """
        journey = self.journeys.create(
            {"name": "Way", "event_type_id": self.confirmed.id, **values}
        )
        version = self.env["crm.journey.version"].create({"journey_id": journey.id})
        made = {}
        for name, (kind, settings, ways) in steps.items():
            edges = [
                Command.create({"outcome": outcome})
                for outcome in ways
                if ways[outcome]
            ]
            made[name] = self.env["crm.journey.step"].create(
                {
                    "version_id": version.id,
                    "name": name,
                    "kind": kind,
                    "edge_ids": edges,
                    **settings,
                }
            )
        for name, (_kind, _settings, ways) in steps.items():
            for edge in made[name].edge_ids:
                edge.target_id = made[ways[edge.outcome]]
        version.start_step_id = made[start or next(iter(steps))]
        return journey

    def _start(self, steps, start=None, **values):
        journey = self._draw(steps, start, **values)
        journey.action_start()
        return journey

    def _make_mailing(self, model="res.partner", purpose="marketing", **values):
        return self.env["mailing.mailing"].create(
            {
                "subject": "Hello",
                "mailing_type": "mail",
                "mailing_model_id": self.env["ir.model"]._get_id(model),
                "body_html": "<p>Hello</p>",
                "is_journey_message": True,
                "consent_purpose_id": self.env.ref(
                    f"crm_lifecycle.crm_consent_purpose_{purpose}"
                ).id,
                **values,
            }
        )

    def _allow(self, partners, purpose="marketing", channel="email"):
        self.env["crm.consent"]._record(
            partners, purpose, channel, True, "Counter", "Offers"
        )

    def _advance(self, **later):
        """Let the scheduled action run, so much later."""
        if later:
            self._put_clock_forward(**later)
        self._run_pipeline()
        with self.enter_registry_test_mode():
            cron = self.env.ref("crm_lifecycle.ir_cron_advance_journeys")
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _put_clock_forward(self, **later):
        """What waits gets nearer, what has happened lies further back."""
        self.env.flush_all()
        for column in (
            "due_date",
            "date_waiting",
            "date_entered",
            "date_ended",
        ):
            self.env.cr.execute(
                f"UPDATE crm_journey_participant SET {column} = {column} - %s",
                [timedelta(**later)],
            )
        for table, column in (
            ("crm_customer_event", "date"),
            ("crm_contact_hold", "date_until"),
            ("crm_journey", "start_date"),
            ("crm_journey_trace", "date"),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET {column} = {column} - %s", [timedelta(**later)]
            )
        self.env.invalidate_all()

    def _get_runs(self, journey):
        return self.participants.search([("journey_id", "=", journey.id)], order="id")

    def assertPath(self, participant, expected):
        """Assert the steps done, oldest first: name and outcome."""
        traces = participant.trace_ids.sorted("visit")
        self.assertEqual(
            [(trace.step_id.name, trace.outcome) for trace in traces], expected
        )
