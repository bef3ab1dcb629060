"""The bodies that services and own templates get: as they are read, within limits, and calling nobody."""

import html
import json
import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopback import news
from newswatch.alerting.body import Mistake
from newswatch.alerting.fit import fitted, too_large
from newswatch.alerting.markup import address, discord, mattermost, mrkdwn, telegram
from newswatch.alerting.render import Renderer, mistakes_of_template
from newswatch.alerting.view import View, plain, view
from newswatch.config.hooks import ready_formats
from newswatch.config.paths import data_dir
from newswatch.config.settings import Recipient
from newswatch.model import (
    Alert,
    AlertItem,
    Bound,
    FailedFeed,
    FigurePoint,
    FigureTrack,
    Message,
    Outcome,
    Severity,
)

DESK = Recipient(id="desk", channels=("mail",), timezone="Asia/Bishkek")
SCHEMA = json.loads((data_dir("config") / "schemas" / "webhook.schema.json").read_text(encoding="utf-8"))
GOLDEN = Path(__file__).parent / "golden" / "formats"
SERVICES = ready_formats()[1:]
THREE = (news.INJURED, news.DENIED, news.RESIGNS)
HOSTILE = "<!channel> @everyone @here *b* _i_ ~s~ `c` [Sign in](https://evil.example) <b>&\"'</b> <@U1> > # |x|"


def render(form: str, alert: Alert, users: Path | None = None) -> Message:
    return Renderer(users).render(news.delivery(alert), recipient=DESK, form=form)


def digest(*items: AlertItem) -> Alert:
    period = (news.NOW - timedelta(days=1), news.NOW)
    counts = (("seen", 412), ("told", 4))
    return replace(news.alert(*items), event="", event_title="", digest=True, period=period, counts=counts)


POINTS = (
    FigurePoint(news.NOW - timedelta(days=3), 50, Bound.ABOVE, "baseline", baseline=True),
    FigurePoint(news.NOW - timedelta(hours=20), 80, Bound.ABOUT, "Lake Wire"),
    FigurePoint(news.NOW - timedelta(hours=2), 98, Bound.EXACT, "The Arda Herald", news.STORY.url),
)
COUNTS = (
    ("seen", 412), ("not about", 381), ("about", 31), ("told", 3), ("waiting", 1), ("silent", 25), ("failed", 2),
)  # fmt: skip
FULL = replace(
    digest(news.item(news.EVACUATED)),
    counts=COUNTS,
    corrected=(news.item(replace(news.DETAINED, outcome=Outcome.CORRECTED)),),
    figures=(
        FigureTrack("velmora", news.EVENT.title, "injured", "Injured", POINTS),
        FigureTrack("velmora", news.EVENT.title, "killed", "Killed", POINTS[2:], "police"),
    ),
    failed_feeds=(
        FailedFeed("Kestrel Post", news.NOW - timedelta(hours=9), "HTTP 503"),
        FailedFeed("Kestrel Wire", news.NOW, "HTTP 503", again=news.NOW - timedelta(hours=2)),
    ),
)
SAMPLES = {
    "alert": news.alert(*(news.item(d, others=news.OTHERS) for d in THREE)),
    "digest": digest(news.item(news.EVACUATED), news.item(news.RUSSIAN, news.RUSSIAN_STORY)),
    "empty": digest(),
    "full": FULL,
}


def words(value: Any) -> str:
    """Every text inside a body, one after the other."""
    if isinstance(value, dict):
        return "\n".join(words(inner) for inner in value.values())
    if isinstance(value, list):
        return "\n".join(words(inner) for inner in value)
    return value if isinstance(value, str) else ""


def test_the_services_are_those_that_are_promised() -> None:
    assert set(SERVICES) == {"slack", "discord", "teams", "telegram", "mattermost", "ntfy"}


@pytest.mark.parametrize("form", SERVICES)
@pytest.mark.parametrize("name", SAMPLES)
def test_the_body_reads_as_it_did(form: str, name: str) -> None:
    """NEWSWATCH_GOLDEN=write writes them anew; after a wanted change, read them before they are committed."""
    message = render(form, SAMPLES[name])
    text = json.dumps(message.payload, ensure_ascii=False, indent=1) + "\n"
    golden = GOLDEN / f"{form}-{name}.json"
    if os.environ.get("NEWSWATCH_GOLDEN") == "write":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert message.notice == ""


@pytest.mark.parametrize("form", SERVICES)
def test_everything_is_said_where_there_is_room(form: str) -> None:
    said = words(render(form, SAMPLES["alert"]).payload)
    plainly = html.unescape(said.replace("\\", ""))
    for development in THREE:
        assert development.summary in plainly
        assert all(sentence in plainly for sentence in development.evidence)
    assert "more than 50 → at least 98" in plainly
    assert "Known before:" in plainly
    assert "The Arda Herald" in plainly
    assert news.STORY.url in plainly
    assert "Lake Wire" in plainly
    assert "did not fit" not in plainly


