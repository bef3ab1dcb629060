"""Which mute holds for a development. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newswatch.model import Mute


def muted(mutes: Sequence[Mute], recipient: str, event: str, topic: str, now: datetime) -> Mute | None:
    """The mute that lasts longest of those that hold for a development and a recipient, or None."""
    holding = [
        mute
        for mute in mutes
        if mute.made <= now < mute.until
        and mute.event in {"", event}
        and mute.topic in {"", topic}
        and mute.recipient in {"", recipient}
    ]
    return max(holding, key=lambda mute: mute.until, default=None)


def scope(mute: Mute) -> str:
    """What a mute is about, as it is typed: ``flood``, ``flood/tolls``, ``topic tolls``; and for whom."""
    what = f"{mute.event}/{mute.topic}" if mute.event and mute.topic else mute.event
    what = what or (f"topic {mute.topic}" if mute.topic else "everything")
    return f"{what} for {mute.recipient}" if mute.recipient else what
