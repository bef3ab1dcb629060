"""``newswatch routes``, ``mute``, ``unmute``, ``mutes`` and ``ack``: what a person reads, and what follows from it."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cli.conftest import Ran
from loopback import news
from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss, write_config
from newswatch.cli.common import clock
from newswatch.config.load import load_config
from newswatch.config.paths import data_dir
from newswatch.model import Alert
from newswatch.store import Store, open_store

Run = Callable[..., Ran]
BOXES = "{box: {type: folder, path: outbox}, hook: {type: folder, path: other}}"
ROUTES = """
  - {id: desk, channels: [box, hook], timezone: Europe/Berlin, topics: [casualties, politics],
     quiet: {from: '22:00', until: '07:00', days: [fri, sat], except: politics},
     escalate: {to: chief}, at_most: 6 per hour}
  - {id: chief, channels: [box], digest: null, group_wait: 0, at_most: null}
  - {id: ada, channels: [box], alert_from: digest, timezone: Asia/Bishkek}
"""
NIGHT = "2031-03-01T23:30:00+01:00"  # a Saturday


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, {"wire": "https://wire.example.org/rss"}, BOXES, ROUTES)


def opened(config: Path) -> Store:
    loaded = load_config(config, {})
    return open_store(loaded.settings.store.url, base=loaded.base, now=clock())


def test_a_route_reads_aloud(run: Run, config: Path) -> None:
    shown = run("routes", "show", "-c", config)
    assert (shown.code, shown.err) == (0, "")
    desk, chief, ada = (" ".join(text.split()) for text in re.split(r"\n(?=\w+: )", shown.out.strip()))
    assert desk == (
        "desk: Told at once of what is `alert` in every event, topics casualties and politics, over box and hook. "
        "The rest comes in the digest (cron 0 7 * * *, Europe/Berlin). What comes within 30s is one alert. At most 6 "
        "per hour; more is merged. Quiet from 22:00 until 07:00 on fri and sat, except politics (Europe/Berlin). An "
        "urgent alert that is not acknowledged within 15m is told to chief."
    )
    assert chief == "chief: Told at once of everything in every event, over box."
    assert "What is muted goes into the digest (cron 0 7 * * *, Asia/Bishkek)." in ada
    value = json.loads(run("routes", "show", "-c", config, "--json").out)
    assert value[0]["quiet"] == [{"from": "22:00", "until": "07:00", "days": ["fri", "sat"], "except": ["politics"]}]


def test_it_says_who_would_be_told_what_when_and_why(run: Run, config: Path) -> None:
    tested = run("routes", "test", "-c", config, "--topic", "casualties", "--at", NIGHT)
    assert (tested.code, tested.err) == (0, "")
    assert (
        tested.out
        == """\
A development of velmora, topic casualties, severity alert, at Sat 1 Mar 2031, 22:30 UTC:

desk   later, at Sun 2 Mar 2031, 07:00 CET, over box and hook
       alert is told at once (alert_from: alert)
       waits until 30s later: more of the same event may come (group_wait)
       waits until Sun 2 Mar 2031, 07:00 CET: quiet hours
       unless it is acknowledged by Sun 2 Mar 2031, 07:15 CET, chief is told
chief  at once, over box
       there is no digest, so everything is told at once
ada    at once, over box
       alert is told at once (alert_from: digest)
       waits until 30s later: more of the same event may come (group_wait)