@pytest.mark.parametrize("form", SERVICES)
def test_a_digest_says_what_it_holds_beside_its_news(form: str) -> None:
    body = render(form, FULL).payload
    assert too_large(form, body) == ""
    lines = html.unescape(words(body).replace("\\", "")).replace("<b>", "").replace("</b>", "")
    for line in (
        "Injured: more than 50 → about 80 → 98 (The Arda Herald)",
        "Killed (police): none → 98 (The Arda Herald)",
        f"Corrected: {news.DETAINED.summary} (The Arda Herald)",
        "Kestrel Post: no answer since Sun 2 Mar 2031, 15:05 UTC+6",
        "Kestrel Wire: failed at Sun 2 Mar 2031, 22:05 UTC+6, answers again",
        "412 stories seen = 31 about an event + 381 about none",
        "31 about an event = 3 told + 1 waiting + 25 silent + 2 not delivered",
    ):
        assert line in lines, line


@pytest.mark.parametrize("form", SERVICES)
@pytest.mark.parametrize("count", [0, 300])
def test_what_stands_beside_the_news_gives_way_and_is_counted(form: str, count: int) -> None:
    tracks = [replace(FULL.figures[0], event_title=f"{n % 9} {LONG}", label=HOSTILE) for n in range(60)]
    corrected = [replace(FULL.corrected[0], development=replace(news.DETAINED, summary=LONG)) for _ in range(60)]
    feeds = [FailedFeed(LONG, None, "") for _ in range(60)]
    whole = many(count, LONG) if count else digest()
    whole = replace(whole, counts=COUNTS, figures=tuple(tracks), corrected=tuple(corrected), failed_feeds=tuple(feeds))
    body = render(form, whole).payload
    assert too_large(form, body) == ""
    said = words(body).replace("\\", "")
    assert re.search(r"\d+ more corrections did not fit", said)
    assert re.search(r"\d+ more figures did not fit", said)
    assert re.search(r"\d+ more sources did not fit", said)


def many(count: int, summary: str) -> Alert:
    """A digest of stories of two developments each; the last of all is urgent."""
    items = []
    for number in range(count):
        story = replace(news.STORY, story_id=f"sty_{number // 2}", url=f"https://herald.example.org/{number // 2}")
        one = replace(
            news.RESIGNS,
            development_id=f"dev_{number}",
            summary=f"{number}: {summary}",
            evidence=(summary, "Second sentence.", "Third sentence."),
            known_before=summary,
        )
        if number == count - 1:
            one = replace(one, severity=Severity.ALERT, summary="URGENT")
        items.append(news.item(one, story, others=[(f"Paper {n}", "") for n in range(8)]))
    return digest(*items)


LONG = "Sandoval told & the <deputies> of “Велмора” that she would step down. " * 20


@pytest.mark.parametrize("form", [*SERVICES, "newswatch"])
@pytest.mark.parametrize("count", [12, 300])
def test_what_does_not_fit_is_counted_and_the_urgent_stays(form: str, count: int) -> None:
    body = render(form, many(count, LONG)).payload
    assert too_large(form, body) == ""
    if form == "newswatch":
        data: Any = body["data"]
        jsonschema.validate(body, SCHEMA, jsonschema.Draft202012Validator)
        assert len(data["developments"]) + data["left_out"] == count
        return
    said = words(body)
    assert "URGENT" in said
    found = re.search(r"(\d+) more developments? did not fit", said)
    shown = len(set(re.findall(r"\b(\d+): Sandoval", said))) + 1
    assert shown + (int(found[1]) if found else 0) == count
    if count == 300:
        assert found


def test_a_digest_of_thousands_is_not_rendered_whole() -> None:
    seen = view(news.delivery(many(3000, "x")), DESK)
    sizes = []

    def make(some: View) -> dict[str, Any]:
        sizes.append(sum(len(story.developments) for event in some.events for story in event.stories))
        return {"text": "x" * 40 * sizes[-1], "left_out": some.left_out}

    body = fitted(seen, make, "ntfy")
    assert max(sizes) <= 500
    assert sizes[-1] + body["left_out"] <= 3000
    assert too_large("ntfy", body) == ""


@pytest.mark.parametrize("form", SERVICES)
def test_sentences_and_sources_that_give_way_are_counted(form: str) -> None:
    """A body with room for all developments, but not for all of their proof."""
    said = words(
        render(form, many(8, "Sandoval told deputies that she would step down, and said so again. " * 26)).payload
    )
    assert "2 more sentences of proof" in said or "did not fit" in said
    assert re.search(r"and \d+ more", said) or "did not fit" in said


