"""How the log is written: for people, for programs, and for systemd's journal with the priority of each line.

The journal takes a number in angle brackets at the beginning of a line as its priority (sd-daemon(3)), so that
``journalctl -p warning`` works without a library. It is written only where stderr is the journal's own stream.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

import click

log_option = click.option(
    "--log",
    "log_form",
    type=click.Choice(["plain", "json"]),
    default="plain",
    show_default=True,
    help="How the log is written on stderr: lines for people, or an object a line.",
)
PLAIN = "%(levelname)s %(name)s: %(message)s"
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


class JsonLines(logging.Formatter):
    """An object a line: ``time``, ``level``, ``logger``, ``message``, the ids as fields, and ``traceback`` if any."""

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        when = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        ids = getattr(record, "ids", None)
        if isinstance(ids, dict):
            line |= {name: value for name, value in ids.items() if name not in line}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Prioritised(logging.Formatter):
    """Another formatter's lines, each with the priority of its record."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """One record; each line of a traceback is a line of the journal."""
        priority = next((number for level, number in _PRIORITIES if record.levelno >= level), 7)
        return "\n".join(f"<{priority}>{line}" for line in self._inner.format(record).splitlines() or [""])


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a stream is the one that systemd connected to its journal (systemd.exec(5), ``$JOURNAL_STREAM``)."""
    named = environ.get("JOURNAL_STREAM", "")
    if not named:
        return False
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return named == f"{found.st_dev}:{found.st_ino}"


def write_as(form: str, environ: Mapping[str, str]) -> None:
    """Write the log of this process in a form (``plain`` or ``json``), for the journal where stderr is that."""
    inner = JsonLines() if form == "json" else logging.Formatter(PLAIN)
    formatter = Prioritised(inner) if is_journal(sys.stderr, environ) else inner
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler and handler.stream is sys.stderr:
            handler.setFormatter(formatter)
