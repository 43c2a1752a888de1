import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { useService } from "@web/core/utils/hooks";

/** Lets an agent say in one click that he is there, or away. */
export class PresenceMenu extends Component {
    static template = "crm_feedback.PresenceMenu";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({ presence: session.crm_case_presence });
    }

    get isAvailable() {
        return this.state.presence === "available";
    }

    get title() {
        return this.isAvailable
            ? _t("You get new cases. Click when you are away.")
            : _t("You are away and get no new cases. Click when you are back.");
    }

    async onClick() {
        this.state.presence = await this.orm.call("crm.case.agent", "switch_presence");
        const message = this.isAvailable
            ? _t("You are available: new cases come to you.")
            : _t("You are away: new cases go to others.");
        this.notification.add(message, {
            type: this.isAvailable ? "success" : "warning",
        });
    }
}

if (session.crm_case_presence) {
    registry
        .category("systray")
        .add("crm_feedback.presence", { Component: PresenceMenu }, { sequence: 30 });
}
