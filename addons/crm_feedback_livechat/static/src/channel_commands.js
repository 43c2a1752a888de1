import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("discuss.channel_commands").add("case", {
    condition: ({ store }) => store.has_access_livechat,
    help: _t("Open a case about this chat (/case subject)"),
    methodName: "execute_command_case",
});
