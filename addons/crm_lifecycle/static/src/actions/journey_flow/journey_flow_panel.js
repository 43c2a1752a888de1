import { Component, useSubEnv } from "@odoo/owl";
import { View } from "@web/views/view";

/** The settings of a step, in the stock form. */
export class JourneyFlowPanel extends Component {
    static template = "crm_lifecycle.JourneyFlowPanel";
    static components = { View };
    static props = {
        step: Object,
        kind: Object,
        isDraft: Boolean,
        onSave: Function,
        onDuplicate: Function,
        onDelete: Function,
        onClose: Function,
    };

    setup() {
        // The page keeps the name of the journey.
        useSubEnv({ config: { ...this.env.config, setDisplayName: () => {} } });
    }

    get viewProps() {
        return {
            type: "form",
            resModel: "crm.journey.step",
            resId: this.props.step.id,
            display: { controlPanel: false },
            className: "o_journey_step_form",
            onSave: () => this.props.onSave(),
            preventCreate: true,
            preventEdit: !this.props.isDraft,
        };
    }
}
