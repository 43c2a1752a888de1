import {
    Component,
    onMounted,
    onPatched,
    onWillStart,
    onWillUnmount,
    useRef,
} from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const LINE_COLORS = ["#714b67", "#1f7a8c", "#b5651d", "#4c8c4a"];

/**
 * Draws the charts that a run carries as Json: lines, bars and shaded tables
 * (`crm_analytics/analysis_results/charts.py` has their form).
 */
export class AnalyticsChartsField extends Component {
    static template = "crm_analytics.AnalyticsChartsField";
    static props = { ...standardFieldProps };

    setup() {
        this.root = useRef("root");
        this.drawn = [];
        onWillStart(() => loadBundle("web.chartjs_lib"));
        onMounted(() => this.draw());
        onPatched(() => this.draw());
        onWillUnmount(() => this.clear());
    }

    get charts() {
        return this.props.record.data[this.props.name] || [];
    }

    clear() {
        this.drawn.forEach((chart) => chart.destroy());
        this.drawn = [];
    }

    draw() {
        this.clear();
        for (const canvas of this.root.el.querySelectorAll("canvas")) {
            const chart = this.charts.find((item) => item.key === canvas.dataset.key);
            this.drawn.push(new Chart(canvas, this.getConfig(chart)));
        }
    }

    getConfig(chart) {
        const datasets = chart.series.map((series, index) => ({
            label: series.label,
            data: series.values,
            borderColor: LINE_COLORS[index % LINE_COLORS.length],
            backgroundColor: LINE_COLORS[index % LINE_COLORS.length],
            borderDash: series.dashed ? [6, 4] : [],
            pointRadius: series.values.length > 24 ? 0 : 3,
            maxBarThickness: 60,
        }));
        const axis = (text) => ({ title: { display: Boolean(text), text } });
        return {
            type: chart.type,
            data: { labels: chart.labels, datasets },
            options: {
                animation: false,
                locale: user.lang,
                maintainAspectRatio: false,
                plugins: {
                    legend: {
                        display: datasets.length > 1,
                        position: "bottom",
                        labels: {
                            usePointStyle: chart.type === "line",
                            pointStyle: "line",
                        },
                    },
                },
                scales: {
                    x: axis(chart.x_title),
                    y: { ...axis(chart.y_title), beginAtZero: true },
                },
            },
        };
    }

    getCellStyle(chart, value) {
        const highest = Math.max(...chart.cells.flat(), 0);
        const share = highest ? Math.max(value, 0) / highest : 0;
        return `background-color: rgba(113, 75, 103, ${(share * 0.75).toFixed(3)}); color: ${
            share > 0.75 ? "#fff" : "inherit"
        }`;
    }

    format(value) {
        return value === null ? "" : Math.round(value).toLocaleString(user.lang);
    }
}

export const analyticsChartsField = {
    component: AnalyticsChartsField,
    displayName: _t("Charts of an analysis"),
    supportedTypes: ["json"],
};

registry.category("fields").add("analytics_charts", analyticsChartsField);
