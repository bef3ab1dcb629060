"""One address for one article, however it is linked: the key by which entries of many feeds become one story.

It is a key, not a link: not every site answers without ``www.`` or over https. When in doubt two addresses stay
two, since a story taken for another is lost while a story seen twice is only judged twice.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from courlan.clean import TRACKERS_RE, normalize_url

# courlan also drops these names, but they number articles at some publishers.
_MAY_IDENTIFY = re.compile(r"^(?:(?:news|article|story)_?)?(?:[ceu]id|keyword|session|ga|gl)$")
# What courlan 1.4 does not know yet, from the feeds of large publishers and from social networks.
_ALSO_TRACKING = re.compile(
    r"^(?:_openstat|_ga|cmp|cmpid|ocid|ito|ftag|smid|smtyp|mibextid|spm|oc|amp|outputtype|at_\w+|ns_\w+|hsa_\w+|wt\.\w+"
    r"|__twitter_impression|__tn__|rss|phpsessid|jsessionid|sh|traffic_source|feed(?:type|name|source)|share\w*)$"
)
_FROM_FEED = re.compile(r"^(?:rss|feed|atom|twitter|facebook|telegram|newsletter)\w*$")
_GOOGLE_NEWS = ("hl", "gl", "ceid")

_MIRROR = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.[^.]+)")
_AMP_PATH = re.compile(r"^/amp(?=/.)|/amp/?$|\.amp$|\.amp(?=\.html?$)", re.IGNORECASE)
_SESSION = re.compile(r"(?:;|%3B)(?:jsessionid|phpsessid)=[^/]*", re.IGNORECASE)
_GOOGLE = re.compile(r"^(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}$")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_REDIRECTS = 5
"""How many wrappings are opened; a redirect may wrap another."""


def canonical_url(url: str) -> str:
    """Bring the addresses of one article together.

    Tracking parameters, scheme, default ports, ``www.``, ``m.`` and AMP variants, fragments, trailing slashes and
    the order of parameters do not count; every other parameter does (``?id=``, ``?p=``, a bare ``?12345``). Links
    that carry their target in plain (Google Alerts, Bing News, the AMP cache) become the target; Google News links
    do not carry it and stay as distinct as they are.

    Returns:
        The canonical https address; empty for what is no http(s) address. Applying it again changes nothing.
    """
    for _ in range(_REDIRECTS):
        once = _once(url)
        if once in ("", url):
            return once
        url = once
    return url


def is_front_page(url: str) -> bool:
    """Whether a canonical address names no article (or is empty): some feeds link every entry to their front page."""
    parts = urlsplit(url)
    return not (parts.path.strip("/") or parts.query or parts.fragment)


def _once(url: str) -> str:
    try:
        parts = urlsplit(_target(url.strip()))
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return ""
        clean = urlsplit(normalize_url(urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))))
        host = _host(clean)
    except ValueError:  # a broken port or IPv6 address
        return ""
    path = _ESCAPE.sub(lambda escape: escape.group().upper(), _SESSION.sub("", clean.path))
    path = _AMP_PATH.sub("", path).rstrip("/")
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit(("https", host, path, _query(parts.query, host), fragment))


def _host(parts: SplitResult) -> str:
    """Host and port without login, mirrors' prefixes and default ports."""
    name = _MIRROR.sub("", (parts.hostname or "").rstrip("."))
    if ":" in name:
        name = f"[{name}]"
    return name if parts.port in (None, 80, 443) else f"{name}:{parts.port}"


def _query(query: str, host: str) -> str:
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not _tracks(name.lower(), value.lower(), host)
    ]
    return urlencode(sorted(kept))


def _tracks(name: str, value: str, host: str) -> bool:
    if name in ("from", "source", "ref") and _FROM_FEED.match(value):
        return True
    if host == "news.google.com" and name in _GOOGLE_NEWS:
        return True
    known = TRACKERS_RE.search(name) is not None and not _MAY_IDENTIFY.match(name)
    return known or _ALSO_TRACKING.match(name) is not None


def _target(url: str) -> str:
    """The address inside a redirect that carries it in plain; else the address itself."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if _GOOGLE.match(host):
        if parts.path.startswith(("/amp/s/", "/amp/")):
            return "https://" + parts.path.removeprefix("/amp/").removeprefix("s/") + _suffix(parts)
        if parts.path == "/url":
            return _parameter(parts, ("url", "q")) or url
    if host.endswith(".cdn.ampproject.org"):
        inner = re.match(r"^/[acv]/(?:s/)?(.+\..+)$", parts.path)
        return f"https://{inner.group(1)}{_suffix(parts)}" if inner else url
    if host in ("www.bing.com", "bing.com") and parts.path == "/news/apiclick.aspx":
        return _parameter(parts, ("url",)) or url
    return url


def _suffix(parts: SplitResult) -> str:
    return f"?{parts.query}" if parts.query else ""


def _parameter(parts: SplitResult, names: tuple[str, ...]) -> str:
    values = parse_qs(parts.query)
    return next((values[name][0] for name in names if values.get(name, [""])[0].startswith("http")), "")
