import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useRef,
    useState,
} from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Customer360Charts } from "./customer_360_charts";
import { Customer360Search } from "./customer_360_search";
import { Customer360Timeline } from "./customer_360_timeline";

/**
 * Everything about one customer on one page; without a customer, a search for one.
 */
export class Customer360 extends Component {
    static template = "crm_lifecycle.Customer360";
    static displayName = _t("360 View");
    static path = "customer-360";
    static components = {
        Layout,
        Customer360Charts,
        Customer360Search,
        Customer360Timeline,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.root = useRef("root");
        this.state = useState({ view: null, moreAdvice: false });
        this.display = { controlPanel: {} };
        const { params = {}, context = {} } = this.props.action;
        this.searchText = params.search || "";
        this.profileId = this.searchText
            ? false
            : params.profile_id || this.props.resId || context.active_id;
        onWillStart(() => this.load());
        onMounted(() => this.props.updateActionState?.({ resId: this.profileId }));
        if (this.profileId) {
            this.listen();
        }
    }

    /** Read again when an event of this customer is captured anywhere. */
    listen() {
        const channel = `crm.customer.profile_${this.profileId}`;
        const reload = useDebounced(() => this.load(), 500);
        const onChanged = ({ id }) => id === this.profileId && reload();
        onMounted(() => {
            this.bus.addChannel(channel);
            this.bus.subscribe("crm_lifecycle.customer_changed", onChanged);
        });
        onWillUnmount(() => {
            this.bus.unsubscribe("crm_lifecycle.customer_changed", onChanged);
            this.bus.deleteChannel(channel);
        });
    }

    async load() {
        if (!this.profileId) {
            return;
        }
        this.state.view = await this.orm.call(
            "crm.customer.profile",
            "get_customer_360",
            [this.profileId]
        );
        if (this.state.view.partner) {
            this.env.config.setDisplayName(this.state.view.partner.name);
        }
    }

    get advice() {
        const all = this.state.view.next_actions;
        return this.state.moreAdvice ? all : all.slice(0, 3);
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

    openCompany(ev) {
        const profileId = Number(ev.target.value);
        if (profileId !== this.profileId) {
            this.action.doAction(
                {
                    type: "ir.actions.client",
                    tag: "crm_lifecycle.customer_360",
                    params: { profile_id: profileId },
                },
                { stackPosition: "replaceCurrentAction" }
            );
        }
    }

    openSearch() {
        this.action.doAction("crm_lifecycle.crm_customer_360_action", {
            clearBreadcrumbs: true,
        });
    }

    /** Run a window action; what was done in a dialog is shown at once. */
    run(item) {
        if (item.url) {
            window.open(item.url, "_self");
        }
        if (item.action) {
            this.action.doAction(item.action, { onClose: () => this.load() });
        }
    }
}

registry.category("actions").add("crm_lifecycle.customer_360", Customer360);
