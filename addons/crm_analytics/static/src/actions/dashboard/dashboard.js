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
        const choices = this.props.state?.choices || {};
        const wanted =
            choices.board || this.boardOfUrl || this.props.action.params?.board;
        const board = boards.find(({ key }) => key === wanted) || boards[0];
        if (board) {
            await this.load({ ...choices, board: board.key });
        }
    }

    /** Of this page: on the way from another one, the address still is that one's. */
    get boardOfUrl() {
        const { action, board } = router.current;
        return action && action === this.props.action.path ? board : undefined;
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
        const { board, months, dateFrom, dateTo, company } = this.state;
        const figures = await this.orm.call("crm.dashboard", "get_dashboard", [], {
            board,
            months: months || 12,
            date_from: (!months && dateFrom) || false,
            date_to: (!months && dateTo) || false,
            company: company || false,
        });
        // A later choice may have been answered before.
        if (request !== this.request) {
            return;
        }
        const { tiles, charts, date_from, date_to } = figures;
        Object.assign(this.state, { tiles, charts });
        if (date_from) {
            Object.assign(this.state, { dateFrom: date_from, dateTo: date_to });
        }
        this.props.updateActionState?.({ board });
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
