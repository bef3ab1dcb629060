"""What people read: subjects, both bodies, and the webhook's JSON."""

import json
import os
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from loopback import news
from newswatch.alerting import outages, wording
from newswatch.alerting.payload import LIMIT
from newswatch.alerting.render import Renderer
from newswatch.alerting.view import SUBJECT_LENGTH, clip, direction, moment, numbers, safe_link, short_name
from newswatch.config.paths import data_dir
from newswatch.config.settings import Recipient
from newswatch.model import (
    Alert,
    AlertItem,
    Bound,
    FailedFeed,
    FigureChange,
    FigurePoint,
    FigureTrack,
    Message,
    Outcome,
    RefusedAddress,
    Severity,
)  # fmt: skip

DESK = Recipient(id="desk", channels=("mail",), timezone="Asia/Bishkek")
GOLDEN = Path(__file__).parent / "golden"
SCHEMA = Draft202012Validator(
    json.loads((data_dir("config") / "schemas" / "webhook.schema.json").read_text(encoding="utf-8"))
)
FIVE = (news.INJURED, news.DETAINED, news.DENIED, news.RESIGNS, news.EVACUATED)


def render(alert: Alert, users: Path | None = None) -> Message:
    return Renderer(users).render(news.delivery(alert), recipient=DESK)


def digest(*items: AlertItem) -> Alert:
    period = (news.NOW - timedelta(days=1), news.NOW)
    counts = (
        ("seen", 412), ("not about", 381), ("about", 31), ("told", 4), ("waiting", 0), ("silent", 27), ("failed", 0),
    )  # fmt: skip
    return replace(news.alert(*items), event="", event_title="", digest=True, period=period, counts=counts)


TRACK = FigureTrack(
    "velmora", news.EVENT.title, "injured", "Injured",
    (
        FigurePoint(news.NOW - timedelta(days=3), 50, Bound.ABOVE, "baseline"),
        FigurePoint(news.NOW - timedelta(hours=20), 80, Bound.ABOUT, "Lake Wire"),
        FigurePoint(news.NOW - timedelta(hours=2), 98, Bound.EXACT, "The Arda Herald", news.STORY.url),
    ),
)  # fmt: skip
FULL = replace(
    digest(news.item(news.RESIGNS), news.item(replace(news.INJURED, outcome=Outcome.CONTRADICTS))),
    corrected=(news.item(replace(news.DETAINED, outcome=Outcome.CORRECTED, known_before="Nobody was detained.")),),
    figures=(TRACK, replace(TRACK, measure="killed", label="Killed", points=TRACK.points[-1:])),
    failed_feeds=(
        FailedFeed("Kestrel Post", news.NOW - timedelta(hours=9), "HTTP 503"),
        FailedFeed("Lake Wire", None, "no such host"),
        FailedFeed("Kestrel Wire", news.NOW, "HTTP 503", again=news.NOW - timedelta(hours=2)),
    ),
)


SAMPLES = {
    "one": news.alert(news.item(news.INJURED, others=news.OTHERS)),
    "five": news.alert(*(news.item(d, others=news.OTHERS) for d in FIVE)),
    "russian": news.alert(news.item(news.RUSSIAN, news.RUSSIAN_STORY)),
    "digest": digest(news.item(news.RESIGNS), news.item(news.EVACUATED), news.item(news.RUSSIAN, news.RUSSIAN_STORY)),
    "full": FULL,
    "empty": digest(),
}
INTO_RUSSIAN = Recipient(id="desk", channels=("mail",), timezone="Asia/Bishkek", language="ru")


def golden(name: str, message: Message) -> str:
    """NEWSWATCH_GOLDEN=write writes the file anew; after a wanted change, read it before it is committed."""
    text = f"{message.subject}\n\n{message.text}"
    if os.environ.get("NEWSWATCH_GOLDEN") == "write":
        (GOLDEN / name).write_text(text, encoding="utf-8")
    return text


