"""Which of two rates is better, asked as often as one likes.

Looking again and again until a difference seems significant finds differences that are
none. The mixture sequential probability ratio test holds its error rate however often
it is asked: R. Johari, P. Koomen, L. Pekelis and D. Walsh, Always Valid Inference:
Continuous Monitoring of A/B Tests, Operations Research 70 (2022), equation 10.
"""

from math import exp, sqrt

# Standard deviation of the differences of rates that are to be expected: of mailings
# that are worth a test.
TYPICAL_DIFFERENCE = 0.02


def chance_of_error(successes, number, other_successes, other_number):
    """Return the always valid p-value of the difference of two rates.

    :param int successes: out of ``number``
    :param int other_successes: out of ``other_number``
    :return: the chance to see such a difference, at any time, where there is none
    :rtype: float
    """
    if not number or not other_number:
        return 1.0
    pooled = (successes + other_successes) / (number + other_number)
    variance = pooled * (1 - pooled) * (1 / number + 1 / other_number)
    if not variance:
        return 1.0
    difference = successes / number - other_successes / other_number
    prior = TYPICAL_DIFFERENCE**2
    exponent = prior * difference**2 / (2 * variance * (variance + prior))
    ratio = sqrt(variance / (variance + prior)) * exp(min(exponent, 500))
    return min(1.0, 1 / ratio)


def find_winner(results, level=0.05):
    """Return the index of the rate that is better than every other, or None.

    The level is shared among the comparisons (Bonferroni), so that the chance to name
    a winner where all are alike stays below it.

    :param list results: pairs of successes and number
    """
    rates = [successes / number if number else 0 for successes, number in results]
    best = max(range(len(results)), key=rates.__getitem__)
    comparisons = len(results) * (len(results) - 1) / 2
    others = [result for index, result in enumerate(results) if index != best]
    if others and all(
        chance_of_error(*results[best], *other) <= level / comparisons
        for other in others
    ):
        return best
    return None
