import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const BARS = 15;

/** Complaints by cause, product, supplier or category, the most frequent first, and
 * the share of all that they make up together. */
export class Pareto extends Component {
    static template = "crm_feedback.Pareto";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvas = useRef("canvas");
        this.state = useState({ dimension: "root_cause_id", days: "365", rows: [] });
        onWillStart(async () => {
            const [description] = await Promise.all([
                this.orm.call("crm.pareto.report", "fields_get", [
                    ["dimension", "days"],
                    ["selection"],
                ]),
                loadBundle("web.chartjs_lib"),
                this.load(),
            ]);
            this.dimensions = description.dimension.selection;
            this.periods = description.days.selection;
        });
        useEffect(
            () => {
                const chart = this.draw();
                return () => chart?.destroy();
            },
            () => [this.state.rows]
        );
    }

    async load() {
        const { dimension, days } = this.state;
        this.state.rows = await this.orm.searchRead(
            "crm.pareto.report",
            [
                ["dimension", "=", dimension],
                ["days", "=", days],
            ],
            ["name", "complaints", "share", "cumulative_share"],
            { limit: BARS }
        );
    }

    choose(name, value) {
        this.state[name] = value;
        return this.load();
    }

    /** What the chart shows, for those who don't see it. */
    get summary() {
        return this.state.rows
            .map((row) => `${row.name}: ${row.complaints}`)
            .join(", ");
    }

    draw() {
        if (!this.canvas.el) {
            return;
        }
        const rows = this.state.rows;
        return new Chart(this.canvas.el, {
            data: {
                labels: rows.map((row) => row.name),
                datasets: [
                    {
                        type: "line",
                        label: _t("Together (%)"),
                        data: rows.map((row) => row.cumulative_share),
                        yAxisID: "share",
                        borderColor: getColor(3, "light"),
                        backgroundColor: getColor(3, "light"),
                    },
                    {
                        type: "bar",
                        label: _t("Complaints"),
                        data: rows.map((row) => row.complaints),
                        backgroundColor: getColor(1, "light"),
                    },
                ],
            },
            options: {
                maintainAspectRatio: false,
                onClick: (_event, items) => items.length && this.open(items[0].index),
                scales: {
                    y: { beginAtZero: true, ticks: { precision: 0 } },
                    share: {
                        position: "right",
                        min: 0,
                        max: 100,
                        grid: { display: false },
                    },
                },
            },
        });
    }

    async open(index) {
        const action = await this.orm.call("crm.pareto.report", "action_open_cases", [
            [this.state.rows[index].id],
        ]);
        return this.action.doAction(action);
    }
}

registry.category("actions").add("crm_feedback.pareto", Pareto);
