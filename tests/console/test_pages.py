"""What the pages show, over real HTTP: the timeline, its filter and its paging, the ledger, a story, the start."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from loopback.console import NASTY, Served, serving


class Outline(HTMLParser):
    """Elements of a page, with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


async def text(served: Served, path: str) -> str:
    answer = await served.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def story_of(html: str, words: str) -> str:
    found = re.search(rf'href="(/stories/[^"]+)">[^<]*{words}', html)
    assert found, words
    return found[1]


async def test_the_start_page_says_that_it_works_and_what_happened(open_config: Path) -> None:
    async with serving(open_config) as served:
        page = await text(served, "/")
    assert "<h1" in page
    assert "It works" in page
    assert "4 of 4 fine" in page
    assert 'href="/events/velmora">Velmora: the dam of Lake Arda</a>' in page
    assert "in 24 hours" in page


async def test_a_timeline_says_what_when_who_first_and_to_whom(open_config: Path) -> None:
    async with serving(open_config) as served:
        page = await text(served, "/events/velmora")
    assert page.index("57") < page.index("задержан")
    assert '<b dir="auto">Wire</b> first' in page
    assert re.search(r"Told <b>everyone</b> at .*?outbox sent", page, re.DOTALL)
    assert "Monday 3 March 2031" in page
    assert "Known before:" in page


async def test_a_timeline_is_filtered_by_what_its_form_says(open_config: Path) -> None:
    async with serving(open_config) as served:
        russian = await text(served, "/events/velmora?language=ru")
        legal = await text(served, "/events/velmora?topic=legal&language=&severity=")
        alerts = await text(served, "/events/velmora?severity=alert")
        none = await text(served, "/events/velmora?topic=politics&language=ru&severity=digest")
        wrong = await served.client.get("/events/velmora?severity=loud")
    assert "Вестник" in russian or "Vestnik" in russian
    assert "57" not in "".join(re.findall(r'class="summary".*?</p>', russian))
    assert "задержан" in legal
    assert "injur" not in "".join(re.findall(r'class="summary".*?</p>', legal))
    assert 'class="development digest"' not in alerts
    assert "Nothing fits this filter." in none
    assert wrong.status_code == 400
    assert "No severity is called" in wrong.text


async def test_pages_follow_each_other_and_miss_nothing(open_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newswatch.console.eventview.PAGE", 2)
    async with serving(open_config) as served:
        shown: list[str] = []
        path: str | None = "/events/velmora"
        while path:
            page = await text(served, path)
            shown += re.findall(r'class="summary"[^>]*>(.*?)</p>', page)
            older = re.search(r'rel="next" href="([^"]+)"', page)
            path = older[1].replace("&amp;", "&") if older else None
        monkeypatch.setattr("newswatch.console.eventview.PAGE", 100)
        whole = re.findall(r'class="summary"[^>]*>(.*?)</p>', await text(served, "/events/velmora"))
    assert len(whole) > 4
    assert shown == whole


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "²", "99999999999999999999", "1;DROP"])
async def test_a_cursor_that_is_no_number_is_refused(open_config: Path, cursor: str) -> None:
    async with serving(open_config) as served:
        answer = await served.client.get("/events/velmora", params={"before": cursor})
    assert answer.status_code == 400
    assert "must be a number" in answer.text


async def test_figures_are_drawn_and_stand_in_a_table(open_config: Path) -> None:
    async with serving(open_config) as served:
        page = await text(served, "/events/velmora")
    assert '<path d="M' in page
    assert '<th scope="col">Since</th>' in page
    assert "known at the start" in page


async def test_the_ledger_stands_beside_the_timeline(open_config: Path) -> None:
    async with serving(open_config) as served:
        page = await text(served, "/events/velmora")
    for heading in ("Disputed", "Corrected", "Known, newest first", "Known at the start ("):
        assert heading in page
    assert "Governor Petra Sandoval urged residents" in page


async def test_a_story_shows_the_proof_in_its_text_and_why(open_config: Path) -> None:
    async with serving(open_config) as served:
        page = await text(served, story_of(await text(served, "/events/velmora"), "Injured"))
    assert "<mark id=" in page
    assert "57 people injured" in "".join(re.findall(r"<mark.*?</mark>", page, re.DOTALL))
    assert "Told at once" in page
    assert "Held against:" in page
    assert 'Feed <b dir="auto">wire</b>' in page
    for label in ("Not new", "Wrong", "Mute"):
        assert label in page


