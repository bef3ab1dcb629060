"""The recorded week: publishers, moments, articles, and what each feed holds at a moment. Pure but for `load_week`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter
from ruamel.yaml import YAML

Shape = Literal["rss", "rss-content", "rss-sloppy", "atom", "rdf", "page"]
TRACKING = {
    "wire": "utm_source=rss&utm_medium=feed",
    "headlines": "utm_source=headlines&utm_campaign=auto&fbclid=IwAR0a1",
}


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Outlet(_Row):
    """A publisher with one feed; the keys are explained in week/outlets.yaml."""

    id: str
    title: str
    language: str
    shape: Shape
    encoding: str
    keep: int
    validators: Literal["etag", "modified", "both", "none"]


class Moment(_Row):
    """A time at which newswatch looks, and which feeds are broken then: an HTTP status, or ``hangs``."""

    at: datetime
    note: str
    broken: dict[str, int | Literal["hangs"]] = {}


class News(_Row):
    """Something an analyst calls new, to be told once."""

    id: str
    what: str
    words: tuple[str, ...]
    must: bool = False


class Copy(_Row):
    """The same text in another outlet, under another address, as syndication has it."""

    outlet: str
    at: datetime
    title: str = ""
    outro: str = ""


class Edit(_Row):
    """A later state of an article."""

    at: datetime
    title: str = ""
    text: str = ""
    says: frozenset[str] = frozenset()


class Article(_Row):
    """One article with its copies, edits, and the feeds that link to it; ``says`` names the news it states."""

    id: str
    outlet: str
    at: datetime
    title: str
    text: str
    about: bool = True
    says: frozenset[str] = frozenset()
    copied: tuple[Copy, ...] = ()
    linked: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An article as it stands in one feed at one moment; the text is paragraphs parted by empty lines."""

    link: str
    guid: str
    title: str
    text: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Label:
    """What the recording knows of a story: is it about the event, and which news does it state?"""

    about: bool
    says: frozenset[str]


@dataclass(frozen=True, slots=True)
class Week:
    """Everything under week/."""

    outlets: tuple[Outlet, ...]
    moments: tuple[Moment, ...]
    news: tuple[News, ...]
    articles: tuple[Article, ...]

    def standing(self, outlet: Outlet, at: datetime) -> tuple[Item, ...]:
        """What the outlet's feed holds at that time, newest first; older items have rolled off."""
        items = [item for article in self.articles for item in _appearances(article, outlet.id, at)]
        items.sort(key=lambda item: item.published, reverse=True)
        return tuple(items[: outlet.keep])

    def label(self, url: str, revision: int) -> Label | None:
        """The label of the story with that address; None for an address that the week does not have."""
        slug = urlsplit(url).path.rsplit("/", 1)[-1]
        for article in self.articles:
            if article.id == slug:
                states = (article.says, *(edit.says for edit in article.edits))
                return Label(article.about, states[min(revision, len(states)) - 1])
        return None

    def says(self, url: str) -> frozenset[str]:
        """The news that the article at this address states, in any of its states."""
        slug = urlsplit(url).path.rsplit("/", 1)[-1]
        found = [article for article in self.articles if article.id == slug]
        states = [article.says for article in found] + [edit.says for article in found for edit in article.edits]
        return frozenset[str]().union(*states)


def load_week(folder: Path) -> Week:
    """Read the week.

    Raises:
        ValueError: an article names an outlet or a piece of news that does not exist, or two share an id.
    """
    yaml = YAML(typ="safe")

    def rows(name: str) -> object:
        return yaml.load((folder / name).read_text(encoding="utf-8"))

    days = [f"days/{path.name}" for path in sorted((folder / "days").glob("*.yaml"))]
    week = Week(
        outlets=TypeAdapter(tuple[Outlet, ...]).validate_python(rows("outlets.yaml")),
        moments=TypeAdapter(tuple[Moment, ...]).validate_python(rows("moments.yaml")),
        news=TypeAdapter(tuple[News, ...]).validate_python(rows("news.yaml")),
        articles=tuple(a for day in days for a in TypeAdapter(tuple[Article, ...]).validate_python(rows(day))),
    )
    _check(week)
    return week


def _check(week: Week) -> None:
    outlets = {outlet.id for outlet in week.outlets}
    news = {piece.id for piece in week.news}
    ids = [article.id for article in week.articles]
    if twice := {slug for slug in ids if ids.count(slug) > 1}:
        raise ValueError(f"the week has two articles of one id: {sorted(twice)}")
    for article in week.articles:
        carriers = {article.outlet, *article.linked, *(copy.outlet for copy in article.copied)}
        says = article.says.union(*(edit.says for edit in article.edits))
        if unknown := (carriers - outlets) | (says - news):
            raise ValueError(f"article {article.id} names what the week does not have: {sorted(unknown)}")
    for moment in week.moments:
        if unknown := moment.broken.keys() - outlets:
            raise ValueError(f"the moment {moment.at} breaks feeds that the week does not have: {sorted(unknown)}")


def _appearances(article: Article, outlet: str, at: datetime) -> list[Item]:
    own = Item(_address(article.outlet, article, article.at), article.id, article.title, article.text.strip(),
               article.at, article.at)  # fmt: skip
    for edit in article.edits:
        if edit.at <= at:
            own = replace(own, title=edit.title or own.title, text=edit.text.strip() or own.text, updated=edit.at)
    found = []
    if outlet == article.outlet and article.at <= at:
        found.append(own)
    if outlet in article.linked and article.at <= at:
        found.append(replace(own, text=own.text.split("\n\n", 1)[0]))
    for copy in article.copied:
        if outlet == copy.outlet and copy.at <= at:
            text = "\n\n".join(part for part in (article.text.strip(), copy.outro) if part)
            link = _address(outlet, article, copy.at)
            found.append(Item(link, f"{outlet}-{article.id}", copy.title or article.title, text, copy.at, copy.at))
    tracking = TRACKING.get(outlet)
    return [replace(item, link=f"{item.link}?{tracking}") if tracking else item for item in found]


def _address(outlet: str, article: Article, at: datetime) -> str:
    return f"https://{outlet}.example/{at:%Y/%m/%d}/{article.id}"
