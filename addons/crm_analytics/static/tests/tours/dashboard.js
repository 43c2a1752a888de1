import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("crm_analytics_dashboard", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            trigger: ".o_app[data-menu-xmlid='crm_lifecycle.crm_lifecycle_menu_root']",
            run: "click",
        },
        {
            trigger: "button[data-menu-xmlid='crm_analytics.crm_analytics_menu_root']",
            run: "click",
        },
        {
            trigger: "a[data-menu-xmlid='crm_analytics.crm_dashboard_menu']",
            run: "click",
        },
        { content: "sales", trigger: "[data-board='sales'].active" },
        { trigger: ".o_crm_dashboard [data-chart='revenue'] canvas" },
        { content: "value", trigger: "[data-board='value']", run: "click" },
        { trigger: "[data-chart='migration_rfm_segment'] td button" },
        { content: "marketing", trigger: "[data-board='marketing']", run: "click" },
        { trigger: ".o_crm_dashboard [data-chart='rfm_segment'] canvas" },
        { content: "management", trigger: "[data-board='management']", run: "click" },
        { trigger: "[data-chart='lifecycle_stage'] canvas" },
        { content: "another period", trigger: "[data-months='24']", run: "click" },
        { trigger: "[data-months='24'].btn-primary" },
        {
            content: "open the customers behind a figure",
            trigger: "[data-tile='customers']",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row td:contains('Dashboard Ltd')" },
    ],
});
