import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useExternalListener,
    useRef,
    useState,
    useSubEnv,
} from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import {
    getBounds,
    getLine,
    getLines,
    getPort,
    getStart,
    GRID,
    layOut,
    NODE,
    snap,
} from "./journey_flow_geometry";
import { JourneyFlowNode } from "./journey_flow_node";
import { JourneyFlowPalette } from "./journey_flow_palette";
import { JourneyFlowPanel } from "./journey_flow_panel";
import { PUBLISHING } from "./journey_flow_publishing";

const REFRESH_SECONDS = 30;
// A press that moves less than this is a click, in pixels.
const CLICK = 4;
// Its height is also in the style sheet.
const MENU = { width: 300, height: 300 };

/** The steps of a journey as a flow: drag, connect, and edit in the panel beside it. */
export class JourneyFlow extends Component {
    static template = "crm_lifecycle.JourneyFlow";
    static displayName = _t("Flow");
    static path = "journey-flow";
    static components = {
        Layout,
        JourneyFlowNode,
        JourneyFlowPalette,
        JourneyFlowPanel,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.canvas = useRef("canvas");
        // The form of the panel puts in here how it is saved.
        this.panel = {};
        useSubEnv({ journeyPanel: this.panel });
        this.display = { controlPanel: {} };
        const { params = {}, context = {} } = this.props.action;
        this.journeyId = params.journey_id || this.props.resId || context.active_id;
        this.state = useState({
            flow: null,
            selected: null,
            selectedEdge: null,
            view: { x: 0, y: 0, scale: 1 },
            drag: null,
            menu: null,
            palette: !this.ui.isSmall,
        });
        onWillStart(() => this.load());
        onMounted(() => {
            this.props.updateActionState?.({ resId: this.journeyId });
            this.fit();
            this.timer = setInterval(() => this.refresh(), REFRESH_SECONDS * 1000);
        });
        onWillUnmount(() => clearInterval(this.timer));
        useExternalListener(window, "pointermove", (ev) => this.onMove(ev));
        useExternalListener(window, "pointerup", (ev) => this.onDrop(ev));
    }

    // ---------------------------------------------------------------------------
    // Data
    // ---------------------------------------------------------------------------

    async load(versionId = this.state.flow?.version.id) {
        const flow = await this.orm.call("crm.journey", "get_flow", [
            [this.journeyId],
            versionId || false,
        ]);
        this.state.flow = flow;
        this.env.config.setDisplayName(flow.journey.name);
        if (!flow.steps.some((step) => step.id === this.state.selected)) {
            this.state.selected = null;
        }
    }

    refresh() {
        if (
            !document.hidden &&
            !this.state.drag &&
            this.flow.journey.state !== "draft"
        ) {
            return this.load();
        }
    }

    get flow() {
        return this.state.flow;
    }

    get isDraft() {
        return this.flow.version.state === "draft" && this.flow.journey.can_write;
    }

    get kinds() {
        return Object.fromEntries(this.flow.kinds.map((kind) => [kind.key, kind]));
    }

    get start() {
        return getStart(this.flow);
    }

    get selectedStep() {
        return this.flow.steps.find((step) => step.id === this.state.selected);
    }

    getConnected(step) {
        return Object.fromEntries(
            this.flow.edges
                .filter((edge) => edge.step_id === step.id && edge.target_id)
                .map((edge) => [edge.outcome, true])
        );
    }

    get lines() {
        return getLines(this.flow);
    }

    get looseLine() {
        const { drag } = this.state;
        return drag?.kind === "line" && getLine(drag.from, drag.to).d;
    }

    // ---------------------------------------------------------------------------
    // Canvas
    // ---------------------------------------------------------------------------

    get viewStyle() {
        const { x, y, scale } = this.state.view;
        return `transform: translate(${x}px, ${y}px) scale(${scale})`;
    }

    get gridStyle() {
        const { x, y, scale } = this.state.view;
        const size = GRID * scale;
        return `background-size: ${size}px ${size}px; background-position: ${x}px ${y}px`;
    }

