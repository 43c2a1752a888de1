"""The gamma-gamma model of the value of a purchase.

The values of a customer's purchases are gamma distributed (``p``), their scale is
gamma distributed over customers (``q``, ``v``), independent of how often he buys.

Source: P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value (2013),
equations 1a and 5.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from .bg_nbd import LOG_BOUND, FitError

FEWEST_CUSTOMERS = 10


class GammaGammaFit(NamedTuple):
    """A fitted model and its log-likelihood."""

    p: float
    q: float
    v: float
    log_likelihood: float

    @property
    def parameters(self):
        """The three parameters, in the order of the paper."""
        return self.p, self.q, self.v


def log_likelihood(parameters, frequency, value):
    """Return the log-likelihood and its gradient in ``p``, ``q`` and ``v``.

    Parameters
    ----------
    parameters : tuple of float
    frequency : array of float, shape (n,)
        Purchases averaged, all positive.
    value : array of float, shape (n,)
        Mean value of these purchases, all positive.
    """
    p, q, v = parameters
    x, z = frequency, value
    total = np.log(v + x * z)
    likelihood = (
        gammaln(p * x + q)
        - gammaln(p * x)
        - gammaln(q)
        + q * np.log(v)
        + (p * x - 1) * np.log(z)
        + p * x * np.log(x)
        - (p * x + q) * total
    )
    both = psi(p * x + q)
    gradient = (
        x * (both - psi(p * x) + np.log(z) + np.log(x) - total),
        both - psi(q) + np.log(v) - total,
        q / v - (p * x + q) / (v + x * z),
    )
    return likelihood.sum(), np.array([part.sum() for part in gradient])


def fit(frequency, value):
    """Estimate the parameters by maximum likelihood on those who bought again.

    Parameters
    ----------
    frequency : array of float, shape (n,)
        Repeat purchases.
    value : array of float, shape (n,)
        Mean value of the repeat purchases.

    Returns
    -------
    GammaGammaFit

    Raises
    ------
    FitError
        Too few customers bought again at a positive value, or no maximum was found.
    """
    frequency, value = np.asarray(frequency, float), np.asarray(value, float)
    usable = (frequency > 0) & (value > 0)
    if usable.sum() < FEWEST_CUSTOMERS:
        raise FitError(f"fewer than {FEWEST_CUSTOMERS} customers bought again")
    x = frequency[usable]
    # Scaled to a mean of one: the search is then the same for euro and for yen.
    unit = value[usable].mean()
    z = value[usable] / unit

    def objective(logs):
        parameters = np.exp(logs)
        likelihood, gradient = log_likelihood(parameters, x, z)
        return -likelihood / x.size, -gradient * parameters / x.size

    found = minimize(
        objective,
        np.log([2.0, 3.0, 1.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * 3,
        options={"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-9},
    )
    p, q, v = np.exp(found.x)
    if not np.isfinite(found.fun) or q <= 1:
        raise FitError("the values do not tell the parameters")
    # Back in the unit of the data, of whose logarithm each density pays once.
    total = -found.fun * x.size - np.log(unit) * x.size
    return GammaGammaFit(float(p), float(q), float(v * unit), float(total))


def standard_errors(fitted, frequency, value):
    """Return the standard errors of ``p``, ``q`` and ``v``, NaN where undefined.

    From the observed information, by differences of the gradient.
    """
    frequency, value = np.asarray(frequency, float), np.asarray(value, float)
    usable = (frequency > 0) & (value > 0)
    point = np.array(fitted.parameters)
    information = np.empty((3, 3))
    for index, step in enumerate(point * 1e-4):
        shift = np.zeros(3)
        shift[index] = step
        up, down = (
            log_likelihood(point + side * shift, frequency[usable], value[usable])[1]
            for side in (1, -1)
        )
        information[index] = -(up - down) / (2 * step)
    try:
        variance = np.diag(np.linalg.inv((information + information.T) / 2))
    except np.linalg.LinAlgError:
        variance = np.full(3, np.nan)
    return tuple(np.sqrt(np.where(variance > 0, variance, np.nan)).tolist())


def expected_value(fitted, frequency, value):
    """Return the value expected of each customer's next purchase, shape (n,).

    The customer's own mean, drawn to that of all: equation 5.
    """
    p, q, v = fitted.parameters
    x = np.asarray(frequency, float)
    z = np.where(x > 0, np.asarray(value, float), 0.0)
    return p * (v + x * z) / (p * x + q - 1)
