"""Pages from templates: the console's own, of which files in the user's folder win over those of the same name."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newswatch.alerting.plain import plain, safe_link
from newswatch.alerting.view import moment
from newswatch.config.paths import data_dir
from newswatch.console.assets import asset_urls
from newswatch.console.configview import bare_address
from newswatch.feeds.health import span

log = logging.getLogger(__name__)


class Renderer:
    """Renders pages; a template of the user's that fails shows newswatch's own page, and the log says why."""

    def __init__(self, user_templates: Path | None, zone: ZoneInfo) -> None:
        own = data_dir("templates")
        self._own = _environment(Environment, [own], zone)
        self._users = None
        if user_templates is not None:
            self._users = _environment(ImmutableSandboxedEnvironment, [user_templates, own], zone)

    def page(self, name: str, values: Mapping[str, object], *, now: datetime) -> str:
        """A page, or a part of one.

        Args:
            name: of the template, without ``.html.j2``.
            values: what it shows.
            now: the time it is, for “3 minutes ago”.
        """
        whole = {"assets": asset_urls(), "now": now, **values}
        if self._users is not None:
            try:
                return self._users.get_template(f"console/{name}.html.j2").render(whole)
            except Exception as error:  # noqa: BLE001 - a template is the user's code and may raise anything at all
                log.error("your template console/%s.html.j2 failed, so newswatch's own is shown: %s", name, error)  # noqa: TRY400
        return self._own.get_template(f"console/{name}.html.j2").render(whole)


def _environment(kind: type[Environment], folders: Sequence[Path], zone: ZoneInfo) -> Environment:
    """Only the user's templates need the sandbox, which takes half the time of rendering."""
    environment = kind(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def when(at: datetime) -> str:
        return moment(at, zone)

    def clock(at: datetime) -> str:
        return f"{at.astimezone(zone):%H:%M}"

    def day(at: datetime) -> str:
        local = at.astimezone(zone)
        return f"{local:%A} {local.day} {local:%B %Y}"

    environment.filters |= {
        "when": when, "clock": clock, "day": day, "ago": ago, "iso": iso, "count": count, "link": safe_link,
        "plain": plain, "language": language, "until": until, "span": span, "bare": bare_address,
    }  # fmt: skip
    return environment


def iso(at: datetime) -> str:
    """For ``<time datetime>``."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def ago(at: datetime, now: datetime) -> str:
    """``just now``, ``5 minutes ago``, ``3 hours ago``, ``2 days ago``."""
    past = max(now - at, timedelta())
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if past >= length:
            return f"{count(past // length, unit)} ago"
    return "just now"


def until(at: datetime, now: datetime) -> str:
    """``in 5 minutes``, ``in 3 hours``; ``now`` for what is over."""
    return f"in {span(at - now)}" if at > now else "now"


def count(number: int, noun: str) -> str:
    """``1 day``, ``1,200 days``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}s"


_LANGUAGES = {
    "en": "English", "ru": "Russian", "uk": "Ukrainian", "de": "German", "fr": "French", "es": "Spanish",
    "pl": "Polish", "tr": "Turkish", "ky": "Kyrgyz", "kk": "Kazakh", "ar": "Arabic",
    "it": "Italian", "pt": "Portuguese",
}  # fmt: skip


def language(code: str) -> str:
    """A language's English name, or its code."""
    return _LANGUAGES.get(code, code)