    /** The point of the unscaled canvas under the pointer. */
    toCanvas(ev) {
        const box = this.canvas.el.getBoundingClientRect();
        const { x, y, scale } = this.state.view;
        return {
            x: (ev.clientX - box.left - x) / scale,
            y: (ev.clientY - box.top - y) / scale,
        };
    }

    fit() {
        const box = this.canvas.el.getBoundingClientRect();
        const bounds = getBounds(this.flow);
        const margin = 48;
        const scale = Math.min(
            1,
            (box.width - margin * 2) / (bounds.right - bounds.left),
            (box.height - margin * 2) / (bounds.bottom - bounds.top)
        );
        this.state.view.scale = Math.max(0.25, scale);
        this.state.view.x =
            (box.width - (bounds.left + bounds.right) * this.state.view.scale) / 2;
        this.state.view.y = margin - bounds.top * this.state.view.scale;
    }

    zoom(factor, ev) {
        const box = this.canvas.el.getBoundingClientRect();
        const at = ev
            ? { x: ev.clientX - box.left, y: ev.clientY - box.top }
            : { x: box.width / 2, y: box.height / 2 };
        const { view } = this.state;
        const scale = Math.min(2, Math.max(0.25, view.scale * factor));
        view.x = at.x - ((at.x - view.x) * scale) / view.scale;
        view.y = at.y - ((at.y - view.y) * scale) / view.scale;
        view.scale = scale;
    }

    onWheel(ev) {
        this.zoom(ev.deltaY < 0 ? 1.1 : 1 / 1.1, ev);
    }

    onGrabCanvas(ev) {
        this.state.menu = null;
        this.state.selectedEdge = null;
        const { x, y } = this.state.view;
        this.state.drag = {
            kind: "canvas",
            origin: { x: ev.clientX, y: ev.clientY },
            view: { x, y },
        };
    }

    // ---------------------------------------------------------------------------
    // Dragging
    // ---------------------------------------------------------------------------

    onGrabNode(ev, step) {
        ev.stopPropagation();
        this.state.menu = null;
        this.state.selectedEdge = null;
        this.state.drag = {
            kind: "node",
            step,
            origin: { x: ev.clientX, y: ev.clientY },
            place: { x: step.x, y: step.y },
        };
    }

    onGrabPort(ev, step, outcome) {
        if (!this.isDraft) {
            return;
        }
        const index = step.outcomes.findIndex(({ key }) => key === outcome);
        this.grabLine(ev, getPort(step, index), { step, outcome });
    }

    onGrabStart(ev) {
        if (this.isDraft) {
            this.grabLine(ev, this.start.port, { isStart: true });
        }
    }

    grabLine(ev, from, source) {
        ev.preventDefault();
        this.state.menu = null;
        this.state.drag = {
            kind: "line",
            ...source,
            from,
            to: this.toCanvas(ev),
            origin: { x: ev.clientX, y: ev.clientY },
            target: null,
        };
    }

    onGrabKind(ev, kind) {
        ev.preventDefault();
        this.state.drag = {
            kind: "new",
            newKind: kind,
            origin: { x: ev.clientX, y: ev.clientY },
            pointer: { x: ev.clientX, y: ev.clientY },
        };
    }

    hasMoved(ev) {
        const { origin } = this.state.drag;
        return Math.hypot(ev.clientX - origin.x, ev.clientY - origin.y) >= CLICK;
    }

    onMove(ev) {
        const { drag } = this.state;
        if (!drag) {
            return;
        }
        const shift = { x: ev.clientX - drag.origin.x, y: ev.clientY - drag.origin.y };
        if (drag.kind === "canvas") {
            this.state.view.x = drag.view.x + shift.x;
            this.state.view.y = drag.view.y + shift.y;
        } else if (drag.kind === "node" && this.flow.journey.can_write) {
            drag.step.x = snap(drag.place.x + shift.x / this.state.view.scale);
            drag.step.y = snap(drag.place.y + shift.y / this.state.view.scale);
        } else if (drag.kind === "line") {
            drag.to = this.toCanvas(ev);
            drag.target = this.getStepAt(ev)?.id || null;
        } else if (drag.kind === "new") {
            drag.pointer = { x: ev.clientX, y: ev.clientY };
        }
    }

