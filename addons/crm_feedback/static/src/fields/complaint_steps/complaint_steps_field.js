import { Component } from "@odoo/owl";

import { deserializeDateTime, formatDate, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The steps of complaint handling in a row, done ones with their day. */
export class ComplaintStepsField extends Component {
    static template = "crm_feedback.ComplaintStepsField";
    static props = { ...standardFieldProps };

    get steps() {
        const steps = this.props.record.data[this.props.name] || [];
        return steps.map((step) => {
            const date = step.date && deserializeDateTime(step.date);
            return {
                ...step,
                day: date ? formatDate(date) : "",
                moment: date ? formatDateTime(date) : "",
            };
        });
    }
}

export const complaintStepsField = {
    component: ComplaintStepsField,
    supportedTypes: ["jsonb", "json"],
};
registry.category("fields").add("complaint_steps", complaintStepsField);
