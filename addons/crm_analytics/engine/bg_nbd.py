"""The BG/NBD model of repeat buying.

Buying is Poisson with a rate that is gamma distributed over customers (``r``,
``alpha``); after each purchase a customer drops out with a probability that is beta
distributed (``a``, ``b``).

Source: P. Fader, B. Hardie, K. Lee, "Counting Your Customers" the Easy Way: An
Alternative to the Pareto/NBD Model, Marketing Science 24 (2005), equations 6 to 10.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1, psi

START = (1.0, 10.0, 1.0, 2.5)
# Log-parameters beyond this are a sign that the data do not tell the parameter.
LOG_BOUND = 12.0


class FitError(Exception):
    """The model cannot be fitted to these customers; the message says why."""


class BgNbdFit(NamedTuple):
    """A fitted model: parameters, their standard errors and the log-likelihood."""

    r: float
    alpha: float
    a: float
    b: float
    standard_errors: tuple
    log_likelihood: float
    iterations: int

    @property
    def parameters(self):
        """The four parameters, in the order of the paper."""
        return self.r, self.alpha, self.a, self.b


def group(frequency, recency, age):
    """Return the distinct customers and how many there are of each.

    Parameters
    ----------
    frequency, recency, age : array of float, shape (n,)
        Repeat purchases, time of the last and time observed since the first one.

    Returns
    -------
    rows : array of float, shape (m, 3)
    counts : array of float, shape (m,)
    """
    rows = np.column_stack([frequency, recency, age]).astype(float)
    rows, counts = np.unique(rows, axis=0, return_counts=True)
    return rows, counts.astype(float)


def log_likelihood(parameters, rows, counts):
    """Return the log-likelihood and its gradient in the parameters.

    Parameters
    ----------
    parameters : tuple of float
        ``r``, ``alpha``, ``a``, ``b``, all positive.
    rows : array of float, shape (m, 3)
        Distinct frequency, recency and age, as :func:`group` returns them.
    counts : array of float, shape (m,)

    Returns
    -------
    value : float
    gradient : array of float, shape (4,)
    """
    r, alpha, a, b = parameters
    x, recency, age = rows.T
    bought = x > 0
    log_bought = np.log(alpha + recency)
    log_age = np.log(alpha + age)
    last = np.where(bought, b + x - 1, 1.0)
    log_alive = -(r + x) * log_age
    log_dead = np.where(bought, np.log(a / last) - (r + x) * log_bought, -np.inf)
    log_mix = np.logaddexp(log_alive, log_dead)
    value = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + betaln(a, b + x)
        - betaln(a, b)
        + log_mix
    )
    alive = np.exp(log_alive - log_mix)
    dead = 1 - alive
    common = psi(a + b) - psi(a + b + x)
    gradient = (
        psi(r + x) - psi(r) + np.log(alpha) - alive * log_age - dead * log_bought,
        r / alpha - (r + x) * (alive / (alpha + age) + dead / (alpha + recency)),
        common + dead / a,
        common + psi(b + x) - psi(b) - dead / last,
    )
    return counts @ value, np.array([counts @ part for part in gradient])


def fit(frequency, recency, age):
    """Estimate the parameters by maximum likelihood on the grouped customers.

    Parameters
    ----------
    frequency, recency, age : array of float, shape (n,)
        Repeat purchases, time of the last and time observed since the first one, in
        one unit of time.

    Returns
    -------
    BgNbdFit

    Raises
    ------
    FitError
        Nobody bought again, or the likelihood has no maximum within reason.
    """
    rows, counts = group(frequency, recency, age)
    if not (rows[:, 0] > 0).any():
        raise FitError("no customer bought again")
    scale = counts.sum()

    def objective(logs):
        parameters = np.exp(logs)
        value, gradient = log_likelihood(parameters, rows, counts)
        return -value / scale, -gradient * parameters / scale

    start = np.log(START) + [0, np.log(rows[:, 2].max() / 39), 0, 0]
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * 4,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
    )
    parameters = np.exp(found.x)
    if not np.isfinite(found.fun) or (np.abs(found.x) > LOG_BOUND - 0.01).any():
        raise FitError("the customers do not tell the parameters")
    value, _gradient = log_likelihood(parameters, rows, counts)
    errors = standard_errors(parameters, rows, counts)
    return BgNbdFit(*map(float, parameters), errors, float(value), int(found.nit))


def standard_errors(parameters, rows, counts):
    """Return the standard errors from the observed information, NaN where undefined."""
    step = 1e-4
    information = np.empty((4, 4))
    for index, parameter in enumerate(parameters):
        shift = np.zeros(4)
        shift[index] = parameter * step
        _value, up = log_likelihood(parameters + shift, rows, counts)
        _value, down = log_likelihood(parameters - shift, rows, counts)
        information[index] = -(up - down) / (2 * shift[index])
    try:
        variance = np.diag(np.linalg.inv((information + information.T) / 2))
    except np.linalg.LinAlgError:
        variance = np.full(4, np.nan)
    return tuple(np.sqrt(np.where(variance > 0, variance, np.nan)).tolist())


def _odds_dead(fitted, frequency, recency, age):
    r, alpha, a, b = fitted.parameters
    x = np.asarray(frequency, float)
    last = np.where(x > 0, b + x - 1, 1.0)
    ratio = (alpha + np.asarray(age, float)) / (alpha + np.asarray(recency, float))
    return np.where(x > 0, a / last * ratio ** (r + x), 0.0)


def probability_alive(fitted, frequency, recency, age):
    """Return the probability that each customer has not dropped out, shape (n,)."""
    return 1 / (1 + _odds_dead(fitted, frequency, recency, age))


def expected_purchases(fitted, frequency, recency, age, horizon):
    """Return the purchases expected of each customer within ``horizon``.

    Parameters
    ----------
    frequency, recency, age : array of float, shape (n,)
    horizon : float
        In the unit of time of the data.

    Returns
    -------
    array of float, shape (n,)
        Equation 10.
    """
    _r, _alpha, a, b = fitted.parameters
    x = np.asarray(frequency, float)
    # Equation 10 has a removable singularity where a is 1.
    a = a + 1e-6 if abs(a - 1) < 1e-6 else a
    part = _share_left(fitted._replace(a=a), x, np.asarray(age, float), horizon)
    expected = (a + b + x - 1) / (a - 1) * (1 - part)
    return expected / (1 + _odds_dead(fitted, frequency, recency, age))


def _share_left(fitted, x, age, horizon):
    """Return the factor of equation 10 with the hypergeometric function.

    As the paper has it, it overflows for those who buy often; by Euler's
    transformation it does where all drop out alike, when ``a`` is large. The smaller of
    the two powers is taken out.
    """
    r, alpha, a, b = fitted.parameters
    x, age = np.broadcast_arrays(x, age)
    below = a + b + x - 1
    gone = horizon / (alpha + age + horizon)
    often = r + x > a - 1
    part = np.empty(x.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        part[often] = (1 - gone[often]) ** (a - 1) * hyp2f1(
            a + b - r - 1, a - 1, below[often], gone[often]
        )
        rest = ~often
        part[rest] = (1 - gone[rest]) ** (r + x[rest]) * hyp2f1(
            r + x[rest], b + x[rest], below[rest], gone[rest]
        )
    # Both are large: all drop out with nearly the same chance.
    same = (1 + (a - 1) / below * horizon / (alpha + age)) ** -(r + x)
    return np.where(np.isfinite(part), part, same)


def probability_of_silence(fitted, frequency, recency, age, horizon):
    """Return the probability of no purchase within ``horizon``, shape (n,).

    A customer who is alive can drop out only after a purchase, so that the first
    purchase to come is that of the Poisson process alone.
    """
    r, alpha, _a, _b = fitted.parameters
    x = np.asarray(frequency, float)
    age = np.asarray(age, float)
    silent = ((alpha + age) / (alpha + age + horizon)) ** (r + x)
    alive = probability_alive(fitted, frequency, recency, age)
    return 1 - alive * (1 - silent)