    async onDrop(ev) {
        const { drag } = this.state;
        if (!drag) {
            return;
        }
        const moved = this.hasMoved(ev);
        this.state.drag = null;
        if (drag.kind === "node") {
            await (moved ? this.savePlace(drag.step) : this.select(drag.step));
        } else if (drag.kind === "canvas" && !moved) {
            await this.select(null);
        } else if (drag.kind === "new") {
            await (moved ? this.dropNew(ev, drag.newKind) : this.addKind(drag.newKind));
        } else if (drag.kind === "line" && moved) {
            await this.dropLine(ev, drag);
        }
    }

    getStepAt(ev) {
        const node = document
            .elementFromPoint(ev.clientX, ev.clientY)
            ?.closest(".o_journey_node");
        const id = node && Number(node.dataset.id);
        return this.flow.steps.find((step) => step.id === id);
    }

    isOnCanvas(ev) {
        const element = document.elementFromPoint(ev.clientX, ev.clientY);
        return this.canvas.el.contains(element);
    }

    async dropLine(ev, drag) {
        const target = this.getStepAt(ev);
        if (target) {
            await this.connect(drag, target.id);
        } else if (this.isOnCanvas(ev)) {
            const box = this.canvas.el.getBoundingClientRect();
            this.state.menu = {
                // All of it can be seen and clicked.
                x: Math.max(0, Math.min(ev.clientX - box.left, box.width - MENU.width)),
                y: Math.max(
                    0,
                    Math.min(ev.clientY - box.top, box.height - MENU.height)
                ),
                place: this.toCanvas(ev),
                source: drag,
            };
        }
    }

    async dropNew(ev, kind) {
        if (this.isOnCanvas(ev)) {
            const { x, y } = this.toCanvas(ev);
            const place = { x: x - NODE.width / 2, y: y - NODE.height / 2 };
            const target = this.getStepAt(ev);
            await this.create(kind, target ? this.getPlaceBelow(target) : place);
        }
    }

    // ---------------------------------------------------------------------------
    // Changing
    // ---------------------------------------------------------------------------

    /** Show a step in the panel, or none; what the panel has not saved yet is kept. */
    async select(step) {
        this.state.selectedEdge = null;
        await this.panel.save?.();
        this.state.selected = step && step.id;
    }

    savePlace(step) {
        if (this.flow.journey.can_write) {
            return this.orm.write("crm.journey.step", [step.id], {
                x: step.x,
                y: step.y,
            });
        }
    }

    getPlaceBelow(step) {
        const place = { x: step.x, y: step.y + NODE.height + 74 };
        const taken = ({ x, y }) =>
            this.flow.steps.some(
                (other) =>
                    Math.abs(other.x - x) < NODE.width &&
                    Math.abs(other.y - y) < NODE.height
            );
        while (taken(place)) {
            place.x += NODE.width + 40;
        }
        return place;
    }

    /** Add a step after the selected one, else after the last. */
    async addKind(kind) {
        const { steps } = this.flow;
        const before = this.selectedStep || steps[steps.length - 1];
        const place = before ? this.getPlaceBelow(before) : { x: 80, y: 80 };
        const connected = before && this.getConnected(before);
        const free = before?.outcomes.find(({ key }) => !connected[key]);
        await this.create(kind, place, free && { step: before, outcome: free.key });
    }

    async addFromMenu(kind) {
        const { place, source } = this.state.menu;
        this.state.menu = null;
        await this.create(kind, { x: place.x - NODE.width / 2, y: place.y }, source);
    }

    async create(kind, place, source) {
        await this.panel.save?.();
        const [id] = await this.orm.create("crm.journey.step", [
            {
                version_id: this.flow.version.id,
                kind: kind.key,
                name: kind.label,
                x: snap(place.x),
                y: snap(place.y),
            },
        ]);
        if (source) {
            await this.connect(source, id);
        } else if (!this.flow.version.start_step_id) {
            await this.connect({ isStart: true }, id);
        } else {
            await this.load();
        }
        this.state.selected = id;
    }

