"""The main job on a recorded week: real HTTP, real SMTP, real webhooks on loopback, and the real `newswatch once`.

    python demo/run.py --output demo-output

Exit code 0 when everything that this recording demands holds (demo/verdict.py), else 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from email.utils import format_datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from demo.corpus import Moment, Outlet, Week, load_week  # noqa: E402
from demo.shapes import CONTENT_TYPES, render  # noqa: E402

from demo import showing, verdict  # noqa: E402
from loopback.feed_server import FeedServer, Route  # noqa: E402
from loopback.smtp_server import SmtpServer  # noqa: E402
from loopback.webhook_receiver import SECRET, WebhookReceiver  # noqa: E402

CONFIG = """\
polling:
  allow_private: true
  interval: 1m
  max_backoff: 1m
  concurrency: 1   # one feed after the other, so that every run of the demo tells the week from the same stories
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
    reports = []
    showing.opening(week)
    with FeedServer() as feeds, SmtpServer() as smtp, WebhookReceiver() as hook:
        config = write_config(output, week, feeds, smtp.port, hook.url)
        for moment in week.moments:
            before = len(hook.calls)
            feeds.routes = {f"/{outlet.id}": _route(outlet, week, moment) for outlet in week.outlets}
            reports.append(newswatch("once", "-c", str(config), "--json", "--now", moment.at.isoformat()))
            showing.moment(moment, reports[-1], [call.data for call in hook.calls[before:]])
        decisions = newswatch("decisions", "-c", str(config), "--json", "--limit", "100000")
        mails = [received.mail for received in smtp.received]
        calls = list(hook.calls)
    saved = showing.save(output, mails, calls)
    payloads = [call.data for call in calls]
    findings = verdict.checks(
        week,
        payloads=payloads,
        subjects=[" ".join(str(mail["subject"]).split()) for mail in mails],
        message_ids=[str(mail["message-id"]) for mail in mails],
        unverified=sum(not call.verified for call in calls),
        decisions=decisions,
        reports=reports,
    )
    showing.messages(saved, calls)
    showing.news(verdict.outcomes(week, verdict.tellings(payloads)))
    showing.silence(decisions)
    showing.retold(verdict.retellings(week, decisions)[1])
    showing.checks(findings)
    showing.closing(output, config)
    return 0 if all(check.holds for check in findings) else 1


def write_config(output: Path, week: Week, feeds: FeedServer, smtp_port: int, hook: str) -> Path:
    """The configuration of the demo, in a clean output folder."""
    for old in (*output.glob("newswatch.db*"), *output.glob("emails/*"), *output.glob("webhooks/*")):
        old.unlink()
    for folder in ("events", "emails", "webhooks"):
        (output / folder).mkdir(parents=True, exist_ok=True)
    event = (ROOT / "config" / "events" / "koi-tash.yaml").read_text(encoding="utf-8")
    (output / "events" / "koi-tash.yaml").write_text(event, encoding="utf-8")
    lines = [
        f'  - {{id: {o.id}, url: "{feeds.url("/" + o.id)}", title: "{o.title}", language: {o.language}}}'
        for o in week.outlets
    ]
    path = output / "newswatch.yaml"
    path.write_text(CONFIG.format(feeds="\n".join(lines), smtp=smtp_port, hook=hook), encoding="utf-8")
    return path


def _route(outlet: Outlet, week: Week, moment: Moment) -> Route:
    broken = moment.broken.get(outlet.id)
    if broken == "hangs":
        return Route(hang="headers")
    if isinstance(broken, int):
        # Without a Retry-After: all feeds of the demo are of one host, and newswatch would spare that altogether.
        return Route(status=broken)
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


if __name__ == "__main__":
    sys.exit(main())
