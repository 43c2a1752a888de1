import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/**
 * Everything about one customer on one screen: tiles, buying pattern, timeline.
 */
export class Customer360 extends Component {
    static template = "crm_lifecycle.Customer360";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.canvas = useRef("canvas");
        this.state = useState({
            view: null,
            events: [],
            before: false,
            category: null,
        });
        this.display = { controlPanel: {} };
        this.profileId =
            this.props.action.params?.profile_id ||
            this.props.resId ||
            this.props.action.context?.active_id;
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load()]));
        onMounted(() => this.props.updateActionState?.({ resId: this.profileId }));
        this.listen();
        useEffect(
            () => {
                this.renderChart();
                return () => this.chart?.destroy();
            },
            () => [this.state.view]
        );
    }

    /** Read again when an event of this customer is captured anywhere. */
    listen() {
        const channel = `crm.customer.profile_${this.profileId}`;
        const reload = useDebounced(() => this.load(), 500);
        const onChanged = ({ id }) => id === this.profileId && reload();
        onMounted(() => {
            this.bus.addChannel(channel);
            this.bus.subscribe("crm_lifecycle.customer_changed", onChanged);
        });
        onWillUnmount(() => {
            this.bus.unsubscribe("crm_lifecycle.customer_changed", onChanged);
            this.bus.deleteChannel(channel);
        });
    }

    async load() {
        const view = this.profileId
            ? await this.orm.call("crm.customer.profile", "get_customer_360", [
                  this.profileId,
              ])
            : {};
        this.state.view = view;
        this.state.events = view.timeline?.events || [];
        this.state.before = view.timeline?.before || false;
        this.state.category = null;
        if (view.partner) {
            this.env.config.setDisplayName(view.partner.name);
        }
    }

    async loadTimeline(before) {
        const page = await this.orm.call("crm.customer.profile", "get_timeline", [
            this.profileId,
            this.state.category,
            before,
        ]);
        this.state.events = before
            ? [...this.state.events, ...page.events]
            : page.events;
        this.state.before = page.before;
    }

    async selectCategory(category) {
        this.state.category = category;
        await this.loadTimeline(false);
    }

    get hasChart() {
        const { revenue = [], engagement = [] } = this.state.view.chart || {};
        return [...revenue, ...engagement].some((value) => value);
    }

    renderChart() {
        if (!this.canvas.el) {
            return;
        }
        const { labels, revenue, engagement, currency } = this.state.view.chart;
        this.chart = new Chart(this.canvas.el, {
            data: {
                labels,
                datasets: [
                    {
                        type: "line",
                        label: _t("Opened, clicked, answered"),
                        data: engagement,
                        borderColor: getColor(6, "light"),
                        backgroundColor: getColor(6, "light"),
                        tension: 0.3,
                        yAxisID: "engagement",
                    },
                    {
                        type: "bar",
                        label: _t("Orders (%s)", currency),
                        data: revenue,
                        backgroundColor: getColor(1, "light"),
                        borderRadius: 3,
                        yAxisID: "revenue",
                    },
                ],
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                scales: {
                    revenue: { beginAtZero: true, position: "left" },
                    engagement: {
                        beginAtZero: true,
                        position: "right",
                        grid: { display: false },
                        ticks: { precision: 0 },
                    },
                    x: { grid: { display: false } },
                },
            },
        });
    }

    openPartner() {
        this.openDocument("res.partner", this.state.view.partner.id);
    }

    openDocument(resModel, resId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    run(action) {
        if (action) {
            this.action.doAction(action);
        }
    }
}

registry.category("actions").add("crm_lifecycle.customer_360", Customer360);
