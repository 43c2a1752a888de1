/** Where things lie in the flow, in pixels of the unscaled canvas. */

export const NODE = { width: 208, height: 76 };
export const GRID = 20;
const GAP = { x: 40, y: 74 };
const START_HEIGHT = 52;

export function snap(value) {
    return Math.round(value / GRID) * GRID;
}

/** The point under a step at which an outcome begins. */
export function getPort(step, index) {
    const share = (index + 0.5) / step.outcomes.length;
    return { x: step.x + NODE.width * share, y: step.y + NODE.height };
}

/** The point above a step at which lines end. */
export function getEntry(step) {
    return { x: step.x + NODE.width / 2, y: step.y };
}

/** The start stands above the first step, else in the corner. */
export function getStart(flow) {
    const first = flow.steps.find((step) => step.id === flow.version.start_step_id);
    const place = first ? { x: first.x, y: first.y - 120 } : { x: 80, y: -40 };
    return {
        ...place,
        port: { x: place.x + NODE.width / 2, y: place.y + START_HEIGHT },
    };
}

/** A line from above to below; around the steps where it leads back up. */
export function getLine(from, to) {
    if (to.y > from.y + 20) {
        const bend = Math.max(30, (to.y - from.y) / 2);
        return {
            d: `M ${from.x} ${from.y} C ${from.x} ${from.y + bend}, ${to.x} ${to.y - bend}, ${to.x} ${to.y}`,
            middle: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 },
        };
    }
    const side = Math.max(from.x, to.x) + NODE.width * 0.8;
    return {
        d: `M ${from.x} ${from.y} C ${from.x} ${from.y + 70}, ${side} ${from.y + 70}, ${side} ${(from.y + to.y) / 2} S ${to.x} ${to.y - 70}, ${to.x} ${to.y}`,
        middle: { x: side, y: (from.y + to.y) / 2 },
    };
}

/** The rectangle around all steps. */
export function getBounds(flow) {
    const start = getStart(flow);
    const xs = [start.x, ...flow.steps.map((step) => step.x)];
    const ys = [start.y, ...flow.steps.map((step) => step.y)];
    return {
        left: Math.min(...xs),
        top: Math.min(...ys),
        right: Math.max(...xs) + NODE.width,
        bottom: Math.max(...ys) + NODE.height,
    };
}

/**
 * Lay the steps out in rows: each below all that lead to it.
 *
 * @returns {Map<number, {x: number, y: number}>} places by id of the step
 */
export function layOut(flow) {
    const rowById = getRows(flow);
    const rows = [];
    for (const step of flow.steps) {
        const row = rowById.get(step.id);
        (rows[row] ||= []).push(step);
    }
    const places = new Map();
    const pitch = NODE.width + GAP.x;
    const wide = Math.max(...rows.filter(Boolean).map((row) => row.length), 1);
    rows.forEach((row, index) => {
        sortByParents(row, flow, places).forEach((step, column) => {
            places.set(step.id, {
                x: snap(80 + ((wide - row.length) / 2 + column) * pitch),
                y: snap(80 + index * (NODE.height + GAP.y)),
            });
        });
    });
    return places;
}

function getRows(flow) {
    const follow = new Map(flow.steps.map((step) => [step.id, []]));
    for (const edge of flow.edges) {
        if (edge.target_id) {
            follow.get(edge.step_id)?.push(edge.target_id);
        }
    }
    const rows = new Map();
    const open = new Set();
    const put = (id, row) => {
        // A circle leads back to a step that has its row.
        if (open.has(id) || (rows.get(id) ?? -1) >= row) {
            return;
        }
        rows.set(id, row);
        open.add(id);
        follow.get(id).forEach((target) => put(target, row + 1));
        open.delete(id);
    };
    if (follow.has(flow.version.start_step_id)) {
        put(flow.version.start_step_id, 0);
    }
    for (const step of flow.steps) {
        if (!rows.has(step.id)) {
            put(step.id, 0);
        }
    }
    return rows;
}

function sortByParents(row, flow, places) {
    const mean = (step) => {
        const ports = flow.edges
            .filter((edge) => edge.target_id === step.id && places.has(edge.step_id))
            .map((edge) => {
                const parent = flow.steps.find((other) => other.id === edge.step_id);
                const index = parent.outcomes.findIndex(
                    ({ key }) => key === edge.outcome
                );
                return getPort({ ...parent, ...places.get(parent.id) }, index).x;
            });
        return ports.reduce((sum, x) => sum + x, 0) / (ports.length || 1);
    };
    const means = new Map(row.map((step) => [step.id, mean(step)]));
    return [...row].sort((one, other) => means.get(one.id) - means.get(other.id));
}

/** The lines to draw, with how many went along each. */
export function getLines(flow) {
    const steps = new Map(flow.steps.map((step) => [step.id, step]));
    const counts = new Map(
        flow.counts.map((row) => [`${row.step_id} ${row.outcome}`, row.count])
    );
    const lines = [];
    const first = steps.get(flow.version.start_step_id);
    if (first) {
        lines.push({
            key: "start",
            ...getLine(getStart(flow).port, getEntry(first)),
            count: flow.journey.entered,
        });
    }
    for (const edge of flow.edges) {
        const step = steps.get(edge.step_id);
        const target = steps.get(edge.target_id);
        const index = step.outcomes.findIndex(({ key }) => key === edge.outcome);
        if (target && index >= 0) {
            lines.push({
                key: `edge ${edge.id}`,
                edge,
                ...getLine(getPort(step, index), getEntry(target)),
                count: counts.get(`${step.id} ${edge.outcome}`) || 0,
            });
        }
    }
    return lines;
}
