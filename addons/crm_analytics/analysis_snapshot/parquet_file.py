"""The analytics snapshot as a Parquet file, for the engine elsewhere or a warehouse."""

import io

import numpy as np

try:
    import pyarrow
    import pyarrow.parquet
except ImportError:
    pyarrow = None


def is_available():
    """Return whether the Python package that writes Parquet is installed."""
    return pyarrow is not None


def write(columns, facts):
    """Return the bytes of a Parquet file.

    Parameters
    ----------
    columns : dict of str to array, shape (n,)
        One row per customer.
    facts : dict of str to str
        What is true of the whole file, such as the company and the cut-off date.
    """
    table = pyarrow.table(
        {name: pyarrow.array(array) for name, array in columns.items()}
    )
    table = table.replace_schema_metadata(facts)
    with io.BytesIO() as target:
        pyarrow.parquet.write_table(table, target, compression="zstd")
        return target.getvalue()


def read(data):
    """Return the columns as arrays, shape (n,), and the facts of :func:`write`."""
    table = pyarrow.parquet.read_table(io.BytesIO(data))
    facts = {
        key.decode(): value.decode()
        for key, value in (table.schema.metadata or {}).items()
    }
    return {name: np.asarray(table[name]) for name in table.column_names}, facts
