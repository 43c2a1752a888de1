import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_feedback_case_compensated", {
    steps: () => [
        {
            content: "The steps of complaint handling stand on top",
            trigger: ".o_complaint_step.o_done:contains(Received)",
        },
        {
            content: "It was recognised as a duplicate",
            trigger: ".alert:contains(is a duplicate of)",
        },
        {
            trigger: "button[name=action_confirm_suspect]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.alert:contains(is a duplicate of)))",
        },
        {
            content: "Make good",
            trigger: ".nav-link[name=solution]",
            run: "click",
        },
        {
            trigger: "button:contains(Compensate the Customer)",
            run: "click",
        },
        {
            content: "The kind is chosen",
            trigger: ".modal .o_radio_item:contains(Replacement) input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit Scratched on arrival",
        },
        {
            trigger: ".modal button[name=action_request]",
            run: "click",
        },
        {
            content: "It is above the limit",
            trigger:
                ".o_field_widget[name=compensation_ids] .badge:contains(To Approve)",
        },
    ],
});

registry.category("web_tour.tours").add("crm_feedback_compensation_approved", {
    steps: () => [
        {
            content: "The leader finds what waits for him",
            trigger:
                ".o_data_row:contains(Scratched on arrival) .o_data_cell[name=case_id]",
            run: "click",
        },
        {
            trigger: "button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Granted)",
        },
    ],
});
