import { onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/** The panel of a step: what is changed in it is saved at once. */
export class JourneyStepFormController extends FormController {
    setup() {
        super.setup();
        const { journeyPanel } = this.env;
        if (journeyPanel) {
            // What was chosen last may still be on its way into the record.
            const save = async () => {
                await this.model.mutex.getUnlockedDef();
                await this.save();
            };
            journeyPanel.save = save;
            onWillUnmount(() => {
                if (journeyPanel.save === save) {
                    delete journeyPanel.save;
                }
            });
        }
    }

    get modelParams() {
        const params = super.modelParams;
        return {
            ...params,
            hooks: {
                ...params.hooks,
                // Not waited for: saving waits until the change is done.
                onRecordChanged: () => {
                    Promise.resolve().then(() => this.save());
                },
            },
        };
    }

    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        this.props.onSave?.(this.model.root);
    }
}

registry.category("views").add("crm_journey_step_form", {
    ...formView,
    Controller: JourneyStepFormController,
});
