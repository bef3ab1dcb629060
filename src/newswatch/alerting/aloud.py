"""Routes and lengths of time in words, as a person says them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from newswatch.config.settings import Recipient


def short(length: timedelta) -> str:
    """``15m``, ``2h``, ``1d``: as the configuration writes it."""
    seconds = round(length.total_seconds())
    size, unit = next(((s, u) for s, u in ((86400, "d"), (3600, "h"), (60, "m")) if seconds % s == 0), (1, "s"))
    return f"{seconds // size}{unit}" if seconds else "0s"


def sentences(recipient: Recipient) -> Iterator[str]:
    """A route, read aloud: who is told of what at once, what comes later, and over which channels."""
    what = f"{listed(recipient.events)}" if recipient.events else "every event"
    topics = f", topics {listed(recipient.topics)}" if recipient.topics else ""
    level = {"alert": "what is `alert`", "digest": "everything", "silent": "everything"}[recipient.alert_from]
    if recipient.digest is None:
        yield f"Told at once of everything in {what}{topics}, over {listed(recipient.channels)}."
    elif level == "everything":
        yield f"Told at once of everything in {what}{topics}, over {listed(recipient.channels)}."
        yield f"What is muted goes into the digest (cron {recipient.digest.cron}, {recipient.timezone})."
    else:
        yield f"Told at once of {level} in {what}{topics}, over {listed(recipient.channels)}."
        yield f"The rest comes in the digest (cron {recipient.digest.cron}, {recipient.timezone})."
    if recipient.group_wait:
        yield f"What comes within {short(recipient.group_wait)} is one alert."
    if recipient.at_most:
        yield f"At most {recipient.at_most}; more is merged."
    for quiet in recipient.quiet:
        days = f" on {listed(quiet.days)}" if quiet.days else ""
        but = f", except {listed(quiet.except_)}" if quiet.except_ else ""
        yield f"Quiet from {quiet.from_:%H:%M} until {quiet.until:%H:%M}{days}{but} ({recipient.timezone})."
    if recipient.escalate:
        after = short(recipient.escalate.after)
        yield f"An urgent alert that is not acknowledged within {after} is told to {recipient.escalate.to}."


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
