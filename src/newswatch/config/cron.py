"""Five cron fields as a trigger, weekdays counted as cron does."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@lru_cache(maxsize=256)
def cron_trigger(cron: str, timezone: str) -> CronTrigger:
    """The trigger for five cron fields, weekdays counted as cron does (0 and 7 are Sunday).

    APScheduler counts weekdays from Monday, also in ``from_crontab``; names are safe, so numbers become names.

    Raises:
        ValueError: these are no five cron fields, or the zone is unknown.
    """
    minute, hour, day, month, weekday = cron.split()
    return CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=ZoneInfo(timezone)
    )


def _weekdays(field: str) -> str:
    """``1-5`` becomes ``mon,tue,wed,thu,fri``; a field of names or stars alone stays as it is."""
    if not any(character.isdigit() for character in field):
        return field
    days: dict[str, None] = {}
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        low = 0 if first == "*" else _weekday(first)
        high = 6 if first == "*" else _weekday(last or ("7" if step else first))
        if step == "0":
            raise ValueError("a step of 0 leads nowhere")
        days |= dict.fromkeys(_DAYS[number % 7] for number in range(low, high + 1, int(step or 1)))
    return ",".join(days)


def _weekday(text: str) -> int:
    number = _DAYS.index(text) if text in _DAYS else int(text)
    if not 0 <= number <= 7:
        raise ValueError(f"there is no weekday {number}")
    return number
