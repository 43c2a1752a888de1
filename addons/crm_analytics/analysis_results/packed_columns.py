"""Columns of many profiles in few bytes, to be written again later."""

import io

import numpy as np

# The name under which the ids of the profiles are packed; no field has it.
IDS = "-"
# Before the names of columns that are not of the profiles.
ROWS = "@"


def pack(profile_ids, columns):
    """Return the ids and columns as compressed bytes (NumPy's own format)."""
    arrays = {name: _typed(values) for name, values in columns.items()}
    with io.BytesIO() as target:
        np.savez_compressed(
            target, **{IDS: np.asarray(profile_ids, np.int32)}, **arrays
        )
        return target.getvalue()


def unpack(data):
    """Return the ids, shape (n,), and the columns that were packed."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        columns = {name: arrays[name] for name in arrays.files}
    return columns.pop(IDS), columns


def listed(values):
    """Return a list for the database: what is missing becomes None."""
    values = np.asarray(values)
    if values.dtype.kind == "f":
        plain = values.astype(object)
        plain[np.isnan(values)] = None
        return plain.tolist()
    if values.dtype.kind in "OU":
        return [value or None for value in values.tolist()]
    return values.tolist()


def _typed(values):
    values = np.asarray(values)
    if values.dtype.kind != "O":
        return values
    return np.array(["" if value is None else value for value in values], dtype=str)
