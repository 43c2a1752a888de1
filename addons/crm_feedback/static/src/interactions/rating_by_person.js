import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Tells the ratings of persons from those of programs that check mails: only a press
 * that the browser itself vouches for marks the form. */
export class RatingByPerson extends Interaction {
    static selector = ".o_rating_page_submit form";
    dynamicContent = {
        _root: {
            "t-on-pointerdown": this.mark,
            "t-on-keydown": this.mark,
        },
    };

    mark(event) {
        if (!event.isTrusted || this.el.elements.pressed) {
            return;
        }
        const inputEl = document.createElement("input");
        inputEl.type = "hidden";
        inputEl.name = "pressed";
        inputEl.value = "1";
        this.el.append(inputEl);
    }
}

registry
    .category("public.interactions")
    .add("crm_feedback.rating_by_person", RatingByPerson);
