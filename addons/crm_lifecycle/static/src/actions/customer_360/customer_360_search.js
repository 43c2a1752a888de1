import { Component, onWillStart, useState } from "@odoo/owl";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

/**
 * Find a customer by name, e-mail, telephone, order or invoice number.
 */
export class Customer360Search extends Component {
    static template = "crm_lifecycle.Customer360Search";
    static props = { text: { type: String, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({
            text: this.props.text || "",
            searched: "",
            customers: [],
            active: 0,
        });
        useAutofocus({ refName: "input" });
        this.searchLater = useDebounced(() => this.search(), 250);
        onWillStart(() => this.search());
    }

    async search() {
        const text = this.state.text.trim();
        const customers = await this.keepLast.add(
            this.orm.call("crm.customer.profile", "search_customers", [text])
        );
        Object.assign(this.state, { customers, searched: text, active: 0 });
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.searchLater();
    }

    async onKeydown(ev) {
        const count = this.state.customers.length;
        if (ev.key === "ArrowDown" && count) {
            this.state.active = (this.state.active + 1) % count;
        } else if (ev.key === "ArrowUp" && count) {
            this.state.active = (this.state.active + count - 1) % count;
        } else if (ev.key === "Enter") {
            if (this.state.searched !== this.state.text.trim()) {
                await this.search();
            }
            const customer = this.state.customers[this.state.active];
            if (customer) {
                await this.open(customer);
            }
        } else {
            return;
        }
        ev.preventDefault();
    }

    async open(customer) {
        const action = await this.orm.call("res.partner", "action_open_customer_360", [
            customer.partner_id,
        ]);
        await this.action.doAction(action);
    }
}
