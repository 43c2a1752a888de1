"""When a waiting participant goes on: plain arithmetic on dates, without records."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

UTC = ZoneInfo("UTC")


def after_period(start, number, unit):
    """Return the time ``number`` units after ``start``.

    :param datetime start: in UTC, without time zone as Odoo stores it
    :param str unit: minutes, hours, days, weeks or months; a month after the 31st of
        January is the last of February
    """
    return start + relativedelta(**{unit: number})


def next_slot(start, hour, weekday=None, zone="UTC"):
    """Return the first time at or after ``start`` that is ``hour`` on ``weekday``.

    :param datetime start: in UTC, without time zone
    :param float hour: local hour, 9.5 for half past nine
    :param int weekday: 0 for Monday; None for any day
    :param str zone: the customer's time zone
    :return: UTC, without time zone. An hour that the change to summer time leaves out
        becomes the one after it.
    """
    zone = ZoneInfo(zone)
    local = start.replace(tzinfo=UTC).astimezone(zone)
    minutes = round(hour * 60)
    wall = time(minutes // 60 % 24, minutes % 60)
    day = local.date()
    if weekday is not None:
        day += timedelta((weekday - day.weekday()) % 7)
    step = timedelta(1 if weekday is None else 7)
    while True:
        moment = datetime.combine(day, wall, zone).astimezone(UTC).replace(tzinfo=None)
        if moment >= start:
            return moment
        day += step
