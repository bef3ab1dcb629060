"""``newswatch feeds import`` and ``export``: the list of feeds from and for other feed readers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from newswatch.alerting.aloud import short
from newswatch.cli import EXIT_DONE
from newswatch.cli.common import clock, config_option, plural
from newswatch.cli.subscribe import RELOAD
from newswatch.config.load import Loaded, find_config, load_config
from newswatch.config.values import http_address, parse_duration
from newswatch.errors import NewswatchError
from newswatch.feeds.text import one_line
from newswatch.subscriptions.addresses import key, known, new_id
from newswatch.subscriptions.file import change, write_whole
from newswatch.subscriptions.opml import MAX_BYTES, Subscription, read_opml, write_opml
from newswatch.subscriptions.yamltext import NewFeed, added

_LOGIN = re.compile(r"//[^/?#]*@")


@dataclass(frozen=True)
class _Skipped:
    """A feed of the file that is not taken, and why."""

    feed: Subscription
    why: str


@click.command(
    "import",
    epilog="\b\nExamples:\n"
    "  newswatch feeds import feedly.opml --dry-run     what would be taken, and what not\n"
    "  newswatch feeds import feedly.opml\n"
    "  newswatch feeds check                            whether they answer\n",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be taken; change nothing.")
@config_option
def import_(file: Path, dry_run: bool, config: Path | None) -> int:
    """Take over the feeds of an OPML file.

    As Feedly, Inoreader, Miniflux, NetNewsWire, FreshRSS and others export it; folders are looked through. Each feed
    is said, taken or skipped and why: one that is here already (also with http for https, or another closing slash)
    is skipped. A category that is the id of one of your events limits the feed to it. The feeds are not asked:
    `newswatch feeds check` does that. All are written at once, or nothing is.
    """
    path, loaded = find_config(config, os.environ), load_config(config, os.environ)
    outlines = read_opml(_read(file), str(file))
    for doubt in outlines.doubts:
        click.echo(f"{file}: {doubt}", err=True)
    taken: list[NewFeed] = []
    for one in _sorted_out(loaded, outlines.feeds):
        if isinstance(one, NewFeed):
            taken.append(one)
            click.echo(f"take  {one.id}  {one.url}" + (f"  {one.title}" if one.title else ""))
        else:
            click.echo(f"skip  {_bare(one.feed.url)} (line {one.feed.line}): {one.why}")
    change(path, os.environ, lambda text: added(text, taken, path), write=not dry_run)
    skipped = len(outlines.feeds) - len(taken)
    said = f"{plural(len(taken), 'feed')} {'would be ' if dry_run else ''}taken, {skipped} skipped"
    click.echo(said + ("" if dry_run or not taken else f". They are in {path}. {RELOAD}"), err=True)
    return EXIT_DONE


def _bare(url: str) -> str:
    """An address for a terminal: without a login, which may be a password, and without control characters."""
    return _LOGIN.sub("//…@", one_line(url))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise NewswatchError(f"{file} cannot be read: {error.strerror}") from error


def _sorted_out(loaded: Loaded, feeds: tuple[Subscription, ...]) -> Iterator[NewFeed | _Skipped]:
    had = known(loaded, {})
    names = {name for name, _ in loaded.feeds}
    events = {event.event for event in loaded.events}
    for feed in feeds:
        url = _web(feed.url)
        try:
            http_address(url)
        except ValueError as error:
            yield _Skipped(feed, str(error))
            continue
        if key(url) in had:
            yield _Skipped(feed, f"is here already, as `{had[key(url)]}`")
            continue
        feed_id = new_id(url, names, feed.id)
        names.add(feed_id)
        had[key(url)] = feed_id
        title = "" if feed.title == feed.id else feed.title
        yield NewFeed(
            url=url,
            id=feed_id,
            title=title,
            language=_language(feed.language),
            interval=_interval(feed.interval),
            events=tuple(name for name in feed.categories if name in events),
        )


def _web(url: str) -> str:
    """``feed:`` in front of an address is what old readers made of it."""
    if url.lower().startswith("feed:"):
        url = url[5:]
        return url if "://" in url else f"http:{url if url.startswith('//') else f'//{url}'}"
    return url


def _language(stated: str) -> str:
    code = one_line(stated).partition("-")[0]
    return code if code.isascii() and code.isalpha() and 2 <= len(code) <= 3 else ""


def _interval(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError:
        return ""
    return text


@click.command(
    epilog="\b\nExamples:\n  newswatch feeds export feeds.opml\n  newswatch feeds export | gzip > feeds.opml.gz\n"
)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@config_option
def export(file: Path | None, config: Path | None) -> int:
    """Write the feeds as OPML 2.0, for another feed reader or another newswatch.

    To stdout without FILE. Each feed with its title, address and language, and its events as categories; its id and
    interval stand beside them in newswatch's own namespace, so that `newswatch feeds import` gives the same feeds
    again. Headers and logins are left out: they may be secrets. An existing file is only replaced if it is OPML too.
    """
    loaded = load_config(config, os.environ)
    text = write_opml(_subscriptions(loaded), title="newswatch", now=clock())
    hidden = [name for name, feed in loaded.feeds if feed.headers or feed.headers_env or feed.username]
    if hidden:
        click.echo(f"left out, since they may be secrets: headers and logins of {', '.join(hidden)}", err=True)
    if file is None:
        click.echo(text, nl=False)
        return EXIT_DONE
    if file.exists() and not _is_opml(file):
        raise NewswatchError(f"{file} is there already, and is no OPML; name another file")
    write_whole(file, text.encode())
    click.echo(f"{plural(len(loaded.feeds), 'feed')} in {file}", err=True)
    return EXIT_DONE


def _is_opml(file: Path) -> bool:
    try:
        read_opml(_read(file), str(file))
    except NewswatchError:
        return False
    return True


def _subscriptions(loaded: Loaded) -> Iterator[Subscription]:
    for name, feed in loaded.feeds:
        yield Subscription(
            url=feed.url,
            title=feed.title,
            language=feed.language,
            categories=feed.events,
            id=name,
            interval=short(feed.interval) if feed.interval else "",
        )
