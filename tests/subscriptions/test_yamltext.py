"""The list of feeds changed in the text: what was meant is there, and nothing else has moved."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newswatch.config.yamlfile import parse_yaml
from newswatch.errors import ConfigError, NewswatchError
from newswatch.subscriptions.yamltext import NewFeed, added, removed

PATH = Path("newswatch.yaml")
NEW = NewFeed("https://new.example/rss", "new", "Novum", "en")
FLOW = '{id: new, url: "https://new.example/rss", title: Novum, language: en}'


def block(dash: str) -> str:
    lines = ("id: new", 'url: "https://new.example/rss"', "title: Novum", "language: en")
    return "".join(f"{' ' * len(dash) if number else dash}{line}\n" for number, line in enumerate(lines))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1", f"a: 1\nfeeds:\n  - {FLOW}"),
        ("a: 1\n# end\n", f"a: 1\nfeeds:\n  - {FLOW}\n# end\n"),
        ("feeds: []  # none\nb: 1\n", f"feeds:  # none\n  - {FLOW}\nb: 1\n"),
        ("feeds:\n  # - {url: a}\n\nb: 1\n", f"feeds:\n  - {FLOW}\n  # - {{url: a}}\n\nb: 1\n"),
        ("feeds: null\n", f"feeds:\n  - {FLOW}\n"),
        ("{}", f"{{feeds: [{FLOW}]}}"),
        ("{a: 1}", f"{{a: 1, feeds: [{FLOW}]}}"),
        ("feeds: [{url: a}]  # one\n", f"feeds: [{{url: a}}, {FLOW}]  # one\n"),
        ("feeds: [\n  {url: a},  # 1\n  {url: b}  # 2\n]\n",
         f"feeds: [\n  {{url: a}},  # 1\n  {{url: b}},  # 2\n  {FLOW}\n]\n"),
        ("feeds: [\n  {url: a},\n  {url: b},  # 2\n]\n",
         f"feeds: [\n  {{url: a}},\n  {{url: b}},  # 2\n  {FLOW},\n]\n"),
        ("feeds:\n- {url: a}  # first\n\n# rest\nb: 1\n", f"feeds:\n- {{url: a}}  # first\n- {FLOW}\n\n# rest\nb: 1\n"),
        ("feeds:\n  -   id: a\n      url: b\n      # more of a\n  # - id: c\n",
         "feeds:\n  -   id: a\n      url: b\n      # more of a\n" + block("  -   ") + "  # - id: c\n"),
        ("feeds: &all\n  -\n    id: a\n    title: |\n      text\n\n# b\nb: 1\n",
         "feeds: &all\n  -\n    id: a\n    title: |\n      text\n" + block("  - ") + "\n# b\nb: 1\n"),
        ("---\nfeeds:\n  - {url: b}\n...\n", f"---\nfeeds:\n  - {{url: b}}\n  - {FLOW}\n...\n"),
        ("a: &a {url: b}\nfeeds:\n  - *a  # the same\n", f"a: &a {{url: b}}\nfeeds:\n  - *a  # the same\n  - {FLOW}\n"),
        ("feeds:\r\n  - {url: a}\r\nb: 1\r\n", f"feeds:\r\n  - {{url: a}}\r\n  - {FLOW}\r\nb: 1\r\n"),
    ],
)  # fmt: skip
def test_a_feed_is_put_behind_the_others_in_their_style(before: str, after: str) -> None:
    assert added(before, [NEW], PATH) == after


@pytest.mark.parametrize(
    ("before", "places", "after"),
    [
        ("feeds:\n  # one\n  - {url: a}  # a\n  # two\n  - {url: b}\n", {0},
         "feeds:\n  # one\n  # two\n  - {url: b}\n"),
        ("feeds:\n  - id: a\n    url: a\n    # of a\n  # - id: off\n  - id: b\n", {0},
         "feeds:\n  # - id: off\n  - id: b\n"),
        ("feeds:  # mine\n  - {url: a}\n# end\n", {0}, "feeds: []  # mine\n# end\n"),
        ("feeds: &f\n- {url: a}\n", {0}, "feeds: &f []\n"),
        ("feeds: [{url: a}, {url: b}, {url: c}]\n", {1}, "feeds: [{url: a}, {url: c}]\n"),
        ("feeds: [{url: a}, {url: b}, {url: c}]\n", {1, 2}, "feeds: [{url: a}]\n"),
        ("feeds: [{url: a}, {url: b}]\n", {0, 1}, "feeds: []\n"),
        ("feeds: [\n  {url: a},  # a\n  # b:\n  {url: b},\n]\n", {0}, "feeds: [\n  # b:\n  {url: b},\n]\n"),
    ],
)  # fmt: skip
def test_a_feed_is_taken_out_with_its_lines_only(before: str, places: set[int], after: str) -> None:
    assert removed(before, places, PATH) == after


@pytest.mark.parametrize(
    "value",
    ["no", "Null", "24.kg", "a: b", "# x", "Вечерний Бишкек", "日本", '"', "'", "\\", "a\tb", "\x85", "\u2028", "- x",
     "x ", "", "15m", "1e3", "0x1f", "2024-01-01", "&a", "*a", "!x", "%", "@", "`", "{", "]", "a #b", "\x00", "😀"],
)  # fmt: skip
def test_any_title_comes_back_as_it_is(value: str) -> None:
    text = added("a: 1\n", [NewFeed("https://a.example/", "a", value)], PATH)
    assert parse_yaml(text, PATH).value["feeds"][0].get("title", "") == value


@pytest.mark.parametrize(
    "text",
    ["x: &f [{url: a}]\nfeeds: *f\n", "base: &b\n  feeds: [{url: a}]\n<<: *b\n"],
)
def test_what_cannot_be_changed_by_itself_is_refused(text: str) -> None:
    with pytest.raises(NewswatchError, match=r"cannot be changed by itself.*by hand"):
        added(text, [NEW], PATH)


def test_an_anchor_that_another_feed_needs_keeps_its_feed() -> None:
    text = "feeds:\n  - &a {url: a}\n  - {<<: *a, id: b}\n"
    with pytest.raises(NewswatchError, match="cannot be changed by itself"):
        removed(text, {0}, PATH)


def test_no_yaml_is_said_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"newswatch\.yaml:3"):
        added("a: 1\nb: [\n", [NEW], PATH)


# ---------------------------------------------------------------- any file

WORDS = st.text("abc Жя日é:#-'\"", min_size=1, max_size=12).map(str.strip).filter(bool)
COMMENTS = WORDS.map(lambda words: f"# {words}")


@dataclass(frozen=True)
class Document:
    """A configuration with feeds, and its comments that stand on lines of their own between items."""

    text: str
    count: int
    comments: Counter[str]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Feeds in any style, with comments, blank lines, anchors, either end of line, and keys before and behind."""
    count = draw(st.integers(1, 4))
    style = draw(st.sampled_from(["flow items", "blocks", "one line", "brackets"]))
    indent = " " * draw(st.sampled_from([0, 2, 4]))
    own: list[str] = []
    lines: list[str] = draw(st.lists(COMMENTS, max_size=2)) + draw(st.sampled_from([[], ["store: &s {url: x}"]]))
    own += [line for line in lines if line.startswith("#")]

    def between(before: str) -> None:
        for comment in draw(st.lists(COMMENTS, max_size=2)):
            own.append(comment)
            lines.append(f"{before}{comment}")
        if draw(st.booleans()):
            lines.append("")

    items = [{"url": f"https://{n}.example/", "title": draw(WORDS)} for n in range(count)]
    flows = ["{url: %s, title: '%s'}" % (item["url"], item["title"].replace("'", "''")) for item in items]  # noqa: UP031
    tail = draw(st.sampled_from(["", "  # behind"]))
    if style == "one line":
        lines.append(f"feeds: [{', '.join(flows)}]{tail}")
    elif style == "brackets":
        lines.append("feeds: [")
        for number, flow in enumerate(flows):
            between("  ")
            last = number == count - 1
            lines.append(f"  {flow}{'' if last and draw(st.booleans()) else ','}{tail}")
        lines.append("]")
    else:
        lines.append(f"feeds:{tail}")
        for item, flow in zip(items, flows, strict=True):
            between(indent)
            anchor = draw(st.sampled_from(["", f"&a{len(lines)} "])) if style == "flow items" else ""
            if style == "flow items":
                lines.append(f"{indent}- {anchor}{flow}{tail}")
            else:
                quoted = item["title"].replace("'", "''")
                lines += [f"{indent}- url: {item['url']}{tail}", f"{indent}  title: '{quoted}'"]
    between("")
    lines += draw(st.sampled_from([[], ["polling: {interval: 5m}"], ["templates:", "  path: x"]]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    end = draw(st.sampled_from([newline, ""]))
    return Document(newline.join(lines) + end, count, Counter(own))


NEW_FEEDS = st.lists(
    st.builds(NewFeed, st.just("https://new.example/"), st.just("new"), st.text(max_size=8)), min_size=1, max_size=3
)


def own_lines(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.splitlines() if line.strip().startswith("#"))


def is_within(part: str, whole: str) -> bool:
    """Every character of the one comes in the other, in order."""
    rest = iter(whole)
    return all(character in rest for character in part)


@settings(deadline=None)
@given(documents(), NEW_FEEDS)
def test_adding_takes_nothing_from_any_file(document: Document, feeds: list[NewFeed]) -> None:
    text = added(document.text, feeds, PATH)
    assert is_within(document.text, text)
    assert own_lines(text) == document.comments
    assert ("\r\n" in document.text) == ("\r\n" in text)
    assert text.count("\n") - text.count("\r\n") in (0, text.count("\n"))
    places = range(document.count, document.count + len(feeds))
    back = removed(text, set(places), PATH)
    assert parse_yaml(back, PATH).value == parse_yaml(document.text, PATH).value
    assert own_lines(back) == document.comments


@settings(deadline=None)
@given(documents(), st.data())
def test_removing_leaves_the_comments_of_the_others(document: Document, data: st.DataObject) -> None:
    places = data.draw(st.sets(st.integers(0, document.count - 1), min_size=1))
    text = removed(document.text, places, PATH)
    assert own_lines(text) == document.comments
    assert is_within(text.replace(" []", "", 1), document.text)
