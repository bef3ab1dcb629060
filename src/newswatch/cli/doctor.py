"""``newswatch doctor``: what is well and what is not, in plain words."""

from __future__ import annotations

import asyncio
import json
import os
import textwrap
from dataclasses import asdict
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE, EXIT_FAILED
from newswatch.cli.common import clock, columns, config_option, json_option, plural
from newswatch.config.load import load_config
from newswatch.doctor import Finding, Grade, examine

_MARKS = {Grade.OK: "ok  ", Grade.WARN: "warn", Grade.BAD: "BAD "}
_WIDTH = 16


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch doctor               every check, a line or two each\n"
    "  newswatch doctor --problems    only what is not well\n"
)
@click.option("--problems", is_flag=True, help="Only what is not well.")
@config_option
@json_option
def doctor(problems: bool, config: Path | None, as_json: bool) -> int:
    """Look for what keeps newswatch from working.

    Checks the configuration, the disk, the store, whether the service runs, the clock, the hosts of all feeds (name,
    certificate, answer), and every channel as far as that goes without sending: a mail server up to the login. Changes
    nothing, sends nothing. Exit code 0: nothing is bad. 1: something is. 2: the configuration has mistakes.
    """
    loaded = load_config(config, os.environ)
    feeds, events, ways = (plural(len(some), name) for some, name in (
        (loaded.feeds, "feed"), (loaded.events, "event"), (loaded.channels, "channel")))  # fmt: skip
    found = [Finding(Grade.OK, "configuration", f"{loaded.path}: {feeds}, {events}, {ways}")]
    found += [Finding(Grade.WARN, "configuration", str(doubt)) for doubt in loaded.doubts]
    found += asyncio.run(examine(loaded, environ=os.environ, clock=clock))
    bad = sum(one.grade is Grade.BAD for one in found)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
        return EXIT_FAILED if bad else EXIT_DONE
    for one in found:
        if not problems or one.grade is not Grade.OK:
            click.echo(_line(one))
    warned = sum(one.grade is Grade.WARN for one in found)
    click.echo(f"{plural(bad, 'thing')} bad, {warned} to look at, {len(found) - bad - warned} well")
    return EXIT_FAILED if bad else EXIT_DONE


def _line(one: Finding) -> str:
    start = f"{_MARKS[one.grade]}  {one.what:<{_WIDTH}} "
    return textwrap.fill(one.says, columns(), initial_indent=start, subsequent_indent=" " * (_WIDTH + 7))
