import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("crm_lifecycle_customer_360", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "open the app",
            trigger: ".o_app[data-menu-xmlid='crm_lifecycle.crm_lifecycle_menu_root']",
            run: "click",
        },
        {
            content: "open the customer from the list",
            trigger: ".o_data_row td:contains('Tour Ltd')",
            run: "click",
        },
        { trigger: ".o_customer_360 h2:contains('Tour Ltd')" },
        { trigger: ".o_customer_360_tile[data-tile='revenue']:contains('250.00')" },
        { trigger: "[data-warning='consent']" },
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
            content: "open the order",
            trigger: ".o_customer_360_timeline li:contains('Order confirmed') a",
            run: "click",
        },
        {
            content: "and come back by its smart button",
            trigger: ".o_form_view button[name='action_open_customer_360']",
            run: "click",
        },
        { trigger: ".o_customer_360 h2:contains('Tour Ltd')" },
    ],
});
