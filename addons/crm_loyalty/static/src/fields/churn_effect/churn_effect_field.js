import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The margin of who was acted on beside the hold-out, each with its interval. */
export class ChurnEffectField extends Component {
    static template = "crm_loyalty.ChurnEffectField";
    static props = { ...standardFieldProps };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.chart?.destroy();
            },
            () => [this.effect]
        );
    }

    get effect() {
        return this.props.record.data[this.props.name];
    }

    /** What the chart shows, for those who don't see it. */
    get summary() {
        return this.effect.bars
            .map((bar) => `${bar.label}: ${this.describe(bar)}`)
            .join(", ");
    }

    describe(bar) {
        const [value, low, high] = [bar.value, bar.low, bar.high].map((amount) =>
            this.format(amount)
        );
        return _t("%(value)s (%(low)s to %(high)s)", { value, low, high });
    }

    format(amount) {
        const currency = this.props.record.data.currency_id;
        return formatMonetary(amount, { currencyId: currency?.id });
    }

    draw() {
        if (!this.canvas.el) {
            return;
        }
        const { bars } = this.effect;
        this.chart = new Chart(this.canvas.el, {
            type: "bar",
            data: {
                labels: bars.map((bar) => bar.label),
                datasets: [
                    {
                        label: _t("Interval of 95 %"),
                        data: bars.map((bar) => [bar.low, bar.high]),
                        backgroundColor: "#495057",
                        barThickness: 4,
                        grouped: false,
                    },
                    {
                        label: _t("Mean"),
                        data: bars.map((bar) => bar.value),
                        backgroundColor: [getColor(1, "light"), "#adb5bd"],
                        maxBarThickness: 44,
                        grouped: false,
                    },
                ],
            },
            options: {
                indexAxis: "y",
                maintainAspectRatio: false,
                animation: false,
                scales: {
                    x: {
                        beginAtZero: true,
                        ticks: { callback: (amount) => this.format(amount) },
                    },
                    y: { grid: { display: false } },
                },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        callbacks: {
                            label: ({ dataIndex }) => this.describe(bars[dataIndex]),
                        },
                    },
                },
            },
        });
    }
}

export const churnEffectField = {
    component: ChurnEffectField,
    supportedTypes: ["json"],
};

registry.category("fields").add("churn_effect", churnEffectField);
