"""Which of many tests to believe.

Benjamini and Hochberg, Controlling the False Discovery Rate, Journal of the Royal
Statistical Society B 57 (1995): of what is found, no more than the rate is false on
average. It holds for tests that are independent or rise together.
"""


def find_discoveries(p_values, rate):
    """Return the positions (set of int) whose tests are to be believed.

    Parameters
    ----------
    p_values : sequence of float
    rate : float
        the share of false alarms that is accepted among all alarms
    """
    order = sorted(range(len(p_values)), key=lambda position: p_values[position])
    last = 0
    for rank, position in enumerate(order, start=1):
        if p_values[position] <= rate * rank / len(order):
            last = rank
    return set(order[:last])
