import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const TONES = { success: "#28a745", warning: "#f0ad4e", danger: "#d9534f" };

/**
 * A chart whose bars open the documents behind them.
 */
export class DashboardChart extends Component {
    static template = "crm_analytics.DashboardChart";
    static props = { chart: Object };

    setup() {
        this.action = useService("action");
        this.canvas = useRef("canvas");
        useEffect(
            () => {
                this.renderChart();
                return () => this.instance?.destroy();
            },
            () => [this.props.chart]
        );
    }

    get isEmpty() {
        return !this.props.chart.bars.some((bar) => bar.value);
    }

    renderChart() {
        if (!this.canvas.el) {
            return;
        }
        const { type, bars, key } = this.props.chart;
        const colors = bars.map(
            (bar, index) =>
                TONES[bar.tone] || getColor(key === "revenue" ? 1 : index + 1, "light")
        );
        const isRound = type === "doughnut";
        this.instance = new Chart(this.canvas.el, {
            type,
            data: {
                labels: bars.map((bar) => bar.label),
                datasets: [
                    { data: bars.map((bar) => bar.value), backgroundColor: colors },
                ],
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                plugins: { legend: { display: isRound, position: "right" } },
                scales: isRound
                    ? {}
                    : { y: { beginAtZero: true }, x: { grid: { display: false } } },
                onClick: (_event, elements) =>
                    elements.length && this.open(bars[elements[0].index]),
            },
        });
    }

    open(bar) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: `${this.props.chart.title}: ${bar.label}`,
            res_model: this.props.chart.model,
            domain: bar.domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}

export class Dashboard extends Component {
    static template = "crm_analytics.Dashboard";
    static components = { Layout, DashboardChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.periods = [
            { months: 6, label: _t("6 months") },
            { months: 12, label: _t("12 months") },
            { months: 24, label: _t("24 months") },
        ];
        this.state = useState({ months: 12, tiles: [], charts: [] });
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load(12)]));
    }

    async load(months) {
        const { tiles, charts } = await this.orm.call(
            "crm.dashboard",
            "get_dashboard",
            [months]
        );
        Object.assign(this.state, { months, tiles, charts });
    }

    run(action) {
        if (action) {
            this.action.doAction(action);
        }
    }
}

registry.category("actions").add("crm_analytics.dashboard", Dashboard);
