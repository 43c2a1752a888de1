"""The public data sets beside the project, whose licences do not let them be shipped.

Nothing of Odoo and nothing of the addon: the quality report reads them by it too.
"""

import csv
import gzip
import os
from datetime import date
from pathlib import Path
from unittest import SkipTest

import numpy as np


def find_folder():
    """Return the folder of the data, or nothing."""
    folders = [parent / "shared" / "data" for parent in Path(__file__).parents]
    if os.environ.get("CRM_SHARED_DATA"):
        folders.insert(0, Path(os.environ["CRM_SHARED_DATA"]))
    return next((folder for folder in folders if folder.is_dir()), None)


def read(name):
    """Return the rows of a data set as dictionaries; skip where it is absent."""
    folder = find_folder()
    if not folder:
        raise SkipTest("no public data: set CRM_SHARED_DATA to their folder")
    with gzip.open(folder / f"{name}.csv.gz", "rt", newline="") as file:
        return list(csv.DictReader(file))


def day_number(text, start):
    return (date.fromisoformat(text[:10]) - start).days


def read_cdnow(name="cdnow_transactions", customer="customer_id"):
    """Return the purchases of CDNOW to build a history of; day 0 is 1997-01-01."""
    rows = read(name)
    _codes, who = np.unique([row[customer] for row in rows], return_inverse=True)
    days = [day_number(row["date"], date(1997, 1, 1)) for row in rows]
    return {
        "customer": who,
        "day": np.array(days),
        "value": np.array([float(row["spend"]) for row in rows]),
    }


class Pipeline:
    """Opportunities with a day of beginning, prices as amounts; day 0 is 2016-10-01."""

    START = date(2016, 10, 1)
    LAST_DAY = 456

    def __init__(self, not_closed):
        prices = {
            row["product"].replace(" ", ""): float(row["sales_price"])
            for row in read("crm_pipeline_products")
        }
        rows = [row for row in read("crm_pipeline_opportunities") if row["engage_date"]]
        self.agents, agent = np.unique(
            [row["sales_agent"] for row in rows], return_inverse=True
        )
        days = [
            [
                day_number(row[name], self.START) if row[name] else not_closed
                for row in rows
            ]
            for name in ("engage_date", "close_date")
        ]
        self.deals = {
            "opened": np.array(days[0]),
            "closed": np.array(days[1]),
            "won": np.array([row["deal_stage"] == "Won" for row in rows]),
            "amount": np.array(
                [prices[row["product"].replace(" ", "")] for row in rows]
            ),
            "group": agent,
        }


class OnlineRetail:
    """Sales of goods to known customers, and what came back; day 0 is 2010-12-01."""

    START = date(2010, 12, 1)
    CUT = (date(2011, 9, 9) - START).days

    def __init__(self):
        rows = [row for row in read("online_retail_lines") if row["customer_id"]]
        self.customers, who = np.unique(
            [row["customer_id"] for row in rows], return_inverse=True
        )
        self.items, item = np.unique(
            [row["stock_code"] for row in rows], return_inverse=True
        )
        day = np.array([day_number(row["invoice_date"], self.START) for row in rows])
        quantity = np.array([int(row["quantity"]) for row in rows])
        price = np.array([float(row["unit_price"]) for row in rows])
        sold, back = (quantity > 0) & (price > 0), quantity < 0
        # Codes such as POST and M are no goods.
        goods = sold & np.array([row["stock_code"][:5].isdigit() for row in rows])
        self.goods = who[goods], item[goods], day[goods]
        self.purchases = {
            "customer": who[sold],
            "day": day[sold],
            "value": (quantity * price)[sold],
            "customer_count": self.customers.size,
            "signals": {"returned": (who[back], day[back])},
        }