@pytest.mark.parametrize("name", ["five", "digest", "full", "empty"])
def test_the_fixed_words_are_those_of_the_recipient(name: str) -> None:
    message = Renderer(None).render(news.delivery(SAMPLES[name]), recipient=INTO_RUSSIAN)
    assert golden(f"{name}.ru.txt", message) == (GOLDEN / f"{name}.ru.txt").read_text(encoding="utf-8")
    assert '<html lang="ru"' in message.html


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_reads_as_it_did(name: str) -> None:
    message = render(SAMPLES[name])
    assert golden(f"{name}.txt", message) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_html_says_what_the_text_says(name: str) -> None:
    message = render(SAMPLES[name])
    seen = _Reader()
    seen.feed(message.html)
    words = " ".join(seen.text.split())
    for item in SAMPLES[name].items:
        told = item.development
        for said in (told.summary, told.known_before, *told.evidence, item.story.source, item.story.title):
            assert said in words
        assert item.story.url in seen.links
    assert message.delivery_id in words
    assert "recipients" in words


WATCH = "https://watch.example.org/n"


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("recipient", [DESK, INTO_RUSSIAN], ids=["en", "ru"])
def test_messages_link_to_newswatch_where_it_can_be_reached(name: str, recipient: Recipient) -> None:
    delivery, words = news.delivery(SAMPLES[name]), {"en": "Open in newswatch", "ru": "Открыть в newswatch"}
    linked = Renderer(None, public_url=WATCH).render(delivery, recipient=recipient)
    page = f"{WATCH}/alerts/alr_1"
    seen = _Reader()
    seen.feed(linked.html)
    assert seen.links.count(page) == 1
    assert words[recipient.language] in seen.text
    assert f"\n{words[recipient.language]}: {page}\n" in linked.text
    SCHEMA.validate(linked.payload)
    data: Any = linked.payload["data"]
    assert data["links"] == {"full": page}
    stories = [f"{WATCH}/stories/{item.story.story_id}" for item in delivery.alert.items]
    assert sorted(one["links"]["full"] for one in data["developments"]) == sorted(stories)
    # Without the address, it is the same message without these lines.
    plain = Renderer(None).render(delivery, recipient=recipient)
    assert plain.text == linked.text.replace(f"{words[recipient.language]}: {page}\n", "")
    assert words[recipient.language] not in plain.html
    assert "links" not in json.dumps(plain.payload)


def test_what_newswatch_tells_of_itself_has_no_page_of_a_story() -> None:
    alert, delivery = outages.refusal_notice(
        [RefusedAddress("mail", "eve@example.org", "550", news.NOW)],
        outages.Teller(DESK, "box"),
        wording.words(),
        now=news.NOW,
    )
    data: Any = Renderer(None, public_url=WATCH).render(delivery, recipient=DESK).payload["data"]
    assert data["links"]["full"] == f"{WATCH}/alerts/{alert.alert_id}"
    assert "links" not in data["developments"][0]


def test_links_count_in_what_fits() -> None:
    far = f"https://{'a' * 480}.example"
    many = digest(*(news.item(replace(news.INJURED, development_id=f"dev_{n}")) for n in range(300)))
    body = Renderer(None, public_url=far).render(news.delivery(many), recipient=DESK).payload
    assert len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()) < LIMIT
    data: Any = body["data"]
    assert data["left_out"] == 300 - len(data["developments"]) > 0
    SCHEMA.validate(body)


