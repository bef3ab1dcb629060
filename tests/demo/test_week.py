"""The recorded week is what it says, and the demo's checks fail when what they demand is not so."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from demo.corpus import Week, load_week
from demo.shapes import render

from demo import verdict

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def week() -> Week:
    return load_week(ROOT / "demo" / "week")


def test_every_feed_has_the_shape_it_names(week: Week) -> None:
    versions = {
        "rss": "rss20",
        "rss-content": "rss20",
        "rss-sloppy": "rss20",
        "atom": "atom10",
        "rdf": "rss10",
        "page": "",
    }
    for outlet in week.outlets:
        items = week.standing(outlet, week.moments[-1].at)
        parsed = feedparser.parse(render(outlet, items))
        assert parsed.version == versions[outlet.shape]
        assert [entry.title for entry in parsed.entries] == [item.title for item in items]
        assert bool(parsed.bozo) == (outlet.shape in {"rss-sloppy", "page"})


def test_the_russian_feed_is_in_windows_1251(week: Week) -> None:
    vestnik = next(outlet for outlet in week.outlets if outlet.id == "vestnik")
    body = render(vestnik, week.standing(vestnik, week.moments[-1].at))
    assert 'encoding="windows-1251"' in body.decode("windows-1251")
    assert "Вестник Чуя" in body.decode("windows-1251")
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_feeds_grow_and_roll_off(week: Week) -> None:
    wire = next(outlet for outlet in week.outlets if outlet.id == "wire")
    first, last = (week.standing(wire, moment.at) for moment in (week.moments[0], week.moments[-1]))
    assert 0 < len(first) < len(last) == wire.keep
    assert not {item.guid for item in first} & {item.guid for item in last}


def test_an_edit_shows_only_after_its_time(week: Week) -> None:
    wire = next(outlet for outlet in week.outlets if outlet.id == "wire")

    def texts(hour: int) -> str:
        return "\n".join(item.text for item in week.standing(wire, datetime(2019, 8, 9, hour, tzinfo=UTC)))

    assert "Thirty of them are still in hospital" in texts(13)
    assert "Twenty of them are still in hospital" in texts(14)


def test_a_label_names_news_that_exists(tmp_path: Path, week: Week) -> None:
    folder = tmp_path / "week"
    (folder / "days").mkdir(parents=True)
    for name in ("outlets.yaml", "moments.yaml", "news.yaml"):
        (folder / name).write_text((ROOT / "demo" / "week" / name).read_text())
    article = '- {id: a, outlet: wire, at: "2019-08-08T10:00:00Z", title: A, text: B, says: [no-such-news]}\n'
    (folder / "days" / "2019-08-08.yaml").write_text(article)
    with pytest.raises(ValueError, match=r"article a names what the week does not have: \['no-such-news'\]"):
        load_week(folder)


# ---------------------------------------------------------------- the verdict


def told(week: Week, *, kind: str = "alert", leave_out: str = "") -> list[dict[str, Any]]:
    """A perfect desk's messages: each piece of news once, from the first story that states it."""
    payloads: list[dict[str, Any]] = []
    for piece in week.news:
        article = next(a for a in week.articles if piece.id in a.says.union(*(edit.says for edit in a.edits)))
        if piece.id == leave_out:
            continue
        url = f"https://{article.outlet}.example/{article.at:%Y/%m/%d}/{article.id}"
        story = {"source": article.outlet, "url": url}
        development = {"summary": f"It is about {piece.words[0]}.", "evidence": [], "story": story}
        data = {"kind": kind, "subject": piece.what, "developments": [development]}
        payloads.append({"timestamp": article.at.isoformat(), "data": data})
    return payloads


def decided(week: Week) -> list[dict[str, Any]]:
    """What a perfect judge decides, newest first, copies left out."""
    known: set[str] = set()
    rows = []
    for article in sorted(week.articles, key=lambda article: article.at):
        url = f"https://{article.outlet}.example/{article.at:%Y/%m/%d}/{article.id}"
        decision = "alert" if article.says - known else "silent"
        known |= article.says
        rows.append({"url": url, "revision": 1, "relevant": article.about, "decision": decision,
                     "source": article.outlet, "title": article.title})  # fmt: skip
    return rows[::-1]


