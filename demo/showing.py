"""What the demo prints and writes: the week as it goes by, then messages, news, silence and checks."""

from __future__ import annotations

import json
import os
import sys
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any

from demo.corpus import Moment, Week
from demo.shapes import BISHKEK
from demo.verdict import Check, Outcome

from loopback.webhook_receiver import Call

_COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
_WIDTH = 118


def _styled(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if _COLOUR else text


def _heading(text: str) -> None:
    print(f"\n{_styled('1', text)}")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip(" …") + "…"


def opening(week: Week) -> None:
    """What is about to happen."""
    copies = sum(len(article.copied) + len(article.linked) for article in week.articles)
    first, last = week.moments[0].at.astimezone(BISHKEK), week.moments[-1].at.astimezone(BISHKEK)
    print(
        f"{_styled('1', 'newswatch on a recorded week')}: {len(week.outlets)} feeds, {len(week.articles)} articles and "
        f"{copies} copies of them, {len(week.moments)} looks\n"
        f"from {first:%A %d %B %Y %H:%M} to {last:%A %d %B %H:%M}, Bishkek time. Everything runs on loopback.\n"
    )


def moment(now: Moment, report: Mapping[str, Any], payloads: Sequence[Mapping[str, Any]]) -> None:
    """One look: what the feeds gave, and what was told."""
    feeds, stories = report["feeds"], report["stories"]
    print(f"{_styled('1', f'{now.at.astimezone(BISHKEK):%a %d %b %H:%M}')}  {now.note}")
    edited = f" and {stories['edited']} edited" if stories["edited"] else ""
    print(
        f"    feeds: {feeds['polled']} polled, {feeds['unchanged']} unchanged, {feeds['failed']} failed; "
        f"stories: {stories['new']} new{edited}, {stories['about']} about the event, "
        f"{stories['told']} with news, {stories['silent']} silent"
    )
    for problem in report["problems"]:
        if problem["feed_id"] in now.broken:
            print(_styled("33", f"    !      {problem['feed_id']}: {_public(problem['message'])}"))
    for payload in payloads:
        kind = payload["data"]["kind"]
        mark = _styled("1;31", "ALERT ") if kind == "alert" else _styled("34", "digest")
        print(f"    {mark} {_cut(payload['data']['subject'].removeprefix('Digest, '), _WIDTH - 11)}")


def _public(message: str) -> str:
    return message.replace("http://127.0.0.1", "http://loopback")


def save(output: Path, mails: Sequence[EmailMessage], calls: Sequence[Call]) -> list[tuple[Path, str]]:
    """Write emails (.eml and .html), webhook calls (.json) and a page that lists them.

    Returns:
        Each email's HTML file with its subject.
    """
    saved = []
    for number, mail in enumerate(mails, 1):
        path = output / "emails" / f"{number:02}.html"
        path.with_suffix(".eml").write_bytes(mail.as_bytes())
        html = mail.get_body(("html",))
        path.write_text(_whole(mail, html.get_content() if html is not None else ""), encoding="utf-8")
        saved.append((path, " ".join(str(mail["subject"]).split())))
    for number, call in enumerate(calls, 1):
        seen = {"headers": call.headers, "verified": call.verified, "body": call.data}
        path = output / "webhooks" / f"{number:02}.json"
        path.write_text(json.dumps(seen, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    rows = "".join(
        f'<li><a href="emails/{path.name}">{escape(subject)}</a> '
        f'<small>(<a href="emails/{path.stem}.eml">.eml</a>)</small></li>\n'
        for path, subject in saved
    )
    page = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>newswatch demo</title>
<style>body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }}</style>
<h1>The emails of the recorded week</h1><ol>
{rows}</ol></html>
"""
    (output / "index.html").write_text(page, encoding="utf-8")
    return saved


def messages(saved: Sequence[tuple[Path, str]], calls: Sequence[Call]) -> None:
    """The emails as files to open, and the webhook calls."""
    _heading(f"Emails received: {len(saved)}")
    for path, subject in saved:
        print(f"  {path}  {_cut(subject, _WIDTH - 4 - len(str(path)))}")
    verified = sum(call.verified for call in calls)
    _heading(f"Webhook calls received: {len(calls)}; signatures that the standardwebhooks package accepts: {verified}")
    if calls:
        print(f"  {saved[0][0].parent.parent / 'webhooks'}/01.json to {len(calls):02}.json")


def news(became: Iterable[Outcome]) -> None:
    """What an analyst calls new, and what became of it."""
    _heading("The week's news, and how it was told")
    for one in became:
        how = f"{one.how:<9}"
        style = {"at once": "32", "digest": "34"}.get(one.how, "31")
        first = one.tellings[0] if one.tellings else None
        when = f"{first.at.astimezone(BISHKEK):%a %H:%M}" if first else " " * 9
        again = len({telling.url for telling in one.tellings[1:]} - {first.url}) if first else 0
        repeats = f"; told again from {again} more" if again else ""
        by = f"  ({first.source}{repeats})" if first else ""
        print(f"  {_styled(style, how)}  {when}  {one.piece.what}{by}")


def silence(decisions: Sequence[Mapping[str, Any]]) -> None:
    """Stories about the event that were not told, by reason."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for one in reversed(decisions):
        if one["relevant"] and one["decision"] == "silent":
            by_reason[one["reason"]].append(f"{one['source']}: {one['title']}")
    elsewhere = [one for one in decisions if not one["relevant"]]
    about = sum(map(len, by_reason.values()))
    _heading(f"Silent, and why: {about} about the event, {len(elsewhere)} about other things")
    for reason, titles in by_reason.items():
        print(f"  {reason} ({len(titles)})")
        for title in titles:
            print(f"      {_cut(title, _WIDTH - 6)}")
    print(f"  not about the event ({len(elsewhere)})")
    for one in reversed(elsewhere):
        print(f"      {_cut(one['source'] + ': ' + one['title'], _WIDTH - 6)}")


def retold(titles: Sequence[str]) -> None:
    """Retellings that were told: the judge's mistakes, shown rather than hidden."""
    _heading(f"Should have stayed silent, and did not: {len(titles)}")
    for title in titles:
        print(f"      {_cut(title, _WIDTH - 6)}")


def checks(findings: Iterable[Check]) -> None:
    """Each demand, and whether it holds."""
    _heading("Checks")
    for check in findings:
        print(f"  {_styled('32', 'ok  ') if check.holds else _styled('1;31', 'FAIL')}  {check.what}")


def closing(output: Path, config: Path) -> None:
    """What to look at next."""
    _heading("Look for yourself")
    print(
        f"  open {output / 'index.html'}\n"
        f"  .venv/bin/newswatch decisions --config {config}\n"
        f"  .venv/bin/newswatch explain https://wire.example/2019/08/08/surrender --config {config}"
    )


def _whole(mail: EmailMessage, html: str) -> str:
    """An email's HTML with its pictures inside, so that a browser shows it from the file alone."""
    for part in mail.walk():
        if part.get_content_type() == "image/png":
            data = b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{data}")
    return html
