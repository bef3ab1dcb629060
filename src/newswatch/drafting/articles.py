"""Articles from files and addresses: the same guards as for feeds, HTML to text, and errors in words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from newswatch.config.settings import Polling
from newswatch.errors import FetchError, NewswatchError
from newswatch.feeds.fetch import Fetcher
from newswatch.feeds.page import decoded, looks_like_a_page, read_page
from newswatch.feeds.text import one_line, plain

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_FEED = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:rss|feed|rdf:rdf)\b", re.IGNORECASE | re.DOTALL)
MAX_FILE = 10_000_000


@dataclass(frozen=True, slots=True)
class Article:
    """An article to draft from.

    Attributes:
        name: the file or address as it was given.
        title: one line, or empty.
        text: plain text, paragraphs parted by empty lines.
        url: where it is, or empty for a file.
        publisher: the site, or empty.
        published: when, where it says so.
    """

    name: str
    title: str
    text: str
    url: str = ""
    publisher: str = ""
    published: datetime | None = None


def is_address(name: str) -> bool:
    """Whether an article is named by its address."""
    return bool(_ADDRESS.match(name))


async def read_articles(names: Sequence[str], polling: Polling) -> tuple[Article, ...]:
    """Read files and fetch addresses, in the order given.

    Args:
        names: files, or http(s) addresses.
        polling: timeouts, caps, and who may be reached.

    Raises:
        NewswatchError: some cannot be read; names each and why.
    """
    async with Fetcher(polling) as fetcher:
        found = await asyncio.gather(*(_read(name, fetcher) for name in dict.fromkeys(names)), return_exceptions=True)
    wrong = [one for one in found if isinstance(one, BaseException)]
    if strange := next((one for one in wrong if not isinstance(one, NewswatchError)), None):
        raise strange
    if wrong:
        raise NewswatchError("\n".join(str(one) for one in wrong))
    return tuple(one for one in found if isinstance(one, Article))


async def _read(name: str, fetcher: Fetcher) -> Article:
    if not is_address(name):
        return article(name, await asyncio.to_thread(_file, Path(name)))
    try:
        fetched = await fetcher.fetch(feed_id=name, url=name)
    except FetchError as error:
        raise NewswatchError(_refused(name, error)) from error
    return article(name, fetched.body or b"", content_type=fetched.content_type, url=fetched.url)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_FILE + 1)
    except IsADirectoryError:
        raise NewswatchError(f"{path} is a folder; name the articles in it") from None
    except FileNotFoundError:
        raise NewswatchError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise NewswatchError(f"{path} cannot be read: {why}") from error
    if len(body) > MAX_FILE:
        raise NewswatchError(f"{path} is larger than {MAX_FILE / 1e6:g} MB; that is no article")
    return body


def _refused(url: str, error: FetchError) -> str:
    """What a failed fetch means for an article; the words for feeds would say that it is tried again."""
    if error.status is None:
        return str(error).removesuffix("; it is tried again later")
    if error.status in {404, 410}:
        return f"{url} answered {error.status}: there is no such page; look for its new address"
    try:
        phrase = f" ({HTTPStatus(error.status).phrase})"
    except ValueError:
        phrase = ""
    return f"{url} answered {error.status}{phrase}; open it in a browser, save the page, and name that file"


def article(name: str, body: bytes, *, content_type: str = "", url: str = "") -> Article:
    """What a file or an answer holds.

    Raises:
        NewswatchError: nothing that is text; says what it looks like instead.
    """
    if not body.strip():
        raise NewswatchError(f"{name} is empty")
    if body.startswith(b"%PDF"):
        raise NewswatchError(f"{name} is a PDF; copy its text into a file, and name that")
    text = decoded(body, content_type)
    if text is None:
        raise NewswatchError(f"{name} is not text, or not in UTF-8; save it as UTF-8 text or as a web page")
    if _FEED.match(text):
        raise NewswatchError(f"{name} is a feed, not an article; name one of its articles")
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if looks_like_a_page(text):
        page = read_page(text)
        found = Article(name, page.title, page.text, url, page.publisher or host, page.published)
    else:
        title, rest = _headed(text)
        found = Article(name, title, rest, url, host)
    if not any(letter.isalpha() for letter in found.text + found.title):
        why = "; it may need JavaScript: open it in a browser, and save its text" if url else ""
        raise NewswatchError(f"{name} holds no text{why}")
    return found


def _headed(text: str) -> tuple[str, str]:
    """Title and text of plain text: a first paragraph that ends like no sentence is the title."""
    paragraphs = plain(text).split("\n\n")
    first = paragraphs[0]
    if len(paragraphs) > 1 and len(first) <= 200 and first[-1:] not in ".!?…":
        return one_line(first), "\n\n".join(paragraphs[1:])
    return "", "\n\n".join(paragraphs)
