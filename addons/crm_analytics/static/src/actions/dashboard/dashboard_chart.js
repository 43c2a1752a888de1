import { Component, useEffect, useRef } from "@odoo/owl";
import { getColor } from "@web/core/colors/colors";
import { useService } from "@web/core/utils/hooks";

const TONES = {
    primary: "#714b67",
    success: "#28a745",
    warning: "#f0ad4e",
    danger: "#d9534f",
};
const LINE_COLORS = ["#714b67", "#1f7a8c", "#b5651d", "#4c8c4a"];

/**
 * A chart whose bars, or a shaded table whose cells, open the documents behind them.
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
        const { type, bars, series, cells } = this.props.chart;
        if (type === "grid") {
            return !cells.flat().some((cell) => this.getValue(cell));
        }
        return bars ? !bars.some((bar) => bar.value) : !series[0].values.length;
    }

    // Grids

    getValue(cell) {
        return cell !== null && typeof cell === "object" ? cell.value : cell;
    }

    format(cell) {
        const value = this.getValue(cell);
        return value ? Math.round(value).toLocaleString() : "";
    }

    getCellStyle(cell, row, column) {
        const { cells, muted_diagonal } = this.props.chart;
        const isMuted = muted_diagonal && row === column;
        const others = cells.map((values, y) =>
            values.map((item, x) =>
                muted_diagonal && x === y ? 0 : Math.max(this.getValue(item), 0)
            )
        );
        const highest = Math.max(...others.flat(), 1e-9);
        const share = isMuted ? 0 : Math.max(this.getValue(cell), 0) / highest;
        const color = share > 0.75 ? "color: #fff" : isMuted ? "color: #8a8a8a" : "";
        return `background-color: rgba(113, 75, 103, ${(share * 0.8).toFixed(3)}); ${color}`;
    }

    // Charts

    renderChart() {
        if (!this.canvas.el) {
            return;
        }
        const { type } = this.props.chart;
        const isRound = type === "doughnut";
        this.instance = new Chart(this.canvas.el, {
            type,
            data: this.props.chart.series ? this.getSeries() : this.getBars(),
            options: {
                maintainAspectRatio: false,
                animation: false,
                plugins: {
                    legend: {
                        display: isRound || (this.props.chart.series || []).length > 1,
                        position: isRound ? "right" : "bottom",
                    },
                    tooltip: { callbacks: this.getTooltip() },
                },
                scales: isRound
                    ? {}
                    : {
                          y: { beginAtZero: true },
                          x: {
                              grid: { display: false },
                              title: {
                                  display: Boolean(this.props.chart.x_title),
                                  text: this.props.chart.x_title,
                              },
                          },
                      },
                onClick: (_event, elements) =>
                    elements.length &&
                    this.open(this.props.chart.bars?.[elements[0].index]),
            },
        });
    }

    getBars() {
        const { bars, key } = this.props.chart;
        const isMonths = bars.every((bar) => /^\d{4}-\d{2}$/.test(bar.label));
        return {
            labels: bars.map((bar) => bar.label),
            datasets: [
                {
                    data: bars.map((bar) => bar.range || bar.value),
                    borderWidth: 0,
                    maxBarThickness: 60,
                    backgroundColor: bars.map(
                        (bar, index) =>
                            TONES[bar.tone] ||
                            getColor(
                                isMonths || key === "waterfall" ? 1 : index + 1,
                                "light"
                            )
                    ),
                },
            ],
        };
    }

    getSeries() {
        const { labels, series } = this.props.chart;
        return {
            labels,
            datasets: series.map((line, index) => ({
                label: line.label,
                data: line.values,
                borderColor: LINE_COLORS[index % LINE_COLORS.length],
                backgroundColor: LINE_COLORS[index % LINE_COLORS.length],
                borderDash: line.dashed ? [6, 4] : [],
                pointRadius: line.values.length > 24 ? 0 : 3,
                maxBarThickness: 60,
            })),
        };
    }

    /** A bar that hangs between two levels says its own height. */
    getTooltip() {
        const { bars } = this.props.chart;
        if (!bars?.some((bar) => bar.range)) {
            return {};
        }
        return { label: ({ dataIndex }) => bars[dataIndex].value.toLocaleString() };
    }

    open(bar) {
        const { model, title } = this.props.chart;
        const opened = bar?.model || model;
        if (!opened || !bar?.domain) {
            return;
        }
        this.action.doAction({
            type: "ir.actions.act_window",
            name: bar.label ? `${title}: ${bar.label}` : title,
            res_model: opened,
            domain: bar.domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}