class _Reader(HTMLParser):
    """Checks nesting, and keeps the text, links and attributes."""

    VOID = frozenset({"meta", "br", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.attributes: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.mark.parametrize("name", SAMPLES)
def test_the_html_is_whole_and_fetches_nothing(name: str) -> None:
    seen = _Reader()
    html = render(SAMPLES[name]).html
    seen.feed(html)
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert seen.open == []
    tags = {tag for tag, _ in seen.attributes}
    pictures = [dict(attributes) for tag, attributes in seen.attributes if tag == "img"]
    assert all(str(picture["src"]).startswith("cid:") and picture["alt"] for picture in pictures)
    assert not tags & {"script", "link", "iframe", "object", "form", "svg"}
    assert "url(" not in html
    assert "@import" not in html
    assert 'content="light dark"' in html
    assert all(link.startswith(("http://", "https://")) for link in seen.links)


def test_the_sentence_has_its_language_and_direction() -> None:
    arabic = replace(
        news.RUSSIAN,
        summary="اعتقلت الشرطة مدير السد.",
        evidence=("اعتقلت الشرطة مدير السد في مدينة فيلمورا.",),
    )
    story = replace(news.RUSSIAN_STORY, title="اعتقال مدير السد", language="ar")
    seen, russian = _Reader(), _Reader()
    seen.feed(render(news.alert(news.item(arabic, story))).html)
    russian.feed(render(SAMPLES["russian"]).html)
    assert ("rtl", "ar") in {(a.get("dir"), a.get("lang")) for _, a in seen.attributes}
    assert ("ltr", "ru") in {(a.get("dir"), a.get("lang")) for _, a in russian.attributes}
    for _, attributes in seen.attributes:
        aligned = "text-align: right" in (attributes.get("style") or "")
        assert aligned == (attributes.get("dir") == "rtl")


def test_in_the_text_a_line_of_ours_is_not_turned_by_what_it_quotes() -> None:
    story = replace(news.STORY, source="وكالة")
    told = replace(news.DETAINED, known_before="لم ترد أنباء عن اعتقالات.")
    text = render(news.alert(news.item(told, story))).text
    assert "Known before: \u2068لم ترد أنباء عن اعتقالات.\u2069" in text
    assert "Source: \u2068وكالة\u2069, Sun" in text
    assert "\u2068" not in render(SAMPLES["five"]).text + render(SAMPLES["russian"]).text


def test_styles_stand_in_the_elements_and_a_users_own_are_put_there_too(tmp_path: Path) -> None:
    html = render(SAMPLES["one"]).html
    for style in html.split("<style>")[1:]:
        rules, _, _ = style.partition("</style>")
        assert rules.lstrip().startswith("@media")
    (tmp_path / "alert.html.j2").write_text(
        '<style>p { color: red } @media print { p { color: black } }</style><link rel="stylesheet" href="file:///x.css">'
        "<p>{{ lead }}</p>"
    )
    message = render(SAMPLES["one"], tmp_path)
    assert message.notice == ""
    assert '<p style="color: red;">' in message.html
    assert "@media print" in message.html


def test_the_preview_shows_what_the_subject_does_not() -> None:
    html = render(SAMPLES["one"]).html
    preview = html.partition('class="preview"')[2].partition(">")[2].partition("<")[0]
    assert preview == news.INJURED.evidence[0]
    bare = replace(news.DETAINED, evidence=(news.DETAINED.summary,))
    html = render(news.alert(news.item(bare))).html
    assert html.partition('class="preview"')[2].partition(">")[2].partition("<")[0] == "The Arda Herald"


HOSTILE = "<script>alert(1)</script>\"'>\r\nBcc: x@y.z\u2028\u202e\x00{{ 7*7 }}"


def test_markup_and_breaks_from_a_feed_come_to_nothing() -> None:
    story = replace(news.STORY, title=HOSTILE, source=HOSTILE, url="javascript:alert(1)", language='en" onclick="x')
    told = replace(
        news.INJURED, summary=HOSTILE, known_before=HOSTILE, evidence=(HOSTILE + "x",), reason=HOSTILE, topic=HOSTILE
    )
    message = render(news.alert(news.item(told, story, others=[(HOSTILE, "data:text/html,x")])))
    assert "<script" not in message.html
    assert "onclick" not in message.html
    assert "javascript:" not in message.html + message.text
    assert "data:text" not in message.html + message.text
    assert "49" not in message.subject
    assert not set("\r\n\x00\u2028\u202e") & set(message.subject)
    assert not set("\r\x00\u2028\u202e") & set(message.text + message.html)


@given(st.text(st.characters(codec=None), max_size=400))
def test_any_text_becomes_one_line_of_subject_and_a_message(text: str) -> None:
    told = replace(news.INJURED, summary=text, evidence=(text,), known_before=text)
    message = RENDERER.render(news.delivery(news.alert(news.item(told))), recipient=DESK)
    assert not [c for c in message.subject if unicodedata.category(c) in {"Cc", "Zl", "Zp"}]
    assert len(message.subject) <= SUBJECT_LENGTH
    json.dumps(message.payload, ensure_ascii=False).encode()
    message.html.encode()


RENDERER = Renderer(None)


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("summary", "more", "subject"),
    [
        ("Director detained.", 0, "Velmora: Director detained"),
        ("Director detained.", 2, "Velmora: Director detained (+2 more)"),
        ("Velmora: director detained", 0, "Velmora: director detained"),
        ("Three\nlines\tof news", 0, "Velmora: Three lines of news"),
    ],
)
def test_the_subject_says_the_news(summary: str, more: int, subject: str) -> None:
    items = [news.item(replace(news.INJURED, summary=summary))] + [news.item(news.DETAINED)] * more
    assert render(news.alert(*items)).subject == subject


def test_a_long_sentence_gives_way_to_the_headline_that_says_the_same() -> None:
    long = "Police in the town of Velmora detained Igor Lyadov, who has been the director of the dam of Lake Arda"
    told = replace(news.DETAINED, summary=f"{long}, at his home late on Saturday night on suspicion of negligence.")
    story = replace(news.STORY, title="Velmora: Director of Lake Arda dam detained.")
    assert render(news.alert(news.item(told, story))).subject == "Velmora: Director of Lake Arda dam detained"
    # A headline about something else, or one of a story's other news, does not stand for it.
    other = replace(story, title="Markets close higher after a quiet day in Kestrel")
    assert render(news.alert(news.item(told, other))).subject.startswith(f"Velmora: {long[:40]}")


def test_what_the_headline_is_about_leads_among_equals() -> None:
    story = replace(news.STORY, title="Director of Velmora dam detained at home")
    figure = replace(news.INJURED, summary="Injured: more than 50 → at least 98")
    items = news.item(figure, story), news.item(news.DETAINED, story)
    message = render(news.alert(*items))
    assert message.subject == f"Velmora: {news.DETAINED.summary.rstrip('.')} (+1 more)"
    assert message.text.index("1. Police detained Igor Lyadov") < message.text.index("2. Injured")
    weaker = replace(news.DETAINED, severity=Severity.DIGEST)
    assert render(news.alert(items[0], news.item(weaker, story))).subject.startswith("Velmora: Injured")


def test_a_message_says_nothing_twice() -> None:
    sentence = "Police have detained the director of the dam."
    told = replace(news.DETAINED, summary=sentence, evidence=(f"VELMORA, March 2 (Arda Wire) - {sentence}",))
    told = replace(told, known_before="VELMORA, March 1 (Arda Wire) - The dam broke on Saturday.")
    message = render(news.alert(news.item(told, replace(news.STORY, title=sentence))))
    for body in (message.text, message.html):
        assert body.count(sentence) == 1
        assert "(Arda Wire)" not in body
        assert "The dam broke on Saturday." in body
    assert "Read the story</a>" in message.html
    figure = replace(news.INJURED, summary="Injured: more than 50 → at least 98")
    assert render(news.alert(news.item(figure))).text.count("98") == 2 + news.STORY.title.count("98")


def test_known_before_is_a_reminder_not_an_article() -> None:
    told = replace(news.DETAINED, known_before="The dam of Lake Arda broke on Saturday night. " * 20)
    assert render(news.alert(news.item(told))).html.count("The dam of Lake Arda broke") == 5


def test_the_counts_of_a_digest_in_words() -> None:
    counts = (("seen", 1), ("about", 1), ("told", 0), ("silent", 1), ("feeds failing", 1))
    text = render(replace(SAMPLES["empty"], counts=counts)).text
    assert "In this time: 1 story seen · 1 about an event · 0 told · 1 silent · 1 feed\nfailing." in text


def test_the_zone_of_a_period_stands_once_unless_the_clocks_change() -> None:
    start, until = datetime(2031, 10, 25, 5, tzinfo=UTC), datetime(2031, 10, 26, 6, tzinfo=UTC)
    alert = replace(SAMPLES["empty"], period=(start, until))
    for zone, period in (
        ("Asia/Bishkek", "Sat 25 Oct 2031, 11:00 – Sun 26 Oct 2031, 12:00 UTC+6"),
        ("Europe/Berlin", "Sat 25 Oct 2031, 07:00 CEST – Sun 26 Oct 2031, 07:00 CET"),
    ):
        desk = DESK.model_copy(update={"timezone": zone})
        assert f"Digest, {period}" in Renderer(None).render(news.delivery(alert), recipient=desk).text


def test_a_long_subject_is_cut_between_words_and_keeps_its_count() -> None:
    told = replace(news.INJURED, summary="word " * 60)
    subject = render(news.alert(news.item(told), news.item(news.DETAINED))).subject
    assert len(subject) <= SUBJECT_LENGTH
    assert subject.endswith("word… (+1 more)")


@pytest.mark.parametrize(
    ("title", "event", "short"),
    [
        ("Velmora: the dam of Lake Arda", "velmora", "Velmora"),
        ("The dam of Lake Arda", "velmora", "The dam of Lake Arda"),
        ("Everything there is to know of the great dam of Lake Arda", "lake-arda", "Lake-Arda"),
        ("Everything there is to know of the great dam: a history", "arda_dam", "Arda Dam"),
    ],
)
def test_the_short_name_of_an_event(title: str, event: str, short: str) -> None:
    assert short_name(title, event) == short


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (FigureChange("injured", 98, 50, Bound.EXACT, Bound.ABOVE), "more than 50 → 98"),
        (FigureChange("damage", 2.5, 1), "1 → 2.5"),
        (FigureChange("evacuated", 12500, 400, Bound.ABOUT), "400 → about 12,500"),
        (FigureChange("injured", 98), ""),
        (None, ""),
    ],
)
def test_figures_in_words(figure: FigureChange | None, words: str) -> None:
    assert numbers(figure) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Asia/Bishkek", "Sun 2 Mar 2031, 23:40 UTC+6"),
        ("Europe/London", "Sun 2 Mar 2031, 17:40 GMT"),
        ("Asia/Kathmandu", "Sun 2 Mar 2031, 23:25 UTC+5:45"),
        ("America/St_Johns", "Sun 2 Mar 2031, 14:10 NST"),
    ],
)
def test_times_are_the_recipients(zone: str, words: str) -> None:
    from zoneinfo import ZoneInfo

    assert moment(datetime(2031, 3, 2, 17, 40, tzinfo=UTC), ZoneInfo(zone)) == words


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:,x", "//host/x", "https://", "http://[::1", "https://a.b/\nx", "mailto:a@b.c", ""],
)
def test_what_may_not_become_a_link(url: str) -> None:
    assert safe_link(url) == ""