def reported(week: Week, decisions: int) -> list[dict[str, Any]]:
    never = [outlet.id for outlet in week.outlets if outlet.shape == "page"]
    reports = [
        {
            "feeds": {"polled": len(week.outlets), "unchanged": 1},
            "stories": {"new": 0, "edited": 0, "about": 0, "told": 0, "silent": 0},
            "deliveries": {"waiting": 0},
            "problems": [{"feed_id": feed} for feed in (*never, *moment.broken)],
        }
        for moment in week.moments
    ]
    reports[0]["stories"] = {"new": decisions, "edited": 0, "about": 0, "told": 0, "silent": 0}
    return reports


OWN = "newswatch: feed portal is broken"


def failing(week: Week, **changed: Any) -> list[str]:
    payloads = changed.get("payloads", told(week))
    decisions = changed.get("decisions", decided(week))
    values: dict[str, Any] = {
        "payloads": payloads,
        "subjects": [*(payload["data"]["subject"] for payload in payloads), OWN],
        "message_ids": [str(number) for number in range(len(payloads) + 1)],
        "unverified": 0,
        "decisions": decisions,
        "reports": reported(week, len(decisions)),
    } | changed
    return [check.what for check in verdict.checks(week, **values) if not check.holds]


def test_a_perfect_week_passes(week: Week) -> None:
    assert failing(week) == []


def test_news_that_was_missed_fails(week: Week) -> None:
    assert failing(week, payloads=told(week, leave_out="surrender")) == [
        "what must be told was told: 8 of 9 (but: surrender)"
    ]


def test_nothing_told_fails(week: Week) -> None:
    assert len(failing(week, payloads=[])) == 4


def test_news_that_came_in_a_digest_only_fails(week: Week) -> None:
    assert [what[:43] for what in failing(week, payloads=told(week, kind="digest"))] == [
        "at least half of that came at once, not in "
    ]


def test_retellings_told_fail(week: Week) -> None:
    loud = [one | {"decision": "alert" if one["relevant"] else "silent"} for one in decided(week)]
    assert len(failing(week, decisions=loud)) == 1
    assert failing(week, decisions=loud)[0].startswith("at least two thirds of the retellings stayed silent: 0 of ")


def test_the_rest_of_the_world_told_fails(week: Week) -> None:
    strayed = [one | {"relevant": True, "decision": "alert"} if "som" in one["url"] else one for one in decided(week)]
    assert failing(week, decisions=strayed) == [
        "nothing of the rest of the world was told (but: Som steady against dollar, central bank stays out)"
    ]


def test_a_wrong_signature_a_lost_and_a_repeated_email_fail(week: Week) -> None:
    subjects = [payload["data"]["subject"] for payload in told(week)]
    assert failing(week, unverified=1) == ["every webhook call's signature verifies: 26 of 27"]
    assert failing(week, subjects=[*subjects[1:], OWN]) == [
        "every message came once over each channel: 26 emails, 27 webhook calls"
    ]
    assert failing(week, message_ids=["same"] * 28) == [
        "every message came once over each channel: 27 emails, 27 webhook calls"
    ]


def test_an_operator_who_is_not_told_or_told_twice_fails(week: Week) -> None:
    subjects = [payload["data"]["subject"] for payload in told(week)]
    for own in ([], [OWN, OWN]):
        ids = [str(number) for number in range(len(subjects) + len(own))]
        assert [what[:31] for what in failing(week, subjects=[*subjects, *own], message_ids=ids)] == [
            "the operator was told once of t"
        ]


def test_a_feed_that_failed_unbidden_and_counts_that_do_not_add_up_fail(week: Week) -> None:
    reports = reported(week, len(decided(week)))
    reports[3]["problems"].append({"feed_id": "wire"})
    reports[4]["stories"] = {"new": 1, "edited": 0, "about": 1, "told": 0, "silent": 0}
    assert [what[:26] for what in failing(week, reports=reports)] == [
        "the feeds that failed are ",
        "the counts add up: 67 new ",
    ]
