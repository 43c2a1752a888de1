import { Component, useEffect, useRef } from "@odoo/owl";
import { getColor } from "@web/core/colors/colors";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

const TONES = {
    primary: "#714b67",
    success: "#28a745",
    warning: "#f0ad4e",
    danger: "#d9534f",
};
const LINE_COLORS = ["#714b67", "#1f7a8c", "#b5651d", "#4c8c4a"];
const LONGEST_LABEL = 24;

function shorten(label) {
    return label.length > LONGEST_LABEL
        ? `${label.slice(0, LONGEST_LABEL - 1)}…`
        : label;
}

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
        // Nobody in a class is left blank; a share of nought is a figure.
        const isBlank = value === null || (!value && this.props.chart.model);
        return isBlank ? "" : this.formatNumber(value);
    }

    formatNumber(value) {
        return Math.round(value).toLocaleString(user.lang);
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
        const color = share > 0.75 ? "color: #fff" : isMuted ? "color: #6c6c6c" : "";
        return `background-color: rgba(113, 75, 103, ${(share * 0.8).toFixed(3)}); ${color}`;
    }

    // Charts

    renderChart() {
        if (!this.canvas.el) {
            return;
        }
        const { type, bars, series } = this.props.chart;
        const isRound = type === "doughnut";
        this.instance = new Chart(this.canvas.el, {
            type,
            data: series ? this.getSeries() : this.getBars(),
            plugins: [
                { id: "target", afterDatasetsDraw: (chart) => this.drawTarget(chart) },
            ],
            options: {
                locale: user.lang,
                maintainAspectRatio: false,
                animation: false,
                plugins: {
                    legend: {
                        display: isRound || (series || []).length > 1,
                        position: isRound && !this.env.isSmall ? "right" : "bottom",
                        labels: {
                            boxWidth: 16,
                            usePointStyle: type === "line",
                            pointStyle: "line",
                        },
                    },
                    tooltip: { callbacks: this.getTooltip() },
                },
                scales: isRound ? {} : this.getScales(),
                onHover: ({ native }, elements) => {
                    const isOpen =
                        elements.length && this.canOpen(bars?.[elements[0].index]);
                    native.target.style.cursor = isOpen ? "pointer" : "default";
                },
                onClick: (_event, elements) =>
                    elements.length && this.open(bars?.[elements[0].index]),
            },
        });
    }

    getScales() {
        const { bars, x_title, y_title, target } = this.props.chart;
        const isCount = bars?.every((bar) => Number.isInteger(bar.value));
        const getTitle = (text) => ({ display: Boolean(text), text });
        return {
            y: {
                beginAtZero: true,
                suggestedMax: target || undefined,
                ticks: isCount ? { precision: 0 } : {},
                title: getTitle(y_title),
            },
            x: {
                grid: { display: false },
                title: getTitle(x_title),
                ticks: {
                    callback(value) {
                        return shorten(this.getLabelForValue(value));
                    },
                },
            },
        };
    }

    /** Draw a dashed line across the bars at what was to be reached. */
    drawTarget({ ctx, chartArea, scales }) {
        const { target } = this.props.chart;
        if (!target || !scales.y) {
            return;
        }
        const y = scales.y.getPixelForValue(target);
        ctx.save();
        ctx.setLineDash([6, 4]);
        ctx.strokeStyle = "#495057";
        ctx.beginPath();
        ctx.moveTo(chartArea.left, y);
        ctx.lineTo(chartArea.right, y);
        ctx.stroke();
        ctx.restore();
    }

    getBars() {
        const { bars, key, type } = this.props.chart;
        const isRound = type === "doughnut";
        const isMonths = bars.every((bar) => /^\d{4}-\d{2}$/.test(bar.label));
        return {
            labels: bars.map((bar) =>
                isRound
                    ? `${shorten(bar.label)}: ${this.formatNumber(bar.value)}`
                    : bar.label
            ),
            datasets: [
                {
                    data: bars.map((bar) => bar.range || bar.value),
                    borderWidth: isRound ? 2 : 0,
                    borderColor: "#fff",
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
        const { bars, type } = this.props.chart;
        if (type === "doughnut") {
            return { label: ({ label }) => label };
        }
        if (!bars?.some((bar) => bar.range)) {
            return {};
        }
        return { label: ({ dataIndex }) => this.formatNumber(bars[dataIndex].value) };
    }

    /** Bars for the keyboard and the screen reader: the canvas has none. */
    get openBars() {
        return (this.props.chart.bars || []).filter((bar) => this.canOpen(bar));
    }

    canOpen(bar) {
        return Boolean((bar?.model || this.props.chart.model) && bar?.domain);
    }

    open(bar) {
        if (!this.canOpen(bar)) {
            return;
        }
        const { model, title } = this.props.chart;
        const opened = bar.model || model;
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
