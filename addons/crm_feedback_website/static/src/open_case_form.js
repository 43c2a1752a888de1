import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

// What the form block offers when its action is to open a case.
registry.category("website.form_editor_actions").add("open_case", {
    formFields: [
        {
            type: "char",
            required: true,
            name: "contact_name",
            custom: true,
            fillWith: "name",
            string: _t("Your Name"),
        },
        {
            type: "email",
            modelRequired: true,
            name: "email_from",
            fillWith: "email",
            string: _t("Your Email"),
        },
        { type: "tel", name: "phone", fillWith: "phone", string: _t("Your Phone") },
        { type: "char", modelRequired: true, name: "name", string: _t("Subject") },
        {
            type: "text",
            required: true,
            name: "description",
            string: _t("What Happened?"),
        },
    ],
});
