"""Text that a spreadsheet shows and never runs.

Source: OWASP, CSV Injection.
"""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def literal_text(value):
    """Return the value as a cell of a CSV file that is text whatever it begins with.

    Parameters
    ----------
    value : object
        Numbers stay numbers: only text can be a formula.

    Returns
    -------
    object
        With an apostrophe before it where a spreadsheet would start a formula.
    """
    if value is None or value is False:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
