import { _t } from "@web/core/l10n/translation";

/** What is asked before a version is put in force, and the method that does it. */
export const PUBLISHING = {
    forNew: {
        method: "action_publish",
        body: _t(
            "Who enters from now on takes the new steps. Who is on the way " +
                "finishes the old ones."
        ),
    },
    forAll: {
        method: "action_publish_and_move",
        body: _t(
            "Who is on the way goes on from the same step of the new version. Who " +
                "stands at a step that is gone finishes the old one."
        ),
    },
};