@pytest.mark.parametrize("form", SERVICES)
@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=6000))
def test_any_text_makes_a_body_that_fits(form: str, text: str) -> None:
    story = replace(news.STORY, title=text, source=text)
    told = replace(news.DENIED, summary=text, evidence=(text, text), known_before=text, reason=text)
    alert = replace(news.alert(news.item(told, story, others=((text, ""),))), event_title=text)
    body = render(form, alert).payload
    assert too_large(form, body) == ""
    assert json.loads(json.dumps(body)) == body


# ---------------------------------------------------------------- markup


def hostile(form: str) -> dict[str, Any]:
    story = replace(news.STORY, source=HOSTILE, url='https://herald.example.org/a_(b)|c>d"e?x=1&y=2')
    told = replace(news.DENIED, outcome=Outcome.NEW, summary=HOSTILE, evidence=(HOSTILE,), known_before="")
    return render(form, news.alert(news.item(told, story))).payload


def test_slack_calls_nobody() -> None:
    said = words(hostile("slack"))
    assert "<!channel>" not in said.split("https://herald")[0].replace(plain(HOSTILE), "", 1)
    sections = "\n".join(b["text"]["text"] for b in hostile("slack")["blocks"] if b["type"] == "section")
    links = re.findall(r"<([^>|]*)\|", sections)
    assert links == ["https://herald.example.org/a_%28b%29%7Cc%3Ed%22e?x=1&amp;y=2"]
    assert "&lt;!channel&gt;" in sections
    assert sections.count("<") == 1
    assert all(b["text"]["verbatim"] for b in hostile("slack")["blocks"] if b["type"] == "section")


def test_discord_calls_nobody_and_shows_every_letter() -> None:
    body = hostile("discord")
    assert body["allowed_mentions"] == {"parse": []}
    [embed] = body["embeds"]
    assert r"\[Sign in\]\(https://evil.example\)" in embed["description"]
    assert r"\*b\* \_i\_ \~s\~ \`c\`" in embed["description"]
    assert embed["url"] == 'https://herald.example.org/a_(b)|c>d"e?x=1&y=2'


def test_telegram_has_only_its_own_tags() -> None:
    text = hostile("telegram")["text"]
    tags = set(re.findall(r"</?[a-z]+", text))
    assert tags <= {"<b", "</b", "<i", "</i", "<a", "</a", "<blockquote", "</blockquote"}
    assert "&lt;b&gt;&amp;&quot;" in text
    assert "@everyone" not in text
    [link] = re.findall(r'<a href="([^"]*)">', text)
    assert html.unescape(link) == 'https://herald.example.org/a_(b)|c>d"e?x=1&y=2'


def test_mattermost_calls_nobody() -> None:
    text = hostile("mattermost")["text"]
    assert not re.search(r"@(everyone|here)", text)
    assert r"\[Sign in\]\(https://evil.example\)" in text
    assert text.count("](") == 1
    assert "](https://herald.example.org/a_%28b%29%7Cc%3Ed%22e?x=1&y=2)" in text


def test_teams_has_no_text_that_knows_markdown() -> None:
    card = hostile("teams")["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock", "ActionSet"}


def test_ntfy_has_its_click_and_its_priority() -> None:
    alert, told = render("ntfy", SAMPLES["alert"]).payload, render("ntfy", SAMPLES["digest"]).payload
    assert (alert["priority"], told["priority"]) == (4, 3)
    assert alert["click"] == news.STORY.url
    assert "click" not in render("ntfy", SAMPLES["empty"]).payload


def test_a_digest_rings_no_telegram() -> None:
    assert [render("telegram", SAMPLES[name]).payload["disable_notification"] for name in SAMPLES] == [
        False,
        True,
        True,
        True,
    ]


@given(st.text(max_size=80))
def test_markup_can_be_read_back(text: str) -> None:
    unescaped = mrkdwn(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert unescaped == text
    assert html.unescape(telegram(text)).replace("@\u2060", "@") == text.replace("@\u2060", "@")
    for escape in (discord, mattermost):
        assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escape(text)).replace("@\u2060", "@") == text.replace(
            "@\u2060", "@"
        )


def test_an_address_keeps_what_it_says() -> None:
    assert address("https://x.example/ж?a=1&b=%20#f") == "https://x.example/ж?a=1&b=%20#f"
    assert address("https://x.example/a)b|c>d<e`f\\g") == "https://x.example/a%29b%7Cc%3Ed%3Ce%60f%5Cg"


# ---------------------------------------------------------------- own templates


