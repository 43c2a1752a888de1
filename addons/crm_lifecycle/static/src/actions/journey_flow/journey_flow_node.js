import { Component } from "@odoo/owl";

/** A step in the flow: what it is, who stands at it, and its ways out. */
export class JourneyFlowNode extends Component {
    static template = "crm_lifecycle.JourneyFlowNode";
    static props = {
        step: Object,
        kind: Object,
        isSelected: Boolean,
        isDraft: Boolean,
        isTarget: Boolean,
        connected: Object,
        onGrab: Function,
        onGrabPort: Function,
        onKeydown: Function,
        onOpenParked: Function,
        onOpenWaiting: Function,
    };

    get label() {
        const { step, kind } = this.props;
        return [kind.label, step.name, step.text, step.problem]
            .filter(Boolean)
            .join(", ");
    }

    getPortStyle(index) {
        const share = (index + 0.5) / this.props.step.outcomes.length;
        return `left: ${share * 100}%`;
    }
}