"""
    )
    politics = run("routes", "test", "-c", config, "--topic", "politics", "--at", NIGHT).out
    assert re.search(r"^desk +in the digest of Sun 2 Mar 2031, 07:00 CET, over box and hook$", politics, re.MULTILINE)
    assert "digest is below alert_from: alert" in politics
    loud = run("routes", "test", "-c", config, "--topic", "politics", "--severity", "alert", "--at", NIGHT).out
    assert re.search(r"^desk +at once, over box and hook$", loud, re.MULTILINE)
    legal = run("routes", "test", "-c", config, "--topic", "legal", "--at", NIGHT).out
    assert re.search(r"^desk +not at all\n +its topics are casualties, politics$", legal, re.MULTILINE)
    assert re.search(r"^desk +not at all$", run("routes", "test", "-c", config).out, re.MULTILINE)


def test_it_says_the_same_to_another_program(run: Run, config: Path) -> None:
    tested = run("routes", "test", "-c", config, "--topic", "casualties", "--at", NIGHT, "--json")
    [value] = json.loads(tested.out)
    desk, chief, _ = value["recipients"]
    assert (desk["told"], desk["at"], desk["channels"]) == ("at once", "2031-03-02T06:00:00+00:00", ["box", "hook"])
    assert [wait["why"] for wait in desk["waits"]][1:] == ["quiet hours"]
    assert desk["escalates"] == {"to": "chief", "at": "2031-03-02T06:15:00+00:00"}
    assert (chief["at"], chief["waits"], chief["escalates"]) == ("2031-03-01T22:30:00+00:00", [], None)


DOCUMENT = (Path(__file__).parents[2] / "docs" / "routes.md").read_text(encoding="utf-8")


def test_the_example_of_the_document_is_so(run: Run, tmp_path: Path) -> None:
    route, _, shown = re.findall(r"```(?:yaml|sh)?\n(.*?)```", DOCUMENT, re.DOTALL)[:3]
    names = ("desk-mail", "desk-hook", "chief-mail")
    channels = ", ".join(f"{name}: {{type: folder, path: {name}}}" for name in names)
    (tmp_path / "events").mkdir()
    shutil.copy(data_dir("config") / "events" / "koi-tash.yaml", tmp_path / "events")
    config = tmp_path / "newswatch.yaml"
    config.write_text(f"feeds: [{{url: 'https://a.example/rss'}}]\nchannels: {{{channels}}}\n{route}")
    assert run("check-config", "-c", config).out == ""
    arguments = ("--topic", "rallies", "--severity", "alert", "--at", "2019-08-08T20:00:00Z")
    assert run("routes", "test", "-c", config, *arguments).out == shown


def test_a_story_is_tried_as_if_it_came_now(run: Run, tmp_path: Path) -> None:
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as feeds:
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS}, BOXES, ROUTES)
        done = run("once", "-c", config, "--now", MOMENTS[2].isoformat())
        assert done.code == 0, done.err
    told = json.loads(run("decisions", "-c", config, "--told", "--json").out)
    tested = run("routes", "test", told[0]["story"], "-c", config, "--at", NIGHT)
    assert tested.code == 0, tested.err
    assert "for velmora, at Sat 1 Mar 2031, 22:30 UTC:" in tested.out
    assert "chief  at once, over box" in tested.out
    silent = json.loads(run("decisions", "-c", config, "--silent", "--json").out)
    nothing = run("routes", "test", silent[0]["story"], "-c", config)
    assert nothing.code == 1
    assert "told nothing; `newswatch explain " in nothing.err
    assert run("routes", "test", "no such story", "-c", config).code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--event", "flood"], "no event is called 'flood'; configured: velmora"),
        (["--topic", "tolls"], "event velmora has no topic 'tolls'; it has: casualties, legal, politics"),
        (["--at", "2031-03-01T22:00:00"], "has no time zone"),
        (["--severity", "urgent"], "'urgent' is not one of 'silent', 'digest', 'alert'"),
    ],
)
def test_a_wrong_question_is_said(run: Run, config: Path, arguments: list[str], said: str) -> None:
    tested = run("routes", "test", "-c", config, *arguments)
    assert tested.code == 2
    assert said in " ".join(tested.err.split())


def test_what_is_held_back_is_said_by_once(run: Run, tmp_path: Path) -> None:
    quiet = "[{id: desk, channels: [box], timezone: Europe/Berlin, quiet: {from: '00:00', until: '23:00'}}]"
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as feeds:
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS}, BOXES, quiet)
        done = run("once", "-c", config, "--now", MOMENTS[2].isoformat())
        assert done.code == 0
        said = r"^  desk: \d developments wait until Mon 3 Mar 2031, 23:00 CET \(quiet hours\)$"
        assert re.search(said, done.err, re.MULTILINE)
        later = run("once", "-c", config, "--now", MOMENTS[2].replace(hour=22).isoformat(), "--json")
    value = json.loads(later.out)
    assert value["alerts"] == {"made": 1, "escalated": 0, "waiting": []}
    assert (value["deliveries"]["sent"], len(list((tmp_path / "outbox").glob("*.eml")))) == (1, 1)


# ---------------------------------------------------------------- mutes


def test_a_mute_is_made_shown_followed_and_ended(run: Run, config: Path) -> None:
    made = run("mute", "velmora/casualties", "--for", "2h", "--why", "seen it", "-c", config)
    assert made.code == 0
    assert re.fullmatch(
        r"velmora/casualties is muted until \w+ .* UTC; what comes meanwhile goes into the digest\n", made.out
    )
    assert made.err == "chief has no digest: what comes is told at the end of the mute\n"
    listed = run("mutes", "-c", config)
    assert re.fullmatch(r"velmora/casualties  until .* UTC, by \w+: seen it  \[mut_\w{20}\]\n", listed.out)
    tested = run("routes", "test", "-c", config, "--topic", "casualties").out
    assert re.search(r"^desk +in the digest of .*\n +velmora/casualties is muted by \w+$", tested, re.MULTILINE)
    assert re.search(r"^chief +later, at ", tested, re.MULTILINE)
    [row] = json.loads(run("mutes", "-c", config, "--json").out)
    assert (row["event"], row["topic"], row["recipient"], row["why"]) == ("velmora", "casualties", "", "seen it")
    ended = run("unmute", "velmora/casualties", "-c", config)
    assert (ended.code, ended.out) == (0, "velmora/casualties is told at once again\n")
    assert run("mutes", "-c", config).err == "nothing is muted\n"
    again = run("unmute", "velmora/casualties", "-c", config)
    assert (again.code, again.err) == (1, "newswatch: no such mute; `newswatch mutes` lists them (nothing is muted)\n")


def test_mutes_are_of_an_event_a_topic_or_a_recipient(run: Run, config: Path) -> None:
    for arguments in (["velmora"], ["legal", "-r", "ada"], ["--recipient", "desk"]):
        assert run("mute", *arguments, "--for", "1d", "-c", config).code == 0
    scopes = [line.partition("  ")[0] for line in run("mutes", "-c", config).out.splitlines()]
    assert scopes == ["velmora", "topic legal for ada", "everything for desk"]
    assert run("unmute", "legal", "-c", config).code == 1  # that is for ada only
    ids = re.findall(r"mut_\w+", run("mutes", "-c", config).out)
    assert run("unmute", ids[1], "-c", config).out == "topic legal for ada is told at once again\n"
    assert len(run("unmute", "--all", "-c", config).out.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say what: EVENT, EVENT/TOPIC or TOPIC; or for whom: --recipient"),
        (
            ["flood"],
            "no event or topic is called 'flood'; there are: events velmora; topics casualties, legal, politics",
        ),
        (["velmora/tolls"], "no event or topic is called 'velmora/tolls'"),
        (["velmora", "-r", "bo"], "no recipient is called 'bo'; configured: desk, chief, ada"),
    ],
)
def test_what_cannot_be_muted_is_said(run: Run, config: Path, arguments: list[str], said: str) -> None:
    result = run("mute", *arguments, "--for", "2h", "-c", config)
    assert result.code == 2
    assert said in " ".join(result.err.split())


def test_how_long_must_be_said_rightly(run: Run, config: Path) -> None:
    assert "Missing option '--for'" in run("mute", "velmora", "-c", config).err
    assert "is not a duration; write for example 30s, 10m, 2h or 1d" in " ".join(
        run("mute", "velmora", "--for", "a while", "-c", config).err.split()
    )


def test_a_name_of_two_things_is_asked_about(run: Run, config: Path) -> None:
    event = config.parent / "events" / "velmora.yaml"
    event.write_text(event.read_text().replace("id: legal", "id: velmora"))
    result = run("mute", "velmora", "--for", "2h", "-c", config)
    assert "'velmora' is an event and a topic; for the topic write velmora/velmora" in " ".join(result.err.split())


# ---------------------------------------------------------------- acknowledgements


def told(config: Path, *ids: str) -> None:
    store = opened(config)
    with store.transaction() as tx:
        for name in ids:
            item = news.item(news.INJURED if "calm" not in name else news.RESIGNS)
            tx.add_alert(Alert(name, "velmora", news.EVENT.title, "desk", clock() - timedelta(hours=1), (item,)))
    store.close()


def test_an_alert_is_acknowledged_by_the_beginning_of_its_id(run: Run, config: Path) -> None:
    told(config, "alr_abcd1", "alr_abcd2", "alr_calm")
    listed = run("ack", "-c", config)
    assert [line.split()[0] for line in listed.out.splitlines()] == ["alr_abcd2", "alr_abcd1"]
    assert listed.err == "2 urgent alerts of the last week not acknowledged\n"
    several = run("ack", "abcd", "-c", config)
    assert (several.code, several.err) == (
        1, "newswatch: 'abcd' begins several ids (alr_abcd1, alr_abcd2); write more of it\n",
    )  # fmt: skip
    done = run("ack", "abcd1", "--note", "calling them", "-c", config)
    assert done.code == 0
    assert done.out.startswith(f"acknowledged: “{news.INJURED.summary}” (velmora, told to desk ")
    again = run("ack", "alr_abcd1", "-c", config)
    assert (again.code, again.out) == (0, "")
    assert re.match(r"already acknowledged by \w+ ", again.err)
    assert [row["alert"] for row in json.loads(run("ack", "-c", config, "--json").out)] == ["alr_abcd2"]
    store = opened(config)
    [alert] = store.alerts_like("alr_abcd1")
    seen = store.acknowledged(alert)
    store.close()
    assert seen is not None
    assert seen.note == "calling them"


@pytest.mark.parametrize("name", ["nothing", "alr_", "a", "%", "____"])
def test_what_is_no_alert_is_said(run: Run, config: Path, name: str) -> None:
    told(config, "alr_abcd1")
    result = run("ack", name, "-c", config)
    assert result.code == 1
    assert f"no alert {name!r}; its id stands at its foot" in result.err
