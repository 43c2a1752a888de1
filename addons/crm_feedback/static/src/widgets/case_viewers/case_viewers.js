import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const INTERVAL = 20000;

/** Says who else has the case open, and that somebody changed it meanwhile. */
export class CaseViewers extends Component {
    static template = "crm_feedback.CaseViewers";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ others: [], writer: false });
        this.caseId = false;
        onMounted(() => {
            this.ask();
            this.timer = setInterval(() => this.ask(), INTERVAL);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async ask() {
        const caseId = this.props.record.resId;
        if (!caseId) {
            return;
        }
        const seen = await this.orm.silent.call("crm.case", "notice_viewer", [
            [caseId],
        ]);
        if (this.caseId !== caseId || !seen.writer) {
            // Another case, or the last change is one's own: nothing is stale.
            this.caseId = caseId;
            this.changed = seen.changed;
        }
        this.state.others = seen.others;
        this.state.writer = seen.changed === this.changed ? false : seen.writer;
    }

    async reload() {
        await this.props.record.load();
        this.caseId = false;
        await this.ask();
    }
}

export const caseViewers = { component: CaseViewers };
registry.category("view_widgets").add("case_viewers", caseViewers);
