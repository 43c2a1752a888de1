"""Agents for contacts that wait in one queue: the Erlang C formula.

References
----------
.. [1] A. K. Erlang, Solution of some problems in the theory of probabilities of
   significance in automatic telephone exchanges, 1917.
"""

from math import exp


def wait_probability(erlangs, agents):
    """Return the probability that a contact has to wait.

    By the recursion of Erlang B, which needs no factorials and so does not overflow.

    Parameters
    ----------
    erlangs : float
        Contacts per hour times the hours that one takes.
    agents : int

    Returns
    -------
    float
        1.0 when the agents can't cope: the queue grows without end.
    """
    if erlangs <= 0:
        return 0.0
    if agents <= erlangs:
        return 1.0
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = erlangs * blocked / (number + erlangs * blocked)
    used = erlangs / agents
    return blocked / (1 - used * (1 - blocked))


def service_level(contacts, minutes, agents, seconds):
    """Return the share of contacts answered within ``seconds``.

    Parameters
    ----------
    contacts : float
        Contacts per hour.
    minutes : float
        Handling time of one.
    agents : int
    seconds : float

    Returns
    -------
    float
    """
    erlangs = contacts * minutes / 60
    if erlangs > 0 and agents <= erlangs:
        return 0.0
    waits = wait_probability(erlangs, agents)
    return 1 - waits * exp(-(agents - erlangs) * seconds / (60 * minutes))


def agents_needed(contacts, minutes, seconds, target):
    """Return the fewest agents who answer a share of contacts in time.

    Parameters
    ----------
    contacts, minutes, seconds : float
        As in :func:`service_level`.
    target : float
        Share between 0 and 1, without 1: that would take agents without end.

    Returns
    -------
    int
    """
    if not 0 <= target < 1:
        raise ValueError("A share of 1 or more can't be reached by any number.")
    if contacts <= 0 or minutes <= 0:
        return 0
    agents = int(contacts * minutes / 60) + 1
    while service_level(contacts, minutes, agents, seconds) < target:
        agents += 1
    return agents