async def test_what_is_not_there_is_said_so(open_config: Path) -> None:
    async with serving(open_config) as served:
        for path in ("/events/nope", "/stories/sty_nope", "/nope", "/static/nope.css"):
            answer = await served.client.get(path)
            assert answer.status_code == 404, path
            assert answer.headers["content-type"].startswith("text/html")
            assert "There is nothing here" in answer.text
            assert "Traceback" not in answer.text


async def test_nothing_of_a_feed_is_markup(open_config: Path) -> None:
    async with serving(open_config) as served:
        event = await text(served, "/events/velmora")
        story = await text(served, story_of(event, "Killed: 9 → 11"))
    for page in (event, story):
        outline = Outline(page)
        assert all(str(attributes.get("src", "")).startswith("/static/") for attributes in outline.all("script"))
        assert outline.all("img") == []
        assert not any(name.startswith("on") for _, attributes in outline.elements for name in attributes)
        assert (
            "49" not in page.replace("149", "").replace("&#34;", "&#39;").split("<main")[1].split("{{ 7 * 7 }}")[0][:0]
        )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in story
    assert "{{ 7 * 7 }}" in story
    assert NASTY not in story


async def test_every_page_can_be_used_by_everybody(open_config: Path) -> None:
    """One h1, landmarks, a language, a way past the header, labels for every field, no inline style or script."""
    async with serving(open_config) as served:
        event = await text(served, "/events/velmora")
        pages = [await text(served, "/"), event, await text(served, story_of(event, "Injured"))]
        pages += [(await served.client.get("/nope")).text, (await served.client.get("/login")).text]
    for page in pages:
        outline = Outline(page)
        assert outline.all("html") == [{"lang": "en"}]
        assert len(outline.all("h1")) == len(outline.all("main")) == len(outline.all("title")) == 1
        assert len(outline.all("header")) == len(outline.all("footer")) == 1
        assert outline.all("a")[0]["href"] == "#main"
        assert not any("style" in attributes for _, attributes in outline.elements)
        assert "style" not in {tag for tag, _ in outline.elements}
        ids = [attributes["id"] for _, attributes in outline.elements if attributes.get("id")]
        assert len(ids) == len(set(ids))
        addresses = [str(a.get("href") or a.get("src")) for _, a in outline.elements if a.get("href") or a.get("src")]
        loaded = [str(a.get("href")) for a in outline.all("link")]
        assert all(address.startswith("/") for address in loaded), loaded
        assert not any(address.startswith("javascript:") for address in addresses)
        assert len(page.encode()) < 100_000


async def test_static_files_are_kept_by_browsers_and_pages_are_not(open_config: Path) -> None:
    async with serving(open_config) as served:
        page = await served.client.get("/")
        css = re.search(r'href="(/static/console\.[0-9a-f]{12}\.css)"', page.text)
        assert css
        style = await served.client.get(css[1])
    assert page.headers["cache-control"] == "no-store"
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "url(" not in style.text


async def test_a_program_asks_how_it_goes(open_config: Path) -> None:
    async with serving(open_config) as served:
        status = (await served.client.get("/api/status")).json()
    assert status["works"] is True
    assert status["feeds"] == {"configured": 4, "failing": 0}
    assert status["events"][0]["event"] == "velmora"


def own_templates(config: Path) -> None:
    own = config.parent / "own" / "console"
    own.mkdir(parents=True)
    (own / "start.html.j2").write_text("my own {{ start.feeds }}")
    (own / "event.html.j2").write_text("{{ nothing.like.this }}")
    config.write_text(config.read_text() + "templates: {path: own}\n")


async def test_a_template_of_ones_own_wins_and_a_broken_one_loses_no_page(
    open_config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own_templates(open_config)
    async with serving(open_config) as served:
        assert await text(served, "/") == "my own 4"
        assert "What is new" in await text(served, "/events/velmora")
    assert "your template console/event.html.j2 failed" in caplog.text
