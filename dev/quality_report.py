"""Write docs/quality.html and docs/quality.json: how good the analyses are.

``make report`` calls this. It needs the public data sets, which may not be shipped:
the folder ../shared/data beside the project, or the one in CRM_SHARED_DATA.
"""

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDON = ROOT / "addons" / "crm_analytics"
# The engine and the reader of the data are plain Python: no Odoo is needed.
sys.path[:0] = [str(ADDON), str(ADDON / "tests")]

import shared_data  # noqa: E402

from quality import (  # noqa: E402
    baskets,
    campaigns,
    cdnow,
    contracts,
    deals,
    online_retail,
    page,
)

SECTIONS = (
    cdnow.describe_buying,
    cdnow.describe_value,
    cdnow.describe_silence,
    online_retail.describe_churn,
    contracts.describe_retention,
    online_retail.describe_recommendation,
    baskets.describe_affinity,
    campaigns.describe_uplift,
    campaigns.describe_leads,
    online_retail.describe_revenue,
    contracts.describe_contacts,
    deals.describe_pipeline,
)


def main():
    if not shared_data.find_folder():
        sys.exit(
            "The public data sets are not here. Put them into ../shared/data beside "
            "the project, or name their folder in CRM_SHARED_DATA, and call again."
        )
    sections = []
    for describe in SECTIONS:
        started = time.monotonic()
        sections.append(describe())
        print(f"{sections[-1].title}: {time.monotonic() - started:.1f} s", flush=True)
    docs = ROOT / "docs"
    (docs / "quality.html").write_text(page.to_html(sections))
    figures = json.dumps(page.to_json(sections), indent=2, ensure_ascii=False)
    (docs / "quality.json").write_text(figures + "\n")
    print(f"Written: {docs / 'quality.html'} and quality.json")


if __name__ == "__main__":
    main()
