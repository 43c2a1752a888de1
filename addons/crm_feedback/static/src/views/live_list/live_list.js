import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { onMounted, onWillUnmount } from "@odoo/owl";

export const REFRESH_SECONDS = 60;

/** A list that reads itself again every minute, unless somebody is working in it. */
export class LiveListController extends listView.Controller {
    setup() {
        super.setup();
        onMounted(() => {
            this.timer = setInterval(() => this.refresh(), REFRESH_SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async refresh() {
        const root = this.model.root;
        if (document.hidden || root.editedRecord || root.selection?.length) {
            return;
        }
        await root.load();
    }
}

registry.category("views").add("crm_live_list", {
    ...listView,
    Controller: LiveListController,
});
