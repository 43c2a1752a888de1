import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const PRESENCE = {
    available: { color: "text-success", label: _t("Available") },
    away: { color: "text-warning", label: _t("Away") },
    absent: { color: "text-muted", label: _t("Absent") },
};

/** A bar per agent: how many cases he has, of how many he can have. */
export class AgentLoadField extends Component {
    static template = "crm_feedback.AgentLoadField";
    static props = { ...standardFieldProps };

    get agents() {
        const agents = this.props.record.data[this.props.name] || [];
        const most = Math.max(
            1,
            ...agents.map((agent) => agent.capacity || agent.load)
        );
        return agents.map((agent) => ({
            ...agent,
            ...PRESENCE[agent.presence],
            width: Math.min(100, (100 * agent.load) / (agent.capacity || most)),
            full: agent.capacity && agent.load >= agent.capacity,
            text: agent.capacity
                ? `${agent.load} / ${agent.capacity}`
                : `${agent.load}`,
        }));
    }
}

registry.category("fields").add("crm_agent_load", {
    component: AgentLoadField,
    supportedTypes: ["json"],
});
