import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

const GROUPS = [
    ["send", _t("Reach Out")],
    ["time", _t("Wait")],
    ["decide", _t("Decide")],
    ["change", _t("Change")],
    ["end", _t("End")],
];

/** The kinds of steps to drag onto the canvas, or to add by a click. */
export class JourneyFlowPalette extends Component {
    static template = "crm_lifecycle.JourneyFlowPalette";
    static props = { kinds: Array, onGrab: Function, onAdd: Function };

    get groups() {
        return GROUPS.map(([key, label]) => ({
            key,
            label,
            kinds: this.props.kinds.filter((kind) => kind.group === key),
        })).filter((group) => group.kinds.length);
    }
}
