import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import { KeepLast } from "@web/core/utils/concurrency";
import { useDebounced } from "@web/core/utils/timing";

const { DateTime } = luxon;

/**
 * What happened to a customer, newest first, by day.
 */
export class Customer360Timeline extends Component {
    static template = "crm_lifecycle.Customer360Timeline";
    static props = { profileId: Number, view: Object, openDocument: Function };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        const { events, before } = this.props.view.timeline;
        this.state = useState({
            events,
            before,
            loading: false,
            category: "",
            typeId: 0,
            period: "",
            since: "",
            until: "",
            text: "",
        });
        this.applyLater = useDebounced(() => this.apply(), 300);
        onWillUpdateProps((props) => this.merge(props.view.timeline));
    }

    /** A customer who changed: what is new comes on top, what was read stays. */
    async merge(page) {
        if (this.isFiltered) {
            page = await this.fetch(false);
        }
        const { events } = page;
        const oldest = events.at(-1);
        const known = new Set(events.map((event) => event.id));
        const index = this.state.events.findIndex((event) => event.id === oldest?.id);
        const older = index < 0 ? [] : this.state.events.slice(index + 1);
        if (!older.length) {
            this.state.before = page.before;
        }
        this.state.events = [
            ...events,
            ...older.filter((event) => !known.has(event.id)),
        ];
    }

    get isFiltered() {
        return Object.values(this.filters).some((value) => value);
    }

    get filters() {
        const { category, typeId, text } = this.state;
        return { category, type_id: typeId, text: text.trim(), ...this.dates };
    }

    /** First and last day of the chosen period. */
    get dates() {
        const { period, since, until } = this.state;
        if (period === "custom") {
            return { since, until };
        }
        const start = period && DateTime.local().minus({ days: Number(period) });
        return { since: start ? start.toISODate() : "", until: "" };
    }

    /** The kinds of event that the chosen category has. */
    get types() {
        const { category } = this.state;
        return this.props.view.categories
            .filter(({ key }) => !category || key === category)
            .flatMap(({ types }) => types);
    }

    /** The events shown, in groups of a day each. */
    get days() {
        const days = [];
        for (const event of this.state.events) {
            if (days.at(-1)?.day !== event.day) {
                days.push({
                    day: event.day,
                    label: event.day_label,
                    ago: event.ago,
                    events: [],
                });
            }
            days.at(-1).events.push(event);
        }
        return days;
    }

    getCategoryLabel(key) {
        return this.props.view.categories.find((item) => item.key === key)?.label || "";
    }

    fetch(before) {
        return this.keepLast.add(
            this.orm.call("crm.customer.profile", "get_timeline", [
                this.props.profileId,
                this.filters,
                before,
            ])
        );
    }

    async apply() {
        const { events, before } = await this.fetch(false);
        Object.assign(this.state, { events, before });
    }

    async loadOlder() {
        this.state.loading = true;
        const { events, before } = await this.fetch(this.state.before);
        this.state.events = [...this.state.events, ...events];
        Object.assign(this.state, { before, loading: false });
    }

    async selectCategory(category) {
        Object.assign(this.state, { category, typeId: 0 });
        await this.apply();
    }

    async selectType(ev) {
        this.state.typeId = Number(ev.target.value);
        await this.apply();
    }

    async selectPeriod(ev) {
        this.state.period = ev.target.value;
        await this.apply();
    }

    async selectDate(name, ev) {
        this.state[name] = ev.target.value;
        await this.apply();
    }

    enterText(ev) {
        this.state.text = ev.target.value;
        this.applyLater();
    }

    async clearFilters() {
        Object.assign(this.state, {
            category: "",
            typeId: 0,
            period: "",
            since: "",
            until: "",
            text: "",
        });
        await this.apply();
    }
}
