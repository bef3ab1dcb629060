"""What was decided in English is said in the recipient's language, and nothing of ours stays English."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from loopback import news
from newswatch.alerting.render import Renderer
from newswatch.alerting.worded import development, line, worded
from newswatch.alerting.wording import words
from newswatch.config.hooks import ready_formats
from newswatch.config.settings import Recipient
from newswatch.model import (
    Alert,
    Bound,
    Development,
    FailedFeed,
    FigureChange,
    FigurePoint,
    FigureTrack,
    Outcome,
)
from newswatch.reasons import because, english

RUSSIAN = Recipient(id="desk", channels=("mail",), language="ru")
GONE = because("no-longer", sentence="Пятеро погибли.")
WHY = because("taken-out")
LINE = replace(
    news.INJURED,
    summary="Injured (police): more than 50 → at least 98",
    figure=FigureChange("injured", 98, 50, Bound.AT_LEAST, Bound.ABOVE, line=True, group="police"),
    evidence=("Не менее 98 милиционеров пострадали.",),
    known_before="Пострадали более 50.",
    topic="",
    speaker="",
)
TAKEN_OUT = replace(
    news.RUSSIAN, development_id="dev_gone", outcome=Outcome.CORRECTED, summary=english(GONE), worded=GONE,
    reason=english(WHY), why=WHY,
)  # fmt: skip


def said(told: Development, language: str = "ru", story: str = "ru") -> Development:
    return development(told, words(language), story)


def test_a_line_of_numbers_is_written_in_the_language() -> None:
    assert said(LINE).summary == "Пострадавшие (силовики): более 50 → не менее 98"
    assert said(LINE, "en").summary == LINE.summary
    assert said(LINE).reason == "рост: было известно 50"


def test_numbers_that_sources_disagree_on_are_no_change() -> None:
    figure = FigureChange("killed", 7, 9, line=True)
    assert said(replace(LINE, figure=figure, outcome=Outcome.CONTRADICTS)).summary == "Погибшие: 9 или 7"


def test_a_sum_keeps_its_currency() -> None:
    figure = FigureChange("bail", 12500, 900, line=True, unit="usd", was_unit="kgs")
    assert line(figure, words("ru"), disputed=False) == "Залог: 900 KGS → 12\u00a0500 USD"


def test_what_an_edit_took_out_is_said_in_the_language() -> None:
    assert said(TAKEN_OUT).summary == "В статье больше нет: «Пятеро погибли.»"


def test_a_sentence_of_a_story_stays_as_it_was_written() -> None:
    assert said(news.RUSSIAN, "en").summary == news.RUSSIAN.summary
    assert said(replace(news.INJURED, figure=FigureChange("injured", 98, 50))).summary == news.INJURED.summary


def test_a_role_is_named_in_the_language_where_the_story_speaks_another() -> None:
    told = replace(news.DENIED, speaker="Polizei", role="police")
    assert (said(told, "ru", "de").speaker, said(told, "en", "de").speaker) == ("полиция", "the police")
    assert said(told, "en", "en").speaker == "Polizei"
    assert said(replace(told, role="harbour-master"), "ru", "de").speaker == "Polizei"


def test_what_an_older_newswatch_kept_stays_english() -> None:
    old = replace(LINE, why=None, reason="50 was known", figure=FigureChange("injured", 98, 50))
    assert (said(old).summary, said(old).reason) == (LINE.summary, "50 was known")


def test_it_is_the_same_when_it_is_said_twice() -> None:
    alert = news.alert(news.item(LINE), news.item(TAKEN_OUT))
    once = worded(alert, words("ru"))
    assert worded(once, words("ru")) == once


def everything(*, digest: bool) -> Alert:
    """All that newswatch can say in a message, of a story and an event that are Russian."""
    title = "Велмора: плотина"
    many = [
        replace(
            news.item(told, replace(news.RUSSIAN_STORY, story_id=f"sty_{number}"), (("Вестник", ""),) * 9),
            event_title=title,
            topic_title="суды",
        )
        for number, told in enumerate((LINE, TAKEN_OUT, replace(news.RUSSIAN, outcome=Outcome.CONFIRMS)))
    ]
    long = replace(news.RUSSIAN, evidence=("Слово " * 200, "Ещё.", "И ещё."))
    many += [
        replace(news.item(replace(long, development_id=f"dev_{n}"), replace(news.RUSSIAN_STORY, story_id=f"s{n}")),
                event_title=title, topic_title="суды")
        for n in range(120)
    ]  # fmt: skip
    alert = replace(news.alert(*many), event_title=title, escalated_from="desk")
    if not digest:
        return alert
    points = tuple(FigurePoint(news.NOW - timedelta(hours=9 - n), 12 * (n + 1), Bound.ABOVE, "Вестник") for n in (0, 8))
    tracks = [FigureTrack("v", title, measure, "Injured", points, "police") for measure in ("injured", "killed") * 10]
    counts = ("seen", 9), ("not about", 3), ("about", 6), ("told", 2), ("waiting", 1), ("silent", 2), ("failed", 1)
    failed = [FailedFeed("Вестник", news.NOW, "answered 503"), FailedFeed("Озеро", None, "answered 503")]
    failed.append(FailedFeed("Гора", news.NOW, "answered 503", again=news.NOW))
    return replace(
        alert, digest=True, period=(news.NOW - timedelta(days=1), news.NOW), counts=counts,
        corrected=(replace(many[1], development=replace(TAKEN_OUT, development_id="x")),), figures=tuple(tracks),
        failed_feeds=tuple(failed),
    )  # fmt: skip


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() if key not in KEYS for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


# Values that are read by a machine.
_MACHINES = """
type url $schema contentType version parse_mode verbatim weight spacing size style click tags id event kind outcome
severity topic measure bound was_bound language delivery_id alert_id timestamp recipient width from until published at
last_success last_failure error
"""
KEYS = frozenset(_MACHINES.split())
OURS = {"newswatch", "newswatch.yaml", "recipients", "alert_from", "topics", "digest", "desk", "UTC", "dlv"}


def foreign(text: str) -> set[str]:
    """Latin words that are neither addresses, settings nor units."""
    text = re.sub(r"https?://\S+|<[^>]*>|`[^`]*`|dlv_\w+|cid:\S+|&\w+;", " ", text)
    return set(re.findall(r"[A-Za-z][A-Za-z_.]*[A-Za-z]", text)) - OURS


@pytest.mark.parametrize("digest", [False, True])
@pytest.mark.parametrize("form", ready_formats())
def test_a_message_for_a_russian_is_russian_throughout(form: str, digest: bool) -> None:
    alert = everything(digest=digest)
    message = Renderer(None).render(news.delivery(alert), recipient=RUSSIAN, form=form)
    body = re.sub(r"(?s)<style>.*?</style>|<!--.*?-->", " ", message.html)
    assert foreign(message.subject) == set()
    assert foreign(message.text) == set()
    assert foreign(body) == set()
    assert foreign("\n".join(texts(message.payload))) == set()


def test_notices_of_a_failing_template_are_in_the_language(tmp_path: Any) -> None:
    (tmp_path / "alert.txt.j2").write_text("{{ nothing.at.all }}", encoding="utf-8")
    delivery = news.delivery(news.alert(news.item(news.RUSSIAN, news.RUSSIAN_STORY)))
    assert Renderer(tmp_path).render(delivery, recipient=RUSSIAN).notice.startswith("Один из ваших шаблонов")
