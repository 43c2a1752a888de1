import { Component } from "@odoo/owl";
import { formatMonetary } from "@web/views/fields/formatters";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { useService } from "@web/core/utils/hooks";

/** The way from the message to the money: a bar per stage, its share, its cost. */
export class CampaignFunnelField extends Component {
    static template = "crm_lifecycle.CampaignFunnelField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get stages() {
        const stages = this.props.record.data[this.props.name] || [];
        const largest = Math.max(1, ...stages.map((stage) => stage.count));
        return stages.map((stage) => ({
            ...stage,
            width: stage.count ? Math.max(1, (100 * stage.count) / largest) : 0,
            share: stage.share === null ? "" : `${(100 * stage.share).toFixed(1)} %`,
            cost: stage.cost === null ? "" : this.formatMoney(stage.cost),
        }));
    }

    get isEmpty() {
        return this.stages.every((stage) => !stage.count);
    }

    formatMoney(amount) {
        const currency = this.props.record.data.currency_id;
        return formatMonetary(amount, { currencyId: currency?.id });
    }

    async open(stage) {
        const action = await this.orm.call("utm.campaign", "action_open_stage", [
            [this.props.record.resId],
            stage.kind,
        ]);
        await this.action.doAction(action);
    }
}

export const campaignFunnelField = {
    component: CampaignFunnelField,
    supportedTypes: ["json"],
};

registry.category("fields").add("campaign_funnel", campaignFunnelField);
