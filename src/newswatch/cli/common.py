"""What several commands share: options, the clock, the store opened and closed."""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from newswatch.alerting.view import moment
from newswatch.config.event import Event
from newswatch.config.load import Loaded
from newswatch.config.values import parse_duration
from newswatch.store import Store, open_store

config_option = click.option(
    "--config",
    "-c",
    "config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration. Left out: $NEWSWATCH_CONFIG, ./newswatch.yaml, ./config/newswatch.yaml, "
    "then the user's and the system's configuration folders.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for another program.")


def clock() -> datetime:
    """The one clock of newswatch."""
    return datetime.now(UTC)


def who() -> str:
    """The person at the terminal, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"


def at(when: datetime, zone: str = "UTC") -> str:
    """``Fri 9 Aug 2019, 12:05 UTC+6``, as alerts write it."""
    return moment(when, ZoneInfo(zone))


class Length(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A duration, such as 30s, 10m, 2h or 1d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Parse as the configuration does."""
        try:
            length = parse_duration(value)
        except ValueError as error:
            self.fail(f"{value!r} {error}", param, ctx)
        if not isinstance(length, timedelta):
            self.fail(f"{value!r} is not a duration; write for example 2h", param, ctx)
        return length


class Moment(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A time with a zone, such as 2019-08-08T12:00:00Z."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Parse ISO 8601; a time without a zone is refused, since another machine would read it differently."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time; write for example 2019-08-08T12:00:00Z", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no time zone; write for example {value}Z or {value}+06:00", param, ctx)
        return moment.astimezone(UTC)


@contextmanager
def opened(loaded: Loaded, *, what: str | None = None) -> Iterator[Store]:
    """The configured store, closed at the end.

    Args:
        loaded: the configuration.
        what: the command that will write, which takes the store's lock; None only reads.

    Raises:
        StoreError: it cannot be opened, or (`StoreLocked`) another newswatch works with it.
    """
    store = open_store(loaded.settings.store.url, base=loaded.base, now=clock())
    try:
        if what is None:
            yield store
        else:
            with store.lock(what, clock()):
                yield store
    finally:
        store.close()


def chosen_events(loaded: Loaded, event: str | None) -> tuple[Event, ...]:
    """The configured events, or the one that is named.

    Raises:
        click.UsageError: none is called so.
    """
    chosen = tuple(one for one in loaded.events if event in (None, one.event))
    if not chosen:
        known = ", ".join(one.event for one in loaded.events) or "none"
        raise click.UsageError(f"no event is called {event!r}; configured: {known}")
    return chosen


def columns() -> int:
    """How wide the terminal is, within reason; 100 where there is none. ``COLUMNS`` overrides."""
    return max(shutil.get_terminal_size((100, 24)).columns, 40)


def plural(count: int, noun: str) -> str:
    """``1 feed``, ``2 feeds``, ``3 stories``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}{'es' if noun.endswith('s') else 's'}"
