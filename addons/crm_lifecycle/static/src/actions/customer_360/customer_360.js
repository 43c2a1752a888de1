import { Component, onMounted, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
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
        this.canvas = useRef("canvas");
        this.state = useState({ view: null, events: [], before: false, category: null });
        this.display = { controlPanel: {} };
        this.profileId =
            this.props.action.params?.profile_id ||
            this.props.resId ||
            this.props.action.context?.active_id;
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load()]));
        onMounted(() => this.props.updateActionState?.({ resId: this.profileId }));
        useEffect(
            () => {
                this.renderChart();
                return () => this.chart?.destroy();
            },
            () => [this.state.view]
        );
    }

    async load() {
        const view = this.profileId
            ? await this.orm.call("crm.customer.profile", "get_customer_360", [this.profileId])
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
        this.state.events = before ? [...this.state.events, ...page.events] : page.events;
        this.state.before = page.before;
    }

    async selectCategory(category) {
        this.state.category = category;
        await this.loadTimeline(false);
    }

    get hasRevenue() {
        return this.state.view.chart?.values.some((value) => value);
    }

    renderChart() {
        if (!this.canvas.el) {
            return;
        }
        const { labels, values, currency } = this.state.view.chart;
        this.chart = new Chart(this.canvas.el, {
            type: "bar",
            data: {
                labels,
                datasets: [
                    {
                        label: _t("Orders (%s)", currency),
                        data: values,
                        backgroundColor: getColor(1, "light"),
                        borderRadius: 3,
                    },
                ],
            },
            options: {
                maintainAspectRatio: false,
                plugins: { legend: { display: false } },
                scales: { y: { beginAtZero: true }, x: { grid: { display: false } } },
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

    openTile(tile) {
        if (tile.action) {
            this.action.doAction(tile.action);
        }
    }
}

registry.category("actions").add("crm_lifecycle.customer_360", Customer360);
