"""``newswatch feeds add``, ``remove`` and ``discover``: the list of feeds, changed from the command line."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE, EXIT_FAILED
from newswatch.cli.common import at, clock, config_option, json_option, opened, plural
from newswatch.config.access import Access, access
from newswatch.config.load import Loaded, find_config, load_config
from newswatch.config.settings import Feed, Polling
from newswatch.config.values import http_address, parse_duration
from newswatch.errors import ConfigError, NewswatchError, StoreError
from newswatch.feeds.fetch import PLAINLY, Fetcher
from newswatch.feeds.text import one_line
from newswatch.model import FeedState, HostState
from newswatch.store import is_there
from newswatch.subscriptions.addresses import key, known, new_id
from newswatch.subscriptions.file import change
from newswatch.subscriptions.probe import Answer, ask, ask_all
from newswatch.subscriptions.yamltext import NewFeed, added, removed

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LATER = "; it is tried again later"
RELOAD = "A running service takes it at its next reload (systemctl reload newswatch)."


@dataclass(frozen=True)
class Remembered:
    """What the store has of the configured feeds and of servers; nothing where there is no store yet: none is made."""

    feeds: Mapping[str, FeedState] = field(default_factory=dict)
    hosts: tuple[HostState, ...] = ()


def remembered(loaded: Loaded) -> Remembered:
    """Read what is remembered.

    Raises:
        StoreError: the store is there, and cannot be read.
    """
    if not is_there(loaded.settings.store.url, base=loaded.base):
        return Remembered()
    with opened(loaded) as store:
        return Remembered(store.feed_states([feed_id for feed_id, _ in loaded.feeds]), store.hosts())


def reason(error: NewswatchError | None) -> str:
    """Why an address gave no feed, where nothing will try it again."""
    return str(error or "").removesuffix(_LATER)


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch feeds add https://feeds.bbci.co.uk/news/world/rss.xml\n"
    "  newswatch feeds add https://kloop.kg --first          the first feed of a web page\n"
    "  newswatch feeds add https://tass.ru/rss/v2.xml --id tass --title ТАСС --interval 5m\n"
)
@click.argument("url")
@click.option("--id", "feed_id", default="", help="Its short name; made from its host when left out.")
@click.option("--title", default="", help="The publisher as alerts name it; the feed's own title when left out.")
@click.option("--language", default="", help="en, ru …; what the feed states when left out.")
@click.option("--interval", default="", metavar="DURATION", help="How often it is polled: 5m; polling.interval if not.")
@click.option("--first", is_flag=True, help="Of a web page with several feeds, take the first.")
@config_option
def add(url: str, feed_id: str, title: str, language: str, interval: str, first: bool, config: Path | None) -> int:
    """Add a feed, or the feed of a web page.

    The address is asked at once, as polling would ask it. A feed is written into the configuration, behind the
    others; nothing else in the file changes, and nothing at all does where the configuration would have a mistake
    afterwards. A web page is searched for its feeds: if it has several, they are listed, each with the command that
    takes it. Exit code 0: added. 1: there is no feed, it is there already, or you have to choose.
    """
    path, loaded = find_config(config, os.environ), load_config(config, os.environ)
    wished = _wished(loaded, feed_id, title, language, interval)
    url = _address(url)
    kept = Remembered()
    with suppress(StoreError):
        # Only where feeds moved to, and which servers want to be left alone, is read from it.
        kept = remembered(loaded)
    had = known(loaded, kept.feeds)
    _refuse_known(url, had)
    answers = asyncio.run(_feeds_at(url, _asking(loaded), kept.hosts))
    if len(answers) > 1 and not first:
        _let_choose(url, answers, had, config)
        return EXIT_FAILED
    answer = answers[0]
    for address in (answer.url, answer.address, answer.fetched.url if answer.fetched else ""):
        _refuse_known(address, had)
    new = _new_feed(loaded, wished, answer)
    change(path, os.environ, lambda text: added(text, [new], path))
    if answer.address != answer.url:
        click.echo(f"{answer.url} has moved to {answer.address} for good: that is what was written", err=True)
    click.echo(f"added {new.id}: {new.url} ({described(answer)})")
    click.echo(f"It is in {path}. {RELOAD}", err=True)
    return EXIT_DONE


def _wished(loaded: Loaded, feed_id: str, title: str, language: str, interval: str) -> NewFeed:
    """What the options say, checked before anything is asked."""
    if feed_id and not _ID.fullmatch(feed_id):
        raise click.BadParameter(
            f"{feed_id!r} is no short name; lower-case letters, digits, - and _, at most 64", param_hint="--id"
        )
    if feed_id in {name for name, _ in loaded.feeds}:
        raise click.BadParameter(f"another feed is called {feed_id!r}; choose another name", param_hint="--id")
    if language and not _LANGUAGE.fullmatch(language):
        raise click.BadParameter(f"{language!r} is no language code; write for example ru", param_hint="--language")
    if interval:
        try:
            parse_duration(interval)
        except ValueError as error:
            raise click.BadParameter(f"{interval!r} {error}", param_hint="--interval") from None
    return NewFeed("", feed_id, one_line(title), language, interval)


def _address(url: str) -> str:
    url = url.strip()
    try:
        return http_address(url if "://" in url else f"https://{url}")
    except ValueError as error:
        raise click.BadParameter(f"{url!r} {error}", param_hint="URL") from None


def _refuse_known(url: str, had: Mapping[str, str]) -> None:
    if url and (feed_id := had.get(key(url))):
        raise NewswatchError(f"{url} is here already: it is the feed `{feed_id}`; nothing was changed")


def _new_feed(loaded: Loaded, wished: NewFeed, answer: Answer) -> NewFeed:
    taken = {name for name, _ in loaded.feeds}
    title = wished.title or one_line(answer.feed.title if answer.feed else "")[:100]
    return NewFeed(
        url=answer.address,
        id=wished.id or new_id(answer.address, taken),
        title=title,
        language=wished.language or answer.language,
        interval=wished.interval,
    )


@dataclass(frozen=True)
class _Asking:
    """How addresses are asked that are in no configuration yet."""

    polling: Polling
    access: Access = PLAINLY


def _asking(loaded: Loaded) -> _Asking:
    polling = loaded.settings.polling
    return _Asking(polling, access(Feed(url="https://localhost/"), polling, base=loaded.base, environ=os.environ))


async def _feeds_at(url: str, asking: _Asking, hosts: Sequence[HostState]) -> tuple[Answer, ...]:
    """The feed at an address, or the feeds that its page has: those it declares, if any of them is one.

    Raises:
        NewswatchError: there is none.
    """
    now = clock()
    async with Fetcher(asking.polling) as fetcher:
        fetcher.hosts.load(hosts)
        answer = await ask(fetcher, url, now, access=asking.access)
        if answer.feed is not None:
            return (answer,)
        if not answer.page:
            raise NewswatchError(reason(answer.error))
        _say_search(answer)
        asked = await ask_all(fetcher, answer.page, now, access=asking.access)
    declared = {one.url for one in answer.page if one.kind not in {"link", "guess"}}
    feeds = distinct(asked)
    if not feeds:
        raise NewswatchError(
            f"{url} is a web page, and none of the {plural(len(asked), 'address')} that may be its feed holds one; "
            "look on the page for “RSS”, and name that address"
        )
    return tuple(one for one in feeds if one.url in declared) or feeds


def _say_search(answer: Answer) -> None:
    """What may take a while, since each server is asked with a pause."""
    count = len(answer.page)
    guessed = all(one.kind == "guess" for one in answer.page)
    where = (
        f"the {plural(count, 'usual address')} of a feed" if guessed else plural(count, "address") + " that it names"
    )
    click.echo(f"{answer.url} is a web page; asking {where}", err=True)


def distinct(asked: Sequence[Answer]) -> tuple[Answer, ...]:
    """Those that hold a feed; one that two addresses lead to stands once."""
    found: dict[str, Answer] = {}
    for one in asked:
        if one.feed is not None and one.fetched is not None:
            found.setdefault(key(one.fetched.url), one)
    return tuple(found.values())


def _let_choose(url: str, answers: Sequence[Answer], had: Mapping[str, str], config: Path | None) -> None:
    where = f" -c {shlex.quote(str(config))}" if config else ""
    click.echo(f"{url} is a web page with {len(answers)} feeds; choose one, or take the first with --first:", err=True)
    for answer in answers:
        click.echo(f"newswatch feeds add{where} {shlex.quote(answer.url)}")
        here = had.get(key(answer.address))
        click.echo(f"    # {described(answer)}" + (f"; here already, as `{here}`" if here else ""))


def described(answer: Answer) -> str:
    """What a feed holds, in a few words."""
    feed = answer.feed
    if feed is None:
        return reason(answer.error)
    newest = f"the newest of {at(answer.newest)}" if answer.newest else "none dated" if feed.entries else ""
    parts = (feed.title[:80], answer.format, plural(len(feed.entries), "entry"), newest, answer.language)
    return ", ".join(part for part in parts if part)


# ---------------------------------------------------------------- remove


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch feeds remove tass-en tass-ru\n"
    "  newswatch feeds remove kaktus --forget     as if it had never been polled\n"
)
@click.argument("feed_ids", nargs=-1, required=True, metavar="ID...")
@click.option("--forget", is_flag=True, help="Remove its state and its entries from the store too.")
@config_option
def remove(feed_ids: tuple[str, ...], forget: bool, config: Path | None) -> int:
    """Take feeds out of the configuration.

    All of them, or none when one is not there. Comments around them stay, and so does all that the store remembers,
    for history, and in case a feed comes back: --forget removes that too, except for stories and the ledger.
    """
    path, loaded = find_config(config, os.environ), load_config(config, os.environ)
    names = [name for name, _ in loaded.feeds]
    for feed_id in feed_ids:
        if feed_id not in names:
            near = get_close_matches(feed_id, names, 3)
            hint = f"did you mean {' or '.join(near)}" if near else "`newswatch feeds list` names them"
            raise NewswatchError(f"no feed is called {feed_id!r}; {hint}; nothing was changed")
    places = {names.index(feed_id) for feed_id in feed_ids}

    kept = [name for name in names if name not in feed_ids]
    change(
        path,
        os.environ,
        lambda text: removed(text, places, path),
        accept=lambda after: _refuse_renaming(after, kept, path),
    )
    for feed_id in dict.fromkeys(feed_ids):
        click.echo(f"removed {feed_id}")
    if forget:
        _forget(loaded, feed_ids)
    click.echo(RELOAD, err=True)
    return EXIT_DONE


def _refuse_renaming(after: Loaded, names: Sequence[str], path: Path) -> None:
    """Ids that are made of addresses depend on the ids before them; a feed of another name loses its history."""
    renamed = [(old, new) for old, (new, _) in zip(names, after.feeds, strict=True) if old != new]
    if renamed:
        old, new = renamed[0]
        raise NewswatchError(
            f"without it, the feed `{old}`, which has no id of its own, would be called `{new}` and be polled as a new "
            f"one; write `id: {old}` there in {path} first; nothing was changed"
        )


def _forget(loaded: Loaded, feed_ids: Sequence[str]) -> None:
    if not is_there(loaded.settings.store.url, base=loaded.base):
        return
    with opened(loaded) as store, store.transaction() as tx:
        for feed_id in dict.fromkeys(feed_ids):
            count = tx.forget_feed(feed_id)
            click.echo(f"forgot {feed_id}, with {plural(count, 'entry')}", err=True)


# ---------------------------------------------------------------- discover


@dataclass(frozen=True)
class _Seen:
    """What a page links to, and what was there; how the page names it."""

    answer: Answer
    title: str
    kind: str


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch feeds discover https://kloop.kg\n"
    "  newswatch feeds discover https://eurasianet.org --json | jq -r '.[].url'\n"
)
@click.argument("url")
@config_option
@json_option
def discover(url: str, config: Path | None, as_json: bool) -> int:
    """List the feeds of a web page.

    Each with what it holds now: title, format, entries, the date of the newest, language. A page that names none is
    answered with what is found at the usual places of its site. Nothing is written, and a configuration is not
    needed; where there is one, its `polling` says how the addresses are asked. Exit code 1: there is no feed.
    """
    url = _address(url)
    seen = asyncio.run(_discover(url, _asking_anywhere(config)))
    feeds = [one for one in seen if one.answer.feed is not None]
    if as_json:
        click.echo(json.dumps([_row(one) for one in feeds], ensure_ascii=False, indent=2))
    for one in seen if not as_json else ():
        if one.answer.feed is not None:
            click.echo(one.answer.address)
            named = f"; the page calls it “{one.title}”" if one.title else ""
            click.echo(f"    {described(one.answer)}{named}")
        elif one.kind != "guess":
            click.echo(f"no feed: {reason(one.answer.error)}", err=True)
    if not feeds:
        click.echo(f"no feed was found at {url}; look on the page for “RSS”", err=True)
    return EXIT_DONE if feeds else EXIT_FAILED


def _asking_anywhere(config: Path | None) -> _Asking:
    try:
        return _asking(load_config(config, os.environ))
    except ConfigError:
        if config is not None:
            raise
        return _Asking(Polling())


async def _discover(url: str, asking: _Asking) -> tuple[_Seen, ...]:
    now = clock()
    async with Fetcher(asking.polling) as fetcher:
        answer = await ask(fetcher, url, now, access=asking.access)
        if answer.feed is not None:
            return (_Seen(answer, "", "itself"),)
        if not answer.page:
            raise NewswatchError(reason(answer.error))
        _say_search(answer)
        asked = await ask_all(fetcher, answer.page, now, access=asking.access)
    feeds = distinct(asked)
    pairs = zip(answer.page, asked, strict=False)
    return tuple(_Seen(one, named.title, named.kind) for named, one in pairs if one in feeds or one.feed is None)


def _row(seen: _Seen) -> dict[str, object]:
    answer = seen.answer
    return {
        "url": answer.address,
        "title": answer.feed.title if answer.feed else "",
        "named": seen.title,
        "kind": seen.kind,
        "format": answer.format,
        "entries": len(answer.feed.entries) if answer.feed else 0,
        "newest": answer.newest.isoformat() if answer.newest else None,
        "language": answer.language,
    }
