"""The main job on a recorded week: real HTTP, real SMTP, real webhooks on loopback, and the real `newswatch once`.

    python demo/run.py --output demo-output

Exit code 0 when everything that must be told was told once and every retelling stayed silent enough to be believed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from email.utils import format_datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from demo.corpus import Moment, Outlet, Week, load_week  # noqa: E402
from demo.shapes import CONTENT_TYPES, render  # noqa: E402

from loopback.feed_server import FeedServer, Route  # noqa: E402
from loopback.smtp_server import SmtpServer  # noqa: E402
from loopback.webhook_receiver import SECRET, WebhookReceiver  # noqa: E402

CONFIG = """\
polling:
  allow_private: true
  interval: 1m
  max_backoff: 1m
  timeout: {{connect: 2s, read: 1s, total: 2s}}
events: [events/koi-tash.yaml]
feeds:
{feeds}
channels:
  mail: {{type: email, host: 127.0.0.1, port: {smtp}, security: none, from: "newswatch <watch@newswatch.example>",
         to: [desk@desk.example]}}
  hook: {{type: webhook, url: "{hook}", secret_env: DEMO_WEBHOOK_SECRET, allow_private: true}}
recipients:
  - {{id: desk, channels: [mail, hook], timezone: Asia/Bishkek, digest: {{cron: "0 18 * * *"}}}}
"""


def main() -> int:
    """Run the week and show what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="a folder for what it writes")
    output = parser.parse_args().output
    week = load_week(ROOT / "demo" / "week")
    with FeedServer() as feeds, SmtpServer() as smtp, WebhookReceiver() as hook:
        config = write_config(output, week, feeds, smtp.port, hook.url)
        for moment in week.moments:
            run_moment(config, week, moment, feeds)
        decisions = newswatch("decisions", "-c", str(config), "--json", "--limit", "1000")
        mails = [received.mail for received in smtp.received]
        calls = list(hook.calls)
    return show(output, week, mails, calls, decisions)


def write_config(output: Path, week: Week, feeds: FeedServer, smtp_port: int, hook: str) -> Path:
    """The configuration of the demo, in a clean output folder."""
    for old in (*output.glob("newswatch.db*"), *output.glob("emails/*")):
        old.unlink()
    (output / "events").mkdir(parents=True, exist_ok=True)
    (output / "emails").mkdir(exist_ok=True)
    event = (ROOT / "config" / "events" / "koi-tash.yaml").read_text(encoding="utf-8")
    (output / "events" / "koi-tash.yaml").write_text(event, encoding="utf-8")
    lines = [
        f'  - {{id: {o.id}, url: "{feeds.url("/" + o.id)}", title: "{o.title}", language: {o.language}}}'
        for o in week.outlets
    ]
    path = output / "newswatch.yaml"
    path.write_text(CONFIG.format(feeds="\n".join(lines), smtp=smtp_port, hook=hook), encoding="utf-8")
    return path


def run_moment(config: Path, week: Week, moment: Moment, feeds: FeedServer) -> None:
    """Let the feeds stand as they stood, and look once."""
    feeds.routes = {f"/{o.id}": _route(o, week, moment) for o in week.outlets}
    report = newswatch("once", "-c", str(config), "--json", "--now", moment.at.isoformat())
    polled, stories, sent = report["feeds"], report["stories"], report["deliveries"]
    print(
        f"{moment.at:%a %d %b %H:%M}  {moment.note}\n"
        f"    {polled['polled']} feeds polled, {polled['unchanged']} unchanged, {polled['failed']} failed; "
        f"{stories['new']} new stories, {stories['about']} about the event: "
        f"{stories['told']} told, {stories['silent']} silent; {sent['sent']} messages sent"
    )
    for problem in report["problems"]:
        print(f"    ! {problem['feed_id']}: {problem['message']}".replace("http://127.0.0.1", "http://loopback"))


def _route(outlet: Outlet, week: Week, moment: Moment) -> Route:
    broken = moment.broken.get(outlet.id)
    if broken == "hangs":
        return Route(hang="headers")
    if isinstance(broken, int):
        return Route(status=broken, headers={"retry-after": "30"} if broken == 429 else {})
    items = week.standing(outlet, moment.at)
    newest = max((item.updated for item in items), default=moment.at)
    modified = format_datetime(newest, usegmt=True) if outlet.validators in {"modified", "both"} else ""
    return Route(
        render(outlet, items), content_type=CONTENT_TYPES[outlet.shape], etag=outlet.validators in {"etag", "both"},
        modified=modified,
    )  # fmt: skip


def newswatch(*args: str) -> Any:
    """Run the real command and read its JSON; exit code 1 only says that some feed failed."""
    environ = {**os.environ, "DEMO_WEBHOOK_SECRET": SECRET}
    result = subprocess.run(
        [sys.executable, "-m", "newswatch", *args], capture_output=True, text=True, env=environ, check=False
    )
    if result.returncode not in {0, 1} or not result.stdout:
        sys.exit(f"newswatch {' '.join(args)} ended with {result.returncode}:\n{result.stderr}")
    return json.loads(result.stdout)


def show(output: Path, week: Week, mails: list[Any], calls: list[Any], decisions: list[dict[str, Any]]) -> int:
    """Emails, webhook calls, silence and why, then the checks."""
    print("\nEmails")
    for number, mail in enumerate(mails, 1):
        path = output / "emails" / f"{number:02}.eml"
        path.write_bytes(mail.as_bytes())
        html = mail.get_body(("html",))
        if html is not None:
            path.with_suffix(".html").write_text(html.get_content(), encoding="utf-8")
        print(f"  {path}  {mail['subject']}")
    print(f"\nWebhook calls: {len(calls)}, signatures that verify: {sum(call.verified for call in calls)}")
    print("\nSilent, and why")
    for one in reversed(decisions):
        if one["relevant"] and one["decision"] == "silent":
            print(f"  {one['source']}: {one['title']}\n      {one['reason']}")
    return _check(week, mails, calls, decisions)


def _check(week: Week, mails: list[Any], calls: list[Any], decisions: list[dict[str, Any]]) -> int:
    """What this recording demands; each line can fail."""
    stated: dict[str, list[str]] = {}
    silent_retellings = retellings = wrong_about = labelled = 0
    known: set[str] = set()
    for one in reversed(decisions):  # they come newest first
        label = week.label(one["url"], one["revision"])
        if label is None:
            continue
        labelled += 1
        wrong_about += label.about != one["relevant"]
        told = one["decision"] != "silent"
        for piece in label.says:
            stated.setdefault(piece, []).append(one["decision"])
        if label.about and not (label.says - known):
            retellings += 1
            silent_retellings += not told
        known |= label.says if told else set()
    missed = [piece.id for piece in week.news if piece.must and piece.id in stated and piece.id not in known]
    twice = [number for number, count in Counter(str(mail["message-id"]) for mail in mails).items() if count > 1]
    checks = {
        f"everything that must be told was told (missed: {', '.join(missed) or 'nothing'})": not missed,
        f"at least half of the retellings stayed silent ({silent_retellings} of {retellings})":
            2 * silent_retellings >= retellings > 0,
        f"19 of 20 stories were rightly taken as about the event or not ({labelled - wrong_about} of {labelled})":
            20 * wrong_about <= labelled,
        f"no message came twice ({len(mails)} emails, {len(calls)} webhook calls)": not twice and bool(mails),
        "every webhook call carries a signature that verifies": bool(calls) and all(call.verified for call in calls),
    }  # fmt: skip
    print("\nChecks")
    for what, holds in checks.items():
        print(f"  {'ok  ' if holds else 'FAIL'}  {what}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
