"""A channel over which nothing goes through: when the operator is told, over which other channel, and in which words.

A channel's outage begins with the first failure after the last message that was accepted, and ends with the next one
that is. The operator is told once that it does not work, and once that it works again. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newswatch.alerting import notices
from newswatch.alerting.view import moment
from newswatch.alerting.wording import Words
from newswatch.config.settings import Recipient
from newswatch.errors import DeliveryError, Reason
from newswatch.model import Alert, Delivery, DeliveryState, Outage, RefusedAddress, make_id

AGAIN = timedelta(hours=1)
"""A channel that comes and goes is told of once in this time; an outage that lasts is told of when it is over."""
AGAIN_REFUSED = timedelta(days=1)
"""An address that is refused and taken by turns, such as a mailbox that is full, is told of once in this time."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Who is told over which channel."""

    recipient: Recipient
    channel: str


def failed(before: Outage | None, delivery: Delivery, error: DeliveryError, *, now: datetime) -> Outage | None:
    """How a channel stands after it did not take a message; a fault of ours says nothing of it.

    Args:
        before: how it stood.
        delivery: the message, as it goes on.
        error: why.
        now: the time it is.
    """
    if error.reason is Reason.FAULT:
        return before
    refused = delivery.state is DeliveryState.FAILED or error.reason is Reason.GONE
    known = before or Outage(delivery.channel, None, "")
    if known.since is None:
        known = replace(known, since=now, refused=False, told=None, told_over="")
    return replace(known, last_error=str(error), refused=known.refused or refused)


def over(outage: Outage) -> Outage:
    """How a channel stands after it took a message."""
    return replace(outage, since=None, refused=False, told=None, told_over="")


def dead(outage: Outage, *, dead_after: timedelta, now: datetime) -> bool:
    """Whether a channel does not work: it refused for good, or nothing has gone through for too long."""
    return outage.since is not None and (outage.refused or now - outage.since >= dead_after)


def to_tell(outage: Outage, *, dead_after: timedelta, now: datetime) -> bool:
    """Whether the operator is to be told of it now."""
    lately = outage.last_told is not None and now - outage.last_told < AGAIN
    return outage.told is None and not lately and dead(outage, dead_after=dead_after, now=now)


def told(outage: Outage, teller: Teller, *, now: datetime) -> Outage:
    """How a channel stands after the operator was told of it."""
    return replace(outage, told=now, told_over=teller.channel, last_told=now)


def teller(
    about: str, channels: Sequence[str], recipients: Sequence[Recipient], operator: str, broken: Collection[str]
) -> Teller | None:
    """Who is told of a channel, over which other one; None: there is no other that works.

    The operator's own channels come first, then the others in the order of the configuration. Over another one than
    the operator's it goes to the first recipient who has it.

    Args:
        about: the channel that does not work.
        channels: all that are configured.
        recipients: all that are configured.
        operator: the recipient who is to be told; empty: nobody in particular.
        broken: channels over which nothing goes through either.
    """
    mine = [r for r in recipients if r.id == operator]
    for recipient in (*mine, *(r for r in recipients if r.id != operator)):
        for channel in recipient.channels:
            if channel != about and channel in channels and channel not in broken:
                return Teller(recipient, channel)
    spare = next((name for name in channels if name != about and name not in broken), None)
    return None if spare is None else Teller(Recipient(id=operator or "operator", channels=(spare,)), spare)


def notice(outage: Outage, to: Teller, spoken: Words, *, waiting: int, now: datetime) -> tuple[Alert, Delivery]:
    """That a channel does not work, as an alert on its way.

    Args:
        outage: the channel.
        to: who is told.
        spoken: the words of their language.
        waiting: how many messages wait for it.
        now: the time it is.

    Raises:
        ValueError: it works.
    """
    if outage.since is None:
        raise ValueError(f"channel {outage.channel} works")
    proof = spoken.phrases["last_error"].format(error=outage.last_error)
    return _told(outage, to, spoken, "channel_dead", _said(outage, to, spoken, "channel_dead", waiting), proof, now)


