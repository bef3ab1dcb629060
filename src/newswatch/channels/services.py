"""What is particular to each service that a webhook can post to: its address, and how it says no. Pure.

The bodies are templates (``templates/NAME.json.j2``). Sources of what is here: Slack "Incoming webhooks" and its error
table; Discord "Execute Webhook" and "Rate Limits"; Telegram Bot API "Making requests" (``ok``, ``error_code``,
``description``, ``parameters.retry_after``); ntfy "Publish as JSON"; Mattermost "Incoming webhooks"; Teams answers of
connectors and of workflows as users met them (a refusal in words under 200).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newswatch.channels.mime import one_line
from newswatch.config.secrets import topic_of

TELEGRAM = "https://api.telegram.org"
_ERROR_CODE = re.compile(r"[a-z]+(_[a-z]+)+")
_TEAMS_REFUSAL = re.compile(r"HTTP error (\d{3})", re.IGNORECASE)
_DISCORD_UNKNOWN_WEBHOOK = 10015
_SLACK_GONE = frozenset({"no_service", "channel_is_archived", "team_disabled"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a channel's calls go.

    Attributes:
        url: the whole address; it may hold secrets, and is never shown.
        headers: what the service needs to know of the caller.
        keys: what it needs in the body beside the message.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    keys: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means.

    Attributes:
        status: the HTTP status that the service meant.
        said: its own words, in a line; may be empty.
        wait: seconds it asked for in its own way, or None.
        gone: it will take nothing more at this address.
    """

    status: int
    said: str
    wait: float | None = None
    gone: bool = False


def endpoint(form: str, url: str, token: str, chat_id: str) -> Endpoint:
    """Where a format's calls go.

    Args:
        form: the channel's ``format``.
        url: as configured; may be empty for ``telegram``.
        token: the bot's token for ``telegram``; a bearer token for the others; may be empty.
        chat_id: the chat, for ``telegram``.

    Raises:
        ValueError: an ntfy address without a topic.
    """
    if form == "telegram":
        return Endpoint(f"{(url or TELEGRAM).rstrip('/')}/bot{token}/sendMessage", {}, {"chat_id": chat_id})
    headers = {"authorization": f"Bearer {token}"} if token else {}
    if form == "ntfy":
        server, topic = topic_of(url)
        return Endpoint(server, headers, {"topic": topic})
    return Endpoint(url, headers)


def verdict(form: str, status: int, text: str) -> Verdict:
    """Read an answer as its service means it.

    Args:
        form: the channel's ``format``; one that is not known has nothing particular.
        status: of the answer.
        text: its body, or the beginning of it.
    """
    line = one_line(text)[:200]
    data = _json(text)
    match form:
        case "slack":
            return _slack(status, line, data)
        case "discord":
            gone = status == 404 and data.get("code") == _DISCORD_UNKNOWN_WEBHOOK
            return Verdict(status, _words(data, "message") or line, _seconds(data.get("retry_after")), gone)
        case "telegram":
            return _telegram(status, line, data)
        case "teams":
            found = _TEAMS_REFUSAL.search(text)
            refused = found is not None and status < 300
            return Verdict(int(found[1]) if refused and found else status, line)
        case "ntfy":
            return Verdict(status, _words(data, "error") or ("" if data and status < 300 else line))
        case "mattermost":
            return Verdict(status, _words(data, "message") or line)
        case _:
            return Verdict(status, line)


def _slack(status: int, line: str, data: dict[str, Any]) -> Verdict:
    """Slack says ``ok``; some of its refusals, and those of its web API, come with 200."""
    error = _words(data, "error") if data.get("ok") is False else ""
    if not error and _ERROR_CODE.fullmatch(line):
        error = line
    if status < 300 and error:
        status = 429 if error in {"ratelimited", "rate_limited"} else 400
    return Verdict(status, error or line, gone=error in _SLACK_GONE)


def _telegram(status: int, line: str, data: dict[str, Any]) -> Verdict:
    if data.get("ok") is True:
        return Verdict(status, "ok")
    parameters = data.get("parameters")
    wait = _seconds(parameters.get("retry_after")) if isinstance(parameters, dict) else None
    said = _words(data, "description") or line
    if isinstance(parameters, dict) and (chat := parameters.get("migrate_to_chat_id")):
        said = f"{said}; the chat has moved: write chat_id: {chat}"
    code = data.get("error_code")
    if data.get("ok") is False and status < 300:
        status = code if isinstance(code, int) and code >= 400 else 400
    return Verdict(status, said, wait)


def _json(text: str) -> dict[str, Any]:
    """The body as a JSON object; an empty one when it is none, or was cut."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _words(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return one_line(value)[:200] if isinstance(value, str) else ""


def _seconds(value: object) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9
    return float(value) if good and isinstance(value, int | float) else None
