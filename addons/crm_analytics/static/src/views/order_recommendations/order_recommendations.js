import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What else the customer of a quotation may want: one click puts it on the quotation.
 */
export class OrderRecommendations extends Component {
    static template = "crm_analytics.OrderRecommendations";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ products: [], isLoaded: false, adding: false });
        useRecordObserver((record) => this.observe(record));
    }

    /**
     * Everything read of the record here makes the list load again when it changes.
     */
    observe(record) {
        const { partner_id, pricelist_id, company_id, order_line } = record.data;
        const products = order_line.records
            .map((line) => line.data.product_id && line.data.product_id.id)
            .filter(Boolean);
        const query = [
            partner_id && partner_id.id,
            products,
            pricelist_id && pricelist_id.id,
            company_id && company_id.id,
        ];
        return this.load(query);
    }

    async load(query) {
        const key = JSON.stringify(query);
        if (key === this.key) {
            return;
        }
        this.key = key;
        const products = query[0]
            ? await this.orm.silent.call("sale.order", "get_recommendations", query)
            : [];
        // A later change may have been answered before.
        if (key === this.key) {
            Object.assign(this.state, { products, isLoaded: true });
        }
    }

    async add(product) {
        const { record } = this.props;
        this.state.adding = true;
        try {
            if (await record.save()) {
                await this.orm.call("sale.order", "action_add_recommended", [
                    [record.resId],
                    product.product_id,
                ]);
                await record.load();
            }
        } finally {
            this.state.adding = false;
        }
    }
}

registry.category("view_widgets").add("order_recommendations", {
    component: OrderRecommendations,
    fieldDependencies: [
        { name: "partner_id", type: "many2one" },
        { name: "pricelist_id", type: "many2one" },
        { name: "company_id", type: "many2one" },
    ],
});
