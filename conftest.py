"""Settings of every test, wherever it stands."""

from hypothesis import settings

import template_databases

# How long an example takes says more about the machine than about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Their tests run on a database of their own, see tests/scale/test_queue_job.py.
collect_ignore = [
    str(folder)
    for name, folder in template_databases.own_addons().items()
    if name not in template_databases.suite_addons()
]