def own(folder: Path, template: str, name: str = "pager") -> Path:
    (folder / f"{name}.json.j2").write_text(template, encoding="utf-8")
    return folder


EVERYTHING = """\
{
  "subject": {{ subject | tojson }},
  "link": {{ link | tojson }},
  "notice": {{ notice | tojson }},
  "all": {{ payload | tojson }},
  "told": [
{% for event in events %}{% for story in event.stories %}{% for told in story.developments %}
    {{ told.summary | tojson }},
{% endfor %}{% endfor %}{% endfor %}
    {{ left_out | tojson }}
  ]
}
"""


def test_an_own_template_makes_the_body(tmp_path: Path) -> None:
    message = render("pager", SAMPLES["alert"], own(tmp_path, EVERYTHING))
    assert message.payload["subject"] == message.subject
    assert message.payload["link"] == news.STORY.url
    assert message.payload["told"] == [*(one.summary for one in THREE), 0]
    assert message.payload["all"] == render("newswatch", SAMPLES["alert"]).payload
    assert mistakes_of_template(tmp_path, "pager", now=news.NOW) == ()


def test_an_own_template_is_kept_under_20_kb(tmp_path: Path) -> None:
    own(tmp_path, EVERYTHING.replace('"all": {{ payload | tojson }},', ""))
    body = render("pager", many(300, LONG), tmp_path).payload
    told: Any = body["told"]
    assert len(told) - 1 + told[-1] == 300
    assert len(json.dumps(body, ensure_ascii=False).encode()) < 20_000


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('{"a":\n {{ subjekt | tojson }}}', "pager.json.j2, line 2: 'subjekt' is undefined"),
        (
            '{"a": 1,\n\n {% for event in events %}}',
            (
                "pager.json.j2, line 3: Unexpected end of template. Jinja was looking for the following tags: "
                "'endfor' or 'else'. The innermost block that needs to be closed is 'for'."
            ),
        ),
        ('{"a":\n {{ subject | to_json }}}', "pager.json.j2, line 2: No filter named 'to_json'."),
        (
            '{"a": {{ subject }}}',
            'pager.json.j2: gives no JSON (expecting value near “{"a": Test}”)',
        ),
        ("[1]", "pager.json.j2: gives JSON that is no object; begin with { and end with }"),
        ("", "pager.json.j2: gives no JSON (expecting value near “nothing”)"),
        (
            "{{ ''.__class__.__mro__ }}",
            "pager.json.j2, line 1: access to attribute '__class__' of 'str' object is unsafe.",
        ),
        (
            '{"a": "{{ "x" * 30000 }}"}',
            "pager.json.j2: what it gives is too large without any development: bytes: 30,008 of 19,900",
        ),
        ("{{ 1 / 0 }}", "pager.json.j2, line 1: division by zero"),
        ('{% include "none.json.j2" %}', "pager.json.j2, line 1: none.json.j2 is not there"),
    ],
)
def test_a_mistake_in_an_own_template_is_said_with_its_line(template: str, said: str, tmp_path: Path) -> None:
    own(tmp_path, template)
    [mistake] = mistakes_of_template(tmp_path, "pager", now=news.NOW)
    assert str(mistake).startswith(said.partition(" of 'str'")[0])
    with pytest.raises(Mistake):
        render("pager", SAMPLES["alert"], tmp_path)


def test_an_own_template_for_a_service_that_fails_gives_way_to_ours(tmp_path: Path) -> None:
    own(tmp_path, "{{ nothing }}", "ntfy")
    message = render("ntfy", SAMPLES["alert"], tmp_path)
    assert message.notice.startswith(
        "One of your own templates failed, so newswatch's own were used (ntfy.json.j2, line 1:"
    )
    assert message.notice in words(message.payload)


def test_a_template_that_is_not_there_is_said() -> None:
    with pytest.raises(Mistake) as caught:
        render("pager", SAMPLES["alert"])
    assert str(caught.value) == "pager.json.j2: there is no such template"


@pytest.mark.parametrize("form", SERVICES)
def test_an_escalated_alert_says_so_and_how_it_is_acknowledged_in_the_recipients_language(form: str) -> None:
    alert = replace(news.alert(news.item(news.INJURED)), escalated_from="desk")
    route = Recipient.model_validate(
        {"id": "chief", "channels": ["hook"], "language": "ru", "escalate": {"to": "boss", "after": "15m"}}
    )
    said = words(Renderer(None).render(news.delivery(alert), recipient=route, form=form).payload)
    assert "desk не подтверждает получение" in said
    assert plain(alert.alert_id.replace("_", "")) in said.replace("\\_", "").replace("_", "")
    assert "Было известно" in said
    assert "Known before" not in said
