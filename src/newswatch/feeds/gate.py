"""Which bodies the fast reader may read: a strict check of their shape, element by element. Pure.

The fast reader and feedparser agree on plain feeds and part ways over oddities. So the gate lists what is plain, and
everything else is feedparser's: a document type, markup that is not well-formed, an element or attribute that is not on
the list, one that stands twice, an entry without title or address. RSS 1.0 and Atom 0.3 are always
feedparser's.

Expat reads the body for it: it is in the standard library and what feedparser's strict reader stands on, builds no
tree, takes time in proportion to the body, and tells of a document type before it has read one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

MAX_DEPTH = 12
_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_MEDIA = "http://search.yahoo.com/mrss/"

_RSS_FEED = frozenset(
    ("link", "title", "description", "language", "pubDate", "lastBuildDate", "generator", "ttl", "copyright",
     "managingEditor", "webMaster", "category", "docs", "image")
)  # fmt: skip
_IMAGE = frozenset({"url", "title", "link", "width", "height", "description"})
_RSS_ITEM = frozenset(
    ("title", "link", "guid", "description", "pubDate", "author", "category", "comments", "enclosure", "source",
     "pdalink", "amplink")
)  # fmt: skip
_ATOM_FEED = frozenset(
    {"id", "title", "subtitle", "updated", "link", "generator", "icon", "logo", "category", "rights", "author"}
)
_ATOM_ENTRY = frozenset(
    ("id", "title", "link", "updated", "published", "summary", "content", "author", "category", "rights")
)  # fmt: skip
_PERSON = frozenset({"name", "uri", "email"})
_OFTEN = frozenset({"category", "link", "enclosure"})
# Elements of known namespaces that neither reader makes anything of that is used here, or both the same.
_HARMLESS = frozenset(
    f"{uri} {name}"
    for uri, names in {
        "http://purl.org/rss/1.0/modules/syndication/": "updatePeriod updateFrequency updateBase",
        "http://purl.org/rss/1.0/modules/slash/": "comments section department hit_parade",
        "http://wellformedweb.org/CommentAPI/": "comment commentRss",
        "http://wellformedweb.org/commentAPI/": "comment commentRss",
        "http://rssnamespace.org/feedburner/ext/1.0": "origLink info feedFlare",
        _MEDIA: "content thumbnail group keywords credit copyright rating",
        _DC: "identifier type format",
    }.items()
    for name in names.split()
)
# What feedparser calls its namespaces, whatever a feed binds to these prefixes, and what it keeps of an entry.
_TAKEN = re.compile(
    r"(?i:admin|ag|annotate|audio|blogchannel|cc|creativecommons|co|content|cp|dc|dcterms|email|ev|feedburner|fm|foaf|geo"
    r"|georss|gml|icbm|image|itunes|l|media|pingback|prism|rdf|rdfs|ref|reqv|search|slash|soap|ss|str|sub|sy|szf|taxo|thr"
    r"|ti|trackback|wfw|wiki|xhtml|xlink|xml|psc|title|summary|published|updated|source|author|language|link|id|xhtml.*)\Z"
)
_FEEDPARSERS = re.compile(
    r"""purl\.org/|search\.yahoo\.com|www\.w3\.org|itunes|example\.com|uri/of/echo|netscape|userland|harvard\.edu|webns
      |tangent\.org|creativecommons|resource\.org|theinfo\.org|rssnamespace|freshmeat|foaf|georss|opengis|postneo|madskills
      |prismstandard|xmlsoap|benhammersley|pocketsoap|wellformedweb|podlove""",
    re.IGNORECASE | re.VERBOSE,
)
_ROOTS = {"rss": "rss", f"{_ATOM} feed": "atom"}
_ALLOWED_ATTRIBUTES = {
    "guid": frozenset({"isPermaLink"}),
    "source": frozenset({"url"}),
    "enclosure": frozenset({"url", "length", "type"}),
    "category": frozenset({"domain", "term", "label", "scheme"}),
    "atom link": frozenset({"rel", "href", "type", "title", "hreflang", "length"}),
    "atom text": frozenset({"type"}),
    "generator": frozenset({"uri", "version"}),
}
_CLOSED_AT_ONCE = re.compile(
    rb"<(?:title|guid|description|pubDate|author|category(?!\s[^<>]*term)|comments|source|content:encoded|dc:creator)"
    rb"(?:\s[^<>]*)?/>"
)
_NONE: frozenset[str] = frozenset()
_DOMAIN = frozenset({"domain"})
_TEXTS = frozenset({"title", "summary", "content", "subtitle", "rights"})


class _Odd(Exception):  # noqa: N818 - no error: it sends the body to the reference
    """Something that is not plain."""


@dataclass(frozen=True, slots=True)
class Plain:
    """What the fast reader does not tell of an entry.

    Attributes:
        permalink: its id is an address, and so resolved by feedparser when it is relative.
        author: it has one of its own.
    """

    permalink: bool
    author: bool


@dataclass(slots=True)
class _Seen:
    """What an entry has so far."""

    permalink: bool = True

    names: set[str] = field(default_factory=set)
    alternate: bool = False


def entries(body: bytes) -> tuple[Plain, ...] | None:
    """The entries of a plain feed in UTF-8; None for whatever is not plain, and for a feed without entries.

    Args:
        body: UTF-8 without BOM, line ends as they come.
    """
    # The fast reader takes what follows an element of RSS that is closed at once for its content.
    if _CLOSED_AT_ONCE.search(body):
        return None
    gate = _Gate()
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    parser.StartDoctypeDeclHandler = gate.refuse
    parser.ProcessingInstructionHandler = gate.instruction
    parser.CommentHandler = gate.comment
    parser.StartElementHandler = gate.start
    parser.EndElementHandler = gate.end
    try:
        parser.Parse(body, True)
    except (_Odd, expat.ExpatError):
        return None
    return tuple(gate.found) or None


class _Gate:
    """Walks along the elements, and stops at the first that is not plain."""

    def __init__(self) -> None:
        self.found: list[Plain] = []
        self._depth = 0
        self._kind = ""
        self._entry_depth = 0
        # Inside which list of children: a leaf has none, a foreign element has foreign ones only.
        self._within: list[str] = []
        self._feed = _Seen()
        self._entry = _Seen()

    def refuse(self, *_: object) -> None:
        raise _Odd

    def instruction(self, *_: object) -> None:
        if self._depth:
            raise _Odd

    def comment(self, _: str) -> None:
        if self._within and self._within[-1] in {"leaf", "text"}:
            raise _Odd

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        within = self._within[-1] if self._within else ""
        if within == "feed" or within == "entry":
            self._within.append(self._child(within, name, attributes))
        elif within in {"foreign", "media"}:
            self._within.append(self._foreign(name, attributes, within))
        elif within == "image" or within == "person":
            allowed = _IMAGE if within == "image" else _PERSON
            if attributes or self._local(name) not in allowed:
                raise _Odd
            self._within.append("leaf")
        elif within == "":
            self._root(name, attributes)
        elif within == "rss":
            if name != "channel" or attributes or self._feed.names:
                raise _Odd
            self._feed.names.add("channel")
            self._within.append("feed")
        else:
            raise _Odd
        if self._depth > MAX_DEPTH:
            raise _Odd

    def end(self, _: str) -> None:
        self._depth -= 1
        if self._within.pop() == "entry":
            seen = self._entry
            self.found.append(Plain(seen.permalink, "author" in seen.names))
            address = seen.alternate or "link" in seen.names or "guid" in seen.names
            if "title" not in seen.names or not address:
                raise _Odd
            if self._kind == "atom" and not {"id", "updated"} <= seen.names:
                raise _Odd

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        self._kind = _ROOTS.get(name, "")
        version = attributes.pop("version", "")
        if not self._kind or attributes or (self._kind == "rss") != version.startswith(("0.9", "2.")):
            raise _Odd
        self._within.append("rss" if self._kind == "rss" else "feed")

    def _local(self, name: str) -> str:
        """The name without the feed's own namespace; with it where it is another's."""
        if self._kind == "rss":
            return name
        uri, _, local = name.partition(" ")
        return local if uri == _ATOM else name

    def _child(self, within: str, name: str, attributes: dict[str, str]) -> str:
        local = self._local(name)
        if " " in local:
            return self._other(within, local, attributes)
        if within == "feed":
            return self._of_feed(local, attributes)
        if local not in (_ATOM_ENTRY if self._kind == "atom" else _RSS_ITEM):
            raise _Odd
        self._once(self._entry, local)
        return self._checked(self._entry, local, attributes)

    def _of_feed(self, local: str, attributes: dict[str, str]) -> str:
        if local == ("entry" if self._kind == "atom" else "item"):
            if attributes:
                raise _Odd
            self._entry = _Seen()
            return "entry"
        if local not in (_ATOM_FEED if self._kind == "atom" else _RSS_FEED):
            raise _Odd
        self._once(self._feed, local)
        if local == "image":
            if attributes:
                raise _Odd
            return "image"
        return self._checked(self._feed, local, attributes)

    def _checked(self, seen: _Seen, local: str, attributes: dict[str, str]) -> str:
        """Attributes that are on the list, in the sense they have in plain feeds."""
        allowed = _ALLOWED_ATTRIBUTES.get(local, _NONE)
        if self._kind == "atom":
            if local == "link":
                self._linked(seen, attributes)
                allowed = _ALLOWED_ATTRIBUTES["atom link"]
            elif local in _TEXTS:
                if attributes.get("type", "text") not in {"text", "html"}:
                    raise _Odd
                allowed = _ALLOWED_ATTRIBUTES["atom text"]
        elif local == "link":
            if seen.alternate:
                raise _Odd
            seen.alternate = True
        if local == "category" and self._kind == "rss":
            allowed = _DOMAIN
        if local == "guid":
            seen.permalink = attributes.get("isPermaLink", "true") == "true"
        for attribute in attributes:
            if attribute not in allowed:
                raise _Odd
        return "person" if self._kind == "atom" and local == "author" else "leaf"

    def _linked(self, seen: _Seen, attributes: dict[str, str]) -> None:
        if not attributes.get("href"):
            raise _Odd
        relation = attributes.get("rel", "alternate")
        if relation == "alternate":
            if seen.alternate or attributes.get("type", "text/html") != "text/html":
                raise _Odd
            seen.alternate = True
        elif relation not in {"self", "hub", "enclosure", "related", "replies", "next", "edit", "via"}:
            raise _Odd

    def _once(self, seen: _Seen, local: str) -> None:
        if local in seen.names and local not in _OFTEN:
            raise _Odd
        seen.names.add(local)

    def _other(self, within: str, name: str, attributes: dict[str, str]) -> str:
        """A child of another namespace than the feed's own."""
        uri, _, rest = name.partition(" ")
        local = rest.partition(" ")[0]
        if within == "entry" and self._kind == "rss":
            if uri == _DC and local == "creator" and not attributes:
                self._once(self._entry, "author")
                return "leaf"
            if uri == _CONTENT and local == "encoded" and not attributes:
                self._once(self._entry, "content")
                return "leaf"
        if self._kind == "rss" and uri == _ATOM and local == "link" and attributes.get("rel") in {"self", "hub"}:
            return "leaf"
        return self._foreign(name, attributes, "foreign")

    def _foreign(self, name: str, attributes: dict[str, str], within: str) -> str:
        uri, _, rest = name.partition(" ")
        local, _, prefix = rest.partition(" ")
        if not prefix or any(key.startswith("http://www.w3.org/XML/") or key in {"base", "lang"} for key in attributes):
            raise _Odd
        if f"{uri} {local}" in _HARMLESS:
            return "media"
        if within == "media" or _FEEDPARSERS.search(uri) or _TAKEN.match(prefix):
            raise _Odd
        return "foreign"
