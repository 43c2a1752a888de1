import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const node = (kind) => `.o_journey_node[data-kind='${kind}']`;
const dropAt = (top, left) => (helpers) =>
    helpers.drag_and_drop(".o_journey_canvas", {
        position: { top, left },
        relative: true,
    });
const closePanel = {
    content: "close the panel",
    trigger: ".o_journey_panel button[name='close_panel']",
    run: "click",
};
const port = (kind, outcome) =>
    `${node(kind)} .o_journey_port[data-outcome='${outcome}']`;

registry.category("web_tour.tours").add("crm_lifecycle_journey_flow", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "open the app",
            trigger: ".o_app[data-menu-xmlid='crm_lifecycle.crm_lifecycle_menu_root']",
            run: "click",
        },
        {
            content: "open the marketing menu",
            trigger:
                "button[data-menu-xmlid='crm_lifecycle.crm_lifecycle_menu_marketing']",
            run: "click",
        },
        {
            content: "open the journeys",
            trigger: "a[data-menu-xmlid='crm_lifecycle.crm_journey_menu']",
            run: "click",
        },
        { content: "new", trigger: ".o-kanban-button-new", run: "click" },
        {
            content: "name it",
            trigger: ".o_field_widget[name='name'] input",
            run: "edit Thank the buyers",
        },
        {
            content: "let it start with an order",
            trigger: ".o_field_widget[name='event_type_id'] input",
            run: "edit Order confirmed",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains('Order confirmed')",
            run: "click",
        },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        {
            content: "draw it",
            trigger: "button[name='action_draw']",
            run: "click",
        },
        {
            content: "drag a decision onto the canvas",
            trigger: ".o_journey_kind[data-kind='branch']",
            run: dropAt(160, 360),
        },
        {
            content: "it lacks a condition",
            trigger: `${node("branch")} .o_journey_problem`,
        },
        {
            content: "name it in the panel",
            trigger: ".o_journey_panel .o_field_widget[name='name'] input",
            run: "edit Invoiced?",
        },
        {
            content: "decide by an event",
            trigger: ".o_journey_panel .o_field_widget[name='event_type_id'] input",
            run: "edit Invoice posted",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains('Invoice posted')",
            run: "click",
        },
        closePanel,
        {
            content: "the step is saved and complete",
            trigger: `${node("branch")}:not(:has(.o_journey_problem)):contains('Invoiced?')`,
        },
        {
            content: "begin with it",
            trigger: ".o_journey_port[data-outcome='start']",
            run: `drag_and_drop ${node("branch")}`,
        },
        {
            content: "drag the way of a no to an empty place",
            trigger: `${port("branch", "no")}`,
            run: dropAt(380, 560),
        },
        {
            content: "choose what is there",
            trigger: ".o_journey_menu [data-kind='activity']",
            run: "click",
        },
        {
            content: "tell the colleague what to do",
            trigger: ".o_journey_panel .o_field_widget[name='summary'] input",
            run: "edit Write the invoice",
        },
        closePanel,
        {
            content: "both lines are drawn",
            trigger: ".o_journey_flow:has(.o_journey_line + .o_journey_line)",
        },
        {
            content: "nothing is missing: start",
            trigger:
                ".o_action_manager:not(:has(.o_journey_problem, .o_journey_problems)) button[name='start']",
            run: "click",
        },
        {
            content: "it runs",
            trigger: ".o_control_panel .badge:contains('Running')",
        },
    ],
});

registry.category("web_tour.tours").add("crm_lifecycle_journey_flow_counts", {
    steps: () => [
        {
            content: "one customer went the way of a no",
            trigger: ".o_journey_flow .o_journey_count:contains('1')",
        },
    ],
});

registry.category("web_tour.tours").add("crm_lifecycle_journey_template", {
    steps: () => [
        {
            content: "open the gallery",
            trigger: ".o_control_panel button:contains('From a Template')",
            run: "click",
        },
        {
            content: "take one",
            trigger:
                ".o_kanban_record:contains('Overdue invoice') button[name='action_use']",
            run: "click",
        },
        {
            content: "all its steps are drawn",
            trigger:
                ".o_journey_flow:has(.o_journey_node:contains('Call about the invoice'))",
        },
        { content: "start", trigger: "button[name='start']", run: "click" },
        {
            content: "it runs",
            trigger: ".o_control_panel .badge:contains('Running')",
        },
    ],
});
