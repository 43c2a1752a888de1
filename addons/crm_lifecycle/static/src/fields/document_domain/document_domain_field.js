import { DomainField, domainField } from "@web/views/fields/domain/domain_field";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";

/** A condition on documents that not everybody may read: without that right it can be
 * written all the same, but nothing is counted. */
export class DocumentDomainField extends DomainField {
    static template = "crm_lifecycle.DocumentDomainField";

    setup() {
        super.setup();
        this.state.isReadable = true;
    }

    async checkProps(props = this.props) {
        const resModel = this.getResModel(props);
        this.state.isReadable =
            !resModel || (await user.checkAccessRight(resModel, "read"));
        if (this.state.isReadable) {
            return super.checkProps(props);
        }
        this.updateState({ isValid: true });
    }
}

registry.category("fields").add("crm_document_domain", {
    ...domainField,
    component: DocumentDomainField,
});
