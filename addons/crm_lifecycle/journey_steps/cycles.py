"""Circles in a graph of steps."""


def find_cycle(follow):
    """Return the nodes of one circle, in order, or an empty list.

    :param dict follow: nodes with the nodes after each; others end
    """
    state = {}
    for root in follow:
        if root in state:
            continue
        path, stack = [], [(root, iter(follow[root]))]
        state[root] = "open"
        path.append(root)
        while stack:
            node, after = stack[-1]
            for target in after:
                if target not in follow:
                    continue
                if state.get(target) == "open":
                    return path[path.index(target) :]
                if target not in state:
                    state[target] = "open"
                    path.append(target)
                    stack.append((target, iter(follow[target])))
                    break
            else:
                state[node] = "closed"
                path.pop()
                stack.pop()
    return []