    async connect({ isStart, step, outcome }, targetId) {
        if (isStart) {
            await this.orm.write("crm.journey.version", [this.flow.version.id], {
                start_step_id: targetId,
            });
        } else {
            await this.orm.call("crm.journey.step", "action_connect", [
                [step.id],
                outcome,
                targetId,
            ]);
        }
        await this.load();
    }

    selectEdge(line) {
        if (line.edge && this.isDraft) {
            this.state.selectedEdge = line.edge.id;
        }
    }

    async removeEdge(edge) {
        this.state.selectedEdge = null;
        await this.connect(
            { step: { id: edge.step_id }, outcome: edge.outcome },
            false
        );
    }

    removeStep(step) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete this step?"),
            body: _t("%s and the lines from and to it are deleted.", step.name),
            confirmLabel: _t("Delete"),
            confirm: async () => {
                await this.orm.unlink("crm.journey.step", [step.id]);
                this.state.selected = null;
                await this.load();
            },
            cancel: () => {},
        });
    }

    async duplicateStep(step) {
        const [id] = await this.orm.call("crm.journey.step", "copy", [[step.id]], {
            default: { x: step.x + NODE.width + 40, y: step.y },
        });
        await this.load();
        this.state.selected = id;
    }

    async arrange() {
        const places = layOut(this.flow);
        for (const step of this.flow.steps) {
            Object.assign(step, places.get(step.id));
        }
        this.fit();
        await this.orm.call("crm.journey", "save_places", [
            [this.journeyId],
            Object.fromEntries(places),
        ]);
    }

    onKeydownNode(ev, step) {
        const shift = {
            ArrowLeft: [-GRID, 0],
            ArrowRight: [GRID, 0],
            ArrowUp: [0, -GRID],
            ArrowDown: [0, GRID],
        }[ev.key];
        if (ev.key === "Enter" || ev.key === " ") {
            this.select(step);
        } else if ((ev.key === "Delete" || ev.key === "Backspace") && this.isDraft) {
            this.removeStep(step);
        } else if (shift && this.flow.journey.can_write) {
            step.x += shift[0];
            step.y += shift[1];
            this.savePlace(step);
        } else {
            return;
        }
        ev.preventDefault();
    }

    onKeydown(ev) {
        const edge = this.flow.edges.find(({ id }) => id === this.state.selectedEdge);
        if (edge && (ev.key === "Delete" || ev.key === "Backspace")) {
            ev.preventDefault();
            this.removeEdge(edge);
        } else if (ev.key === "Escape") {
            this.state.menu = null;
            this.state.selectedEdge = null;
            this.state.drag = null;
        }
    }

    // ---------------------------------------------------------------------------
    // Journey
    // ---------------------------------------------------------------------------

    selectVersion(ev) {
        this.state.selected = null;
        return this.load(Number(ev.target.value));
    }

    /** Run a button of the journey. */
    async run(method) {
        await this.panel.save?.();
        const result = await this.orm.call("crm.journey", method, [[this.journeyId]]);
        if (result && typeof result === "object") {
            return this.action.doAction(result, { onClose: () => this.load() });
        }
        this.state.selected = null;
        this.state.flow.version.id = false;
        await this.load(false);
    }

    publish({ method, body }) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Publish this version?"),
            body,
            confirmLabel: _t("Publish"),
            confirm: () => this.run(method),
            cancel: () => {},
        });
    }

    publishForNew() {
        this.publish(PUBLISHING.forNew);
    }

    publishForAll() {
        this.publish(PUBLISHING.forAll);
    }

    tryOut() {
        return this.action.doAction("crm_lifecycle.crm_journey_dry_run_action", {
            additionalContext: { active_id: this.journeyId },
        });
    }

    openSettings() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.journey",
            res_id: this.journeyId,
            views: [[false, "form"]],
        });
    }

    openParticipants(step, state) {
        return this.action.doAction("crm_lifecycle.crm_journey_participant_action", {
            additionalContext: {
                search_default_step_id: step.id,
                [`search_default_${state}`]: 1,
            },
        });
    }
}

registry.category("actions").add("crm_lifecycle.journey_flow", JourneyFlow);
