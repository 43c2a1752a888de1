import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openApp = [
    stepUtils.showAppsMenuItem(),
    {
        content: "open the app",
        trigger: ".o_app[data-menu-xmlid='crm_lifecycle.crm_lifecycle_menu_root']",
        run: "click",
    },
];
const inView = ".o_customer_360 h2:contains('Tour Ltd')";

registry.category("web_tour.tours").add("crm_lifecycle_customer_360", {
    steps: () => [
        ...openApp,
        {
            content: "open the customer from the list",
            trigger: ".o_data_row td:contains('Tour Ltd')",
            run: "click",
        },
        { trigger: inView },
        { trigger: ".o_customer_360_tile[data-tile='revenue']:contains('250.00')" },
        { trigger: "[data-warning='consent']" },
        { trigger: ".o_customer_360_charts canvas[aria-label*='250.00']" },
        { trigger: ".o_customer_360_timeline li[data-category='billing']" },
        {
            content: "look at sales only",
            trigger: "button[data-category='sale']",
            run: "click",
        },
        {
            trigger:
                ".o_customer_360_timeline:not(:has(li[data-category='billing'])) li:contains('Order confirmed')",
        },
        {
            content: "look for a word that is nowhere",
            trigger: ".o_customer_360_filters input[name='text']",
            run: "edit nothing like it",
        },
        {
            content: "and go back to everything",
            trigger: "button:contains('Clear the filters')",
            run: "click",
        },
        { trigger: ".o_customer_360_timeline li[data-category='billing']" },
        {
            content: "load what is older",
            trigger: "button[name='older']",
            run: "click",
        },
        { trigger: ".o_customer_360:not(:has(button[name='older']))" },
        {
            content: "plan a call",
            trigger: "button[data-action='call']",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name='summary'] input",
            run: "edit Ask about the mugs",
        },
        {
            trigger: ".modal button[name='action_schedule_activities']",
            run: "click",
        },
        {
            content: "open the order",
            trigger:
                "body:not(:has(.modal)) .o_customer_360_timeline li:contains('Order confirmed') a",
            run: "click",
        },
        {
            content: "and come back by its smart button",
            trigger: ".o_form_view button[name='action_open_customer_360']",
            run: "click",
        },
        { trigger: inView },
        {
            content: "the invoice",
            trigger: ".o_customer_360_timeline li:contains('Invoice posted') a",
            run: "click",
        },
        {
            content: "has the smart button as well",
            trigger: ".o_form_view button[name='action_open_customer_360']",
            run: "click",
        },
        { trigger: inView },
        {
            content: "the contact",
            trigger: ".o_customer_360 h2 a",
            run: "click",
        },
        {
            content: "has it, too",
            trigger: ".o_form_view button[name='action_open_customer_360']",
            run: "click",
        },
        { trigger: inView },
    ],
});

registry.category("web_tour.tours").add("crm_lifecycle_customer_360_search", {
    steps: () => [
        {
            content: "type a part of the name",
            trigger: ".o_customer_360_search input",
            run: "edit our lt",
        },
        { trigger: ".o_customer_360_search [role='option']:contains('Tour Ltd')" },
        {
            content: "open it with the keyboard",
            trigger: ".o_customer_360_search input",
            run: "press Enter",
        },
        { trigger: inView },
    ],
});

registry.category("web_tour.tours").add("crm_lifecycle_customer_360_button", {
    steps: () => [
        {
            content: "open the view from the document",
            trigger: ".o_form_view button[name='action_open_customer_360']",
            run: "click",
        },
        { trigger: inView },
    ],
});
