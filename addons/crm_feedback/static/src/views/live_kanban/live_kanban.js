import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { onMounted, onWillUnmount } from "@odoo/owl";
import { REFRESH_SECONDS } from "../live_list/live_list";

/** A board that reads itself again every minute while somebody looks at it. */
export class LiveKanbanController extends kanbanView.Controller {
    setup() {
        super.setup();
        onMounted(() => {
            this.timer = setInterval(() => this.refresh(), REFRESH_SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async refresh() {
        if (!document.hidden) {
            await this.model.root.load();
        }
    }
}

registry.category("views").add("crm_live_kanban", {
    ...kanbanView,
    Controller: LiveKanbanController,
});
