from unittest.mock import patch

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tests.common import ChromeBrowser

from .lifecycle_case import LifecycleCase
from .mouse import Mouse

NODE = ".o_journey_node[data-kind='%s']"
PANEL = ".o_journey_panel "


def port(kind, outcome):
    return f"{NODE % kind} .o_journey_port[data-outcome='{outcome}']"


@tagged("post_install", "-at_install")
class TestJourneyByMouse(LifecycleCase, HttpCase):
    """A marketing user builds a journey from nothing with the browser's own mouse.

    ``--screencasts`` records it.
    """

    def _use_mouse(self, url, login, act):
        """Open a page as ``login`` and let ``act`` use its mouse."""

        def run(browser, _code, _timeout, error_checker=None):
            try:
                act(Mouse(browser))
            except AssertionError:
                browser.take_screenshot("mouse_").result(timeout=10)
                raise
            finally:
                browser.screencaster.save()
            if browser._result.done():
                browser._result.result()

        with patch.object(ChromeBrowser, "_wait_code_ok", run):
            self.browser_js(url, "", "odoo.isReady === true", login=login, timeout=120)

    def _build(self, mouse):
        mouse.click(".o-kanban-button-new")
        mouse.fill(".o_field_widget[name='name'] input", "Ask the buyers")
        mouse.choose(".o_field_widget[name='event_type_id'] input", "Order confirmed")
        mouse.click("button[name='action_draw']")

        mouse.see(".o_journey_empty")
        mouse.drag(
            ".o_journey_kind[data-kind='branch']",
            mouse.place_in(".o_journey_canvas", 0.4, 0.35),
        )
        mouse.see(f"{NODE % 'branch'} .o_journey_problem")
        mouse.fill(PANEL + ".o_field_widget[name='name'] input", "Invoiced?")
        mouse.choose(
            PANEL + ".o_field_widget[name='event_type_id'] input", "Invoice posted"
        )
        mouse.click(PANEL + "button[name='close_panel']")
        mouse.see(NODE % "branch" + ":not(:has(.o_journey_problem))", "Invoiced?")

        # A line that is dropped on an empty place asks what shall be there.
        mouse.drag(port("branch", "no"), mouse.place_in(".o_journey_canvas", 0.6, 0.75))
        mouse.click(".o_journey_menu [data-kind='activity']")
        mouse.fill(PANEL + ".o_field_widget[name='summary'] input", "Ask how it is")
        mouse.click(PANEL + "button[name='close_panel']")

        # A step that stands alone is connected, and moved.
        mouse.drag(
            ".o_journey_kind[data-kind='goal']",
            mouse.place_in(".o_journey_canvas", 0.2, 0.75),
        )
        mouse.click(PANEL + "button[name='close_panel']")
        mouse.drag(port("branch", "yes"), NODE % "goal")
        mouse.see(".o_journey_line ~ .o_journey_line ~ .o_journey_line")
        mouse.drag(NODE % "goal", mouse.place_in(".o_journey_canvas", 0.25, 0.65))

        mouse.click("button[name='start']")
        mouse.see(".o_control_panel .badge", "Running")

    def test_journey_is_built_and_runs(self):
        new_test_user(
            self.env,
            "mouse_marketer",
            "crm_lifecycle.crm_lifecycle_group_user,"
            "mass_mailing.group_mass_mailing_user",
        )
        journeys = self.env["crm.journey"]
        self._use_mouse(
            "/odoo/action-crm_lifecycle.crm_journey_action",
            "mouse_marketer",
            self._build,
        )
        [journey] = journeys.search([("name", "=", "Ask the buyers")])
        self.assertEqual(journey.state, "running")
        branch = journey.version_id.start_step_id
        self.assertEqual(branch.kind, "branch")
        ways = {edge.outcome: edge.target_id.kind for edge in branch.edge_ids}
        self.assertEqual(ways, {"yes": "goal", "no": "activity"})

        self._create_order(self.customer, amount=250)
        self._run_pipeline()
        self.env.ref("crm_lifecycle.ir_cron_advance_journeys").method_direct_trigger()
        self.assertEqual(self.customer.activity_ids.summary, "Ask how it is")

        def see_counts(mouse):
            mouse.see(".o_journey_count", "1")

        self._use_mouse(
            f"/odoo/action-crm_lifecycle.crm_journey_action/{journey.id}/journey-flow",
            "mouse_marketer",
            see_counts,
        )
