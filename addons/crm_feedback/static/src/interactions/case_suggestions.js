import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { rpc } from "@web/core/network/rpc";

const MIN_LENGTH = 4;
const PAUSE = 400;

/** Shows articles that may answer the question while its subject is being typed. */
export class CaseSuggestions extends Interaction {
    static selector = ".o_crm_new_case";
    dynamicContent = {
        "#name": { "t-on-input": this.debounced(this.suggest, PAUSE) },
    };

    start() {
        this.lastText = "";
        return this.suggest();
    }

    async suggest() {
        const text = this.el.querySelector("#name").value.trim();
        if (text === this.lastText) {
            return;
        }
        this.lastText = text;
        const articles =
            text.length < MIN_LENGTH
                ? []
                : await this.waitFor(rpc("/help/suggest", { text }));
        // A slow answer to an earlier text must not replace a newer one.
        if (text === this.lastText) {
            this.show(articles);
        }
    }

    show(articles) {
        const boxEl = this.el.querySelector(".o_crm_suggestions");
        boxEl.classList.toggle("d-none", !articles.length);
        const listEl = boxEl.querySelector("ul");
        listEl.replaceChildren(...articles.map((article) => this.render(article)));
    }

    render(article) {
        const itemEl = document.createElement("li");
        const linkEl = document.createElement("a");
        linkEl.href = article.url;
        linkEl.target = "_blank";
        linkEl.textContent = article.name;
        const excerptEl = document.createElement("div");
        excerptEl.className = "small text-muted";
        excerptEl.textContent = article.excerpt;
        itemEl.append(linkEl, excerptEl);
        return itemEl;
    }
}

registry
    .category("public.interactions")
    .add("crm_feedback.case_suggestions", CaseSuggestions);
