import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";

/**
 * Revenue and engagement of the last months, one chart each.
 */
export class Customer360Charts extends Component {
    static template = "crm_lifecycle.Customer360Charts";
    static props = { chart: Object };

    setup() {
        this.revenue = useRef("revenue");
        this.engagement = useRef("engagement");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const charts = [this.drawRevenue(), this.drawEngagement()];
                return () => charts.forEach((chart) => chart?.destroy());
            },
            () => [this.props.chart]
        );
    }

    get hasRevenue() {
        return (this.props.chart.revenue || []).some((value) => value);
    }

    get hasEngagement() {
        return this.props.chart.engagement.some((value) => value);
    }

    /** What the chart shows, for those who don't see it. */
    get revenueSummary() {
        const { labels, revenue, amounts } = this.props.chart;
        const months = labels.filter((_label, index) => revenue[index]);
        const texts = amounts.filter((_amount, index) => revenue[index]);
        return months.map((month, index) => `${month}: ${texts[index]}`).join(", ");
    }

    get engagementSummary() {
        const { labels, engagement } = this.props.chart;
        return labels
            .map((month, index) => [month, engagement[index]])
            .filter(([_month, count]) => count)
            .map(([month, count]) => `${month}: ${count}`)
            .join(", ");
    }

    drawRevenue() {
        const { amounts } = this.props.chart;
        return this.draw(this.revenue.el, {
            label: _t("Revenue"),
            data: this.props.chart.revenue,
            color: getColor(1, "light"),
            describe: (item) => amounts[item.dataIndex],
        });
    }

    drawEngagement() {
        return this.draw(this.engagement.el, {
            label: _t("Opened, clicked, answered"),
            data: this.props.chart.engagement,
            color: getColor(6, "light"),
            describe: (item) => `${item.raw}`,
        });
    }

    draw(el, { label, data, color, describe }) {
        if (!el) {
            return;
        }
        return new Chart(el, {
            type: "bar",
            data: {
                labels: this.props.chart.labels,
                datasets: [{ label, data, backgroundColor: color, borderRadius: 3 }],
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                plugins: {
                    legend: { display: false },
                    tooltip: { callbacks: { label: describe } },
                },
                scales: {
                    y: {
                        beginAtZero: true,
                        ticks: { precision: 0, maxTicksLimit: 5 },
                    },
                    x: {
                        grid: { display: false },
                        ticks: { maxRotation: 0, autoSkipPadding: 12 },
                    },
                },
            },
        });
    }
}
