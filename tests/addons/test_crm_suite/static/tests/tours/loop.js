import { registry } from "@web/core/registry";

const shows = (label) => ({
    content: `the timeline tells of: ${label}`,
    trigger: `.o_customer_360_timeline li strong:contains('${label}')`,
});
const choose = (category) => ({
    trigger: `.o_customer_360 button[data-category='${category}']`,
    run: "click",
});

registry.category("web_tour.tours").add("test_crm_suite_loop", {
    steps: () => [
        { trigger: ".o_customer_360 h2:contains('Loop Ltd')" },
        { trigger: ".o_customer_360_tile[data-tile='clv']" },
        { trigger: ".o_customer_360_tile:contains('Gold')" },
        choose("sale"),
        shows("Order confirmed"),
        choose("billing"),
        shows("Payment received"),
        shows("Credit note posted"),
        choose("marketing"),
        shows("Mailing delivered"),
        shows("Mailing clicked"),
        choose("lead"),
        shows("Lead created"),
        shows("Lead won"),
        choose("service"),
        shows("Case"),
        choose("feedback"),
        { trigger: ".o_customer_360_timeline li[data-category='feedback']" },
        choose("loyalty"),
        { trigger: ".o_customer_360_timeline li[data-category='loyalty']" },
    ],
});
