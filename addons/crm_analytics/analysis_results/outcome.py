"""What an analysis hands back: figures for its run and columns for the profiles."""

from typing import NamedTuple

import numpy as np


class Outcome(NamedTuple):
    """The result of ``_analyse_<kind>``.

    :param method: what was computed, in words; translated
    :param summary: the result in a sentence or two; translated
    :param quality: ``{key: number}``, how well it did; a run shows and compares them
    :param charts: what the run shows, see :mod:`.charts`
    :param profile_ids: the profiles that have a result, shape (n,)
    :param columns: ``{field of the profile: array, shape (n,)}``; not a number and
        empty text become an empty field
    :param rows: columns of what the analysis writes elsewhere than to the profiles:
        arrays with a row for each profile, or all of one length without profiles
    """

    method: str
    summary: str
    quality: dict
    charts: tuple = ()
    profile_ids: np.ndarray = np.empty(0, int)
    columns: dict = {}
    rows: dict = {}
