"""What a body is that is no feed, in words that help whoever gave its address."""

from __future__ import annotations

from newswatch.feeds import discover

_CHALLENGES = (b"cf-challenge", b"captcha", b"are you a robot", b"enable javascript", b"ddos-guard", b"just a moment")
_PAGES = (b"<html", b"<!doctype html", b"<head", b"<body")


def in_words(body: bytes, url: str) -> str:
    """A sentence: what came from ``url``, and what to do about it."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf\x00 \t\r\n").lower()
    if not start:
        return f"{url} sent nothing (an empty body)"
    if start.startswith((b"{", b"[")):
        return (
            f"{url} sent JSON that is no JSON Feed (it has no `version` and `items` of one); look for another address"
        )
    if any(sign in start for sign in _PAGES):
        if any(sign in body[:65536].lower() for sign in _CHALLENGES):
            return (
                f"{url} sent a page that wants a person (a challenge), not a feed; ask its owner to let feeds through"
            )
        feeds = [one.url for one in discover.declared(body, url)]
        if feeds:
            return f"{url} is a web page, not a feed; it names {', '.join(feeds[:3])}"
        return f"{url} is a web page, not a feed; look for a feed's address on it"
    return f"{url} sent something that is no feed (it begins with {start[:30].decode('utf-8', 'replace')!r})"
