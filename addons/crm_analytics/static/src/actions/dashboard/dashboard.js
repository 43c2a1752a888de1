import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DashboardChart } from "./dashboard_chart";

/**
 * Boards of figures: tiles and charts that addons contribute to `crm.dashboard`.
 */
export class Dashboard extends Component {
    static template = "crm_analytics.Dashboard";
    static components = { Layout, DashboardChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.root = useRef("root");
        this.display = { controlPanel: {} };
        this.periods = [
            { months: 1, label: _t("This month") },
            { months: 6, label: _t("6 months") },
            { months: 12, label: _t("12 months") },
            { months: 24, label: _t("24 months") },
        ];
        this.state = useState({
            boards: [],
            companies: [],
            board: "",
            months: 12,
            dateFrom: "",
            dateTo: "",
            company: false,
            tiles: [],
            charts: [],
        });
        useSetupAction({
            rootRef: this.root,
            getLocalState: () => {
                const { board, months, dateFrom, dateTo, company } = this.state;
                return { choices: { board, months, dateFrom, dateTo, company } };
            },
        });
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.start()]));
    }

    async start() {
        const { boards, companies } = await this.orm.call(
            "crm.dashboard",
            "get_boards"
        );
        Object.assign(this.state, { boards, companies });
        const choices = this.getChoices();
        const wanted = choices.board || this.props.action.params?.board;
        const board = boards.find(({ key }) => key === wanted) || boards[0];
        if (board) {
            await this.load({ ...choices, board: board.key });
        }
    }

    /** As they were when the user left, or as the address says. */
    getChoices() {
        if (this.props.state?.choices) {
            return this.props.state.choices;
        }
        const { action, board, months, company } = router.current;
        // On the way from another page, the address still is that one's.
        if (!action || action !== this.props.action.path || !board) {
            return {};
        }
        return { board, months: months || 12, company: company || false };
    }

    get boardLabel() {
        return this.state.boards.find(({ key }) => key === this.state.board)?.label;
    }

    isWide(chart) {
        return (chart.columns || []).length > 6;
    }

    /** Load the board with some of its choices changed. */
    async load(changes) {
        Object.assign(this.state, changes);
        const request = (this.request = {});
        const figures = await this.orm.call(
            "crm.dashboard",
            "get_dashboard",
            [],
            this.getQuery()
        );
        // A later choice may have been answered before.
        if (request === this.request) {
            this.show(figures);
        }
    }

    getQuery() {
        const { board, months, dateFrom, dateTo, company } = this.state;
        const days = months ? {} : { date_from: dateFrom, date_to: dateTo };
        return { board, months: months || 12, company: company || false, ...days };
    }

    show({ tiles, charts, date_from, date_to }) {
        Object.assign(this.state, { tiles, charts });
        if (date_from) {
            Object.assign(this.state, { dateFrom: date_from, dateTo: date_to });
        }
        const { board, months, company } = this.state;
        this.props.updateActionState?.({
            board,
            months: months || undefined,
            company: company || undefined,
        });
    }

    onDateChange(name, event) {
        return this.load({ months: 0, [name]: event.target.value });
    }

    onCompanyChange(event) {
        return this.load({ company: Number(event.target.value) });
    }

    print() {
        window.print();
    }

    run(action) {
        if (action) {
            this.action.doAction(action);
        }
    }
}

registry.category("actions").add("crm_analytics.dashboard", Dashboard);