def all_clear(outage: Outage, to: Teller, spoken: Words, *, waiting: int, now: datetime) -> tuple[Alert, Delivery]:
    """That it works again; for the arguments see `notice`.

    Raises:
        ValueError: it was not broken.
    """
    if outage.since is None:
        raise ValueError(f"channel {outage.channel} was not broken")
    command = f"newswatch deliveries --failed --channel {outage.channel}"
    rest = spoken.phrases["given_up"].format(kept=_kept(waiting, spoken), command=command)
    return _told(outage, to, spoken, "channel_back", _said(outage, to, spoken, "channel_back", waiting), rest, now)


def _said(outage: Outage, to: Teller, spoken: Words, what: str, waiting: int) -> str:
    """The news of it: since when, and what becomes of its messages."""
    since = "" if outage.since is None else moment(outage.since, ZoneInfo(to.recipient.timezone), spoken)
    phrase = spoken.phrases[f"{what}_since"]
    return phrase.format(channel=outage.channel, since=since, kept=_kept(waiting, spoken))


def _kept(waiting: int, spoken: Words) -> str:
    return spoken.sentence("waiting", waiting) if waiting else spoken.phrases["none_waits"]


def words(outage: Outage, channels: Collection[str], say: Callable[[datetime], str]) -> str:
    """How a broken channel stands, after its name, for a terminal or a log.

    Args:
        outage: the channel.
        channels: all that are configured.
        say: a time in words.
    """
    since = "" if outage.since is None else f" since {say(outage.since)}"
    if outage.told:
        who = f"the operator was told over {outage.told_over}"
    elif not set(channels) - {outage.channel}:
        who = "there is no other channel to tell the operator over"
    else:
        who = "the operator is not told yet"
    return f"has taken nothing{since} ({outage.last_error}); {who}"


def refusing(
    before: Mapping[str, RefusedAddress], delivery: Delivery, *, now: datetime
) -> Mapping[str, RefusedAddress]:
    """Which addresses of a channel get nothing, after it took a message for the others.

    One that has this message counts as mended, and is told of anew when it is refused later (`AGAIN_REFUSED`).

    Args:
        before: which did not, by address.
        delivery: the message, as it was sent.
        now: the time it is.
    """
    again = {a: one for a, one in before.items() if one.told is not None and now - one.told < AGAIN_REFUSED}
    return again | {
        one.address: before.get(one.address) or RefusedAddress(delivery.channel, one.address, one.answer, now)
        for one in delivery.refused
    }


def refusal_notice(
    refused: Sequence[RefusedAddress], to: Teller, spoken: Words, *, now: datetime
) -> tuple[Alert, Delivery]:
    """That a channel does not reach some of its addresses, as an alert on its way: a line for each.

    Args:
        refused: at least one, all of one channel.
        to: who is told.
        spoken: the words of their language.
        now: the time it is.
    """
    lines = [_refusal(one, spoken) for one in refused]
    return notices.notice(lines, to.recipient, to.channel, language=spoken.language, now=now)


def _refusal(one: RefusedAddress, spoken: Words) -> notices.Line:
    said = {
        name: spoken.phrases[name].format(channel=one.channel, address=one.address, answer=one.answer)
        for name in ("not_reached", "not_reached_since", "server_said")
    }
    key = make_id("own", one.channel, "not_reached", one.address, one.since.isoformat())
    return _line(key, one.channel, spoken, said["not_reached"], said["not_reached_since"], said["server_said"])


def _told(
    outage: Outage, to: Teller, spoken: Words, what: str, summary: str, proof: str, now: datetime
) -> tuple[Alert, Delivery]:
    key = make_id("own", outage.channel, what, "" if outage.since is None else outage.since.isoformat())
    line = _line(key, outage.channel, spoken, spoken.phrases[what], summary, proof)
    return notices.notice((line,), to.recipient, to.channel, language=spoken.language, now=now)


def _line(key: str, channel: str, spoken: Words, what: str, summary: str, proof: str) -> notices.Line:
    title = f"{spoken.phrases['channel'].format(channel=channel)} {what}"
    return notices.Line(key, title, summary, proof, spoken.phrases["channel_state"])


def broken(outages: Collection[Outage], *, dead_after: timedelta, now: datetime) -> Iterator[Outage]:
    """Those of the channels that do not work."""
    return (outage for outage in outages if dead(outage, dead_after=dead_after, now=now))