def test_direction_follows_the_first_strong_letter() -> None:
    assert [direction(t) for t in ("123 שלום", "12 abc", "", "«Велмора»")] == ["rtl", "ltr", "ltr", "ltr"]


def test_clip() -> None:
    assert clip("one two three", 9) == "one two…"
    assert clip("onetwothree", 5) == "onet…"
    assert clip("short", 5) == "short"


# ---------------------------------------------------------------- the user's own templates


def test_a_users_template_wins_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "alert.subject.txt.j2").write_text("NEWS {{ lead }}")
    message = render(SAMPLES["one"], tmp_path)
    assert message.subject.startswith("NEWS The number of injured rose")
    assert message.text == render(SAMPLES["one"]).text
    assert message.notice == ""


@pytest.mark.parametrize(
    ("name", "template", "why"),
    [
        ("alert.txt.j2", "{{ nonsense }}", "'nonsense' is undefined"),
        ("alert.txt.j2", "one\n{% if %}", "alert.txt.j2, line 2: Expected an expression, got 'end of statement block'"),
        ("alert.html.j2", "{{ 1 / 0 }}", "division by zero"),
        ("alert.html.j2", "   ", "alert.html.j2 gave nothing"),
        ("alert.subject.txt.j2", "\n", "alert.subject.txt.j2 gave nothing"),
        ("alert.txt.j2", "{{ ''.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("alert.txt.j2", "{% for i in range(999999999) %}x{% endfor %}", "Range too big"),
        ("alert.txt.j2", "{% include 'absent.j2' %}", "'absent.j2' not found"),
    ],
)
def test_a_users_template_that_fails_loses_no_alert(name: str, template: str, why: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(template)
    message = render(SAMPLES["one"], tmp_path)
    assert message.notice.startswith("One of your own templates failed, so newswatch's own were used (")
    assert why in message.notice
    own = render(SAMPLES["one"])
    assert message.subject == own.subject
    assert "One of your own templates failed" in message.text
    assert "One of your own templates failed" in message.html
    assert own.text.splitlines()[2] in message.text


# ---------------------------------------------------------------- the webhook's body


@pytest.mark.parametrize("name", SAMPLES)
def test_the_payload_is_what_the_schema_says(name: str) -> None:
    payload = render(SAMPLES[name]).payload
    SCHEMA.validate(payload)
    assert payload["timestamp"] == "2031-03-02T18:05:00Z"


def test_the_schema_refuses_another_body() -> None:
    payload: dict[str, Any] = json.loads(json.dumps(render(SAMPLES["one"]).payload))
    payload["data"]["developments"][0].pop("story")
    assert not SCHEMA.is_valid(payload)


def data(payload: dict[str, object]) -> dict[str, Any]:
    inside = payload["data"]
    assert isinstance(inside, dict)
    return inside


def test_what_does_not_fit_is_trimmed_before_it_is_left_out() -> None:
    many = replace(news.INJURED, evidence=("Слово за слово. " * 20,) * 40)
    payload = render(news.alert(news.item(many, others=[("s", f"https://x.example/{n}") for n in range(50)]))).payload
    SCHEMA.validate(payload)
    assert data(payload)["left_out"] == 0
    [told] = data(payload)["developments"]
    assert (len(told["evidence"]), len(told["other_sources"])) == (1, 3)
    assert told["evidence"][0] == ("Слово за слово. " * 20).strip()


def test_developments_that_do_not_fit_are_counted() -> None:
    items = [news.item(replace(news.INJURED, development_id=f"dev_{n}")) for n in range(100)]
    payload = render(news.alert(*items)).payload
    SCHEMA.validate(payload)
    told = data(payload)["developments"]
    assert len(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()) < LIMIT
    assert 0 < len(told) < 100
    assert len(told) + data(payload)["left_out"] == 100
    assert told[0]["id"] == "dev_0"


ESCALATES = Recipient.model_validate(
    {"id": "desk", "channels": ["mail"], "timezone": "Asia/Bishkek", "escalate": {"to": "chief", "after": "15m"}}
)


def test_an_alert_that_escalates_says_how_it_is_acknowledged() -> None:
    message = Renderer(None).render(news.delivery(SAMPLES["one"]), recipient=ESCALATES)
    said = "Acknowledge it, or chief is told at Mon 3 Mar 2031, 00:20 UTC+6: newswatch ack alr_1"
    assert said in " ".join(message.text.split())
    assert said in message.html
    assert "Acknowledge" not in render(SAMPLES["one"]).text


def test_an_escalated_alert_says_why_it_came() -> None:
    alert = replace(SAMPLES["one"], escalated_from="desk", origin="alr_0")
    message = Renderer(None).render(news.delivery(alert), recipient=DESK)
    assert "desk has not acknowledged this, so it is told to you." in message.text
    assert "desk has not acknowledged this, so it is told to you." in message.html
    assert message.payload["data"]["escalated_from"] == "desk"  # type: ignore[index]
    SCHEMA.validate(message.payload)


def test_what_was_corrected_stands_in_a_section_of_its_own_and_nowhere_else() -> None:
    text = render(FULL).text
    before, _, after = text.partition("Corrected\n=========")
    assert news.INJURED.summary not in before
    assert news.INJURED.summary in " ".join(after.split())
    assert "Nobody was detained." in after, "what stood, also of what was told at once"


def test_a_digest_shows_its_figures_as_pictures_with_their_numbers_in_words() -> None:
    message = render(FULL)
    [image] = message.images
    assert f'src="cid:{image.cid}"' in message.html
    assert "more than 50 (" in image.alt
    assert "98 (" in image.alt
    assert image.png.startswith(b"\x89PNG")
    assert render(FULL) == message, "the same bytes every time"
    assert "Injured: more than 50 → 98" in message.text
    assert "Killed: none → 98" in message.text


def test_a_template_without_pictures_gets_none(tmp_path: Path) -> None:
    (tmp_path / "digest.html.j2").write_text("<p>{{ lead }}</p>", encoding="utf-8")
    assert render(FULL, tmp_path).images == ()


def test_the_counts_of_a_digest_can_be_added_up_by_its_reader() -> None:
    lines = render(FULL).text.splitlines()
    sums = [line for line in lines if " = " in line and "+" in line]
    assert sums == [
        "412 stories seen = 31 about an event + 381 about none",
        "31 about an event = 4 told + 27 silent + 0 not delivered",
    ]
    for line in sums:
        total, *parts = [int(number) for number in re.findall(r"\d+", line)]
        assert total == sum(parts)
