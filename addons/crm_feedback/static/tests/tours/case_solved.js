import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("crm_feedback_case_solved", {
    steps: () => [
        {
            content: "Take the complaint",
            trigger: "button[name=action_assign_to_me]",
            run: "click",
        },
        {
            content: "Solving it now is refused",
            trigger: "button[name=action_solve]",
            run: "click",
        },
        {
            content: "The message says what to do",
            trigger: ".modal-body:contains(answer the customer)",
        },
        {
            trigger: ".modal-footer button",
            run: "click",
        },
        {
            content: "Answer the customer",
            trigger: "body:not(:has(.modal)) .o-mail-Chatter-sendMessage",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit A new chair is on its way.",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            trigger: ".o-mail-Message:contains(A new chair is on its way)",
        },
        {
            content: "Choose cause and resolution",
            trigger: ".nav-link[name=solution]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=root_cause_id] input",
            run: "edit Tour cause",
        },
        {
            trigger: ".ui-autocomplete > li > a:contains(Tour cause)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=resolution_id] input",
            run: "edit Tour resolution",
        },
        {
            trigger: ".ui-autocomplete > li > a:contains(Tour resolution)",
            run: "click",
        },
        {
            content: "Now it can be solved",
            trigger: "button[name=action_solve]",
            run: "click",
        },
        {
            trigger: "button[name=action_reopen]",
        },
    ],
});
