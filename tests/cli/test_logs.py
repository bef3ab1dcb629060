"""The log as it is written: an entry's way by its ids, objects a line, and the journal's priorities. Real processes."""

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss, write_config
from newswatch.app import trail
from newswatch.app.reports import Judged
from newswatch.cli.logs import JsonLines, Prioritised, is_journal


def once(folder: Path, *, verbose: str = "-v", form: str = "plain", journal: bool = False, broken: bool = False) -> str:
    """What `newswatch once` writes on stderr."""
    routes = {f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}
    if broken:
        routes["/wire"] = Route(status=503)
    boxes, who = "{box: {type: folder, path: box}}", "[{id: desk, channels: [box]}]"
    with FeedServer(routes) as feeds:
        config = write_config(folder, {name: feeds.url(f"/{name}") for name in FEEDS}, boxes, who)
        read, write = os.pipe()
        environ = dict(os.environ)
        if journal:
            found = os.fstat(write)
            environ["JOURNAL_STREAM"] = f"{found.st_dev}:{found.st_ino}"
        with os.fdopen(read, encoding="utf-8") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "newswatch", verbose, "once", "-c", str(config), "--log", form,
                 "--now", MOMENTS[2].isoformat()], stderr=write, stdout=subprocess.DEVNULL, env=environ,
            )  # fmt: skip
            os.close(write)
            text = said.read()
            assert process.wait(60) == (1 if broken else 0), text
    return text


def test_the_way_of_a_story_is_found_by_its_id(tmp_path: Path) -> None:
    said = once(tmp_path)
    told = re.search(r"story (sty_\w+) about velmora is told \(alert\): (dev_\w+).*; at once to desk", said)
    assert told, said
    way = [line for line in said.splitlines() if told[1] in line]
    steps = (r"feed \w+ brought story sty_\w+ \(new\)", r"is told", r"alert (alr_\w+) to desk tells", r"sent over box")
    for step, line in zip(steps, way, strict=True):
        assert re.search(step, line), line
    alert = re.search(rf"alert (alr_\w+) to desk tells .*{told[2]}.*; it goes out as (dlv_\w+) over box", said)
    assert alert, said
    assert re.search(rf"delivery {alert[2]} of alert {alert[1]} \(.*{told[1]}.*\) sent over box", said)
    assert "is silent: " in said
    assert "is not about" not in said


def test_what_is_not_about_an_event_is_said_at_debug(tmp_path: Path) -> None:
    assert re.search(r"DEBUG newswatch.trail: story sty_\w+ is not about velmora", once(tmp_path, verbose="-vv"))


def test_an_object_a_line_has_the_ids_as_fields(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [json.loads(line) for line in once(tmp_path, form="json", broken=True).splitlines()
                                   if line.startswith("{")]  # fmt: skip
    assert all(list(line)[:4] == ["time", "level", "logger", "message"] for line in lines)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in lines)
    sent = next(line for line in lines if line["message"].startswith("delivery") and "sent over" in line["message"])
    alert = next(line for line in lines if line.get("alert") == sent["alert"] and line is not sent)
    assert sent["delivery"] in alert["delivery"]
    assert set(alert["story"]) == set(sent["story"])
    assert sent["channel"] == "box"
    [failed] = [line for line in lines if line["level"] == "warning"]
    assert failed["feed"] == "wire"


@pytest.mark.parametrize("form", ["plain", "json"])
def test_the_journal_gets_the_priority_of_each_line(tmp_path: Path, form: str) -> None:
    lines = once(tmp_path, journal=True, broken=True, form=form).splitlines()
    assert any(line.startswith("<6>") and "brought story" in line for line in lines)
    assert any(line.startswith("<4>") and "feed wire failed" in line for line in lines)


def test_elsewhere_there_are_no_priorities(tmp_path: Path) -> None:
    assert not re.search(r"^<\d>", once(tmp_path), re.MULTILINE)


def record(level: int, message: str, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("newswatch.x", level, "x.py", 1, message, (), None)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def test_each_line_of_a_traceback_has_its_priority() -> None:
    made = record(logging.ERROR, "a fault")
    try:
        int("two\nlines")
    except ValueError:
        made.exc_info = sys.exc_info()
    lines = Prioritised(logging.Formatter("%(message)s")).format(made).splitlines()
    assert len(lines) > 4
    assert all(line.startswith("<3>") for line in lines)
    assert "\n" not in JsonLines().format(made)
    assert json.loads(JsonLines().format(made))["traceback"].startswith("Traceback")


@pytest.mark.parametrize(
    ("level", "priority"),
    [(logging.DEBUG, 7), (logging.INFO, 6), (logging.WARNING, 4), (logging.ERROR, 3), (logging.CRITICAL, 2)],
)
def test_priorities_are_those_of_syslog(level: int, priority: int) -> None:
    assert Prioritised(logging.Formatter("%(message)s")).format(record(level, "x")) == f"<{priority}>x"


def test_a_field_does_not_overwrite_what_every_line_has() -> None:
    line = json.loads(JsonLines().format(record(logging.INFO, "x", ids={"message": "y", "story": "sty_1"})))
    assert (line["message"], line["story"]) == ("x", "sty_1")


@pytest.mark.parametrize("named", ["", "1:2", "nonsense", "8:"])
def test_another_stream_than_the_journals_is_none(tmp_path: Path, named: str) -> None:
    with (tmp_path / "log").open("w") as stream:
        assert not is_journal(stream, {"JOURNAL_STREAM": named})
        found = os.fstat(stream.fileno())
        assert is_journal(stream, {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"})


def test_what_a_story_says_cannot_write_lines_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reason = "“a\nERROR newswatch: all is lost\x1b[31m” is known"
    trail.judged([Judged("wire", "sty_1", "velmora", False, True, "silent", reason)])
    assert caplog.messages == [
        "feed wire brought story sty_1 (new)",
        "story sty_1 about velmora is silent: “a ERROR newswatch: all is lost [31m” is known",
    ]


def test_many_ids_are_counted() -> None:
    assert trail.listed([f"sty_{n}" for n in range(25)]).endswith("sty_19 and 5 more")
