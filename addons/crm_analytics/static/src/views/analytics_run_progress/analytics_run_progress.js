import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * How far an analysis in the background is; the form follows it by itself.
 */
export class AnalyticsRunProgress extends Component {
    static template = "crm_analytics.AnalyticsRunProgress";
    static props = { ...standardWidgetProps };

    setup() {
        const bus = useService("bus_service");
        const onChanged = ({ id }) => this.follow(id);
        onMounted(() => bus.subscribe("crm_analytics.run_changed", onChanged));
        onWillUnmount(() => bus.unsubscribe("crm_analytics.run_changed", onChanged));
    }

    async follow(id) {
        const { record } = this.props;
        // What is being typed stays as it is.
        if (id === record.resId && !(await record.isDirty())) {
            await record.load();
        }
    }

    get percent() {
        const { customer_count, written_count } = this.props.record.data;
        return customer_count ? Math.round((100 * written_count) / customer_count) : 0;
    }
}

registry.category("view_widgets").add("analytics_run_progress", {
    component: AnalyticsRunProgress,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "is_awaited", type: "boolean" },
        { name: "customer_count", type: "integer" },
        { name: "written_count", type: "integer" },
    ],
});
