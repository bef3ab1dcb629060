from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.detect.stories import Assignment, assign, canonical_url, shape, similarity
from newswatch.model import Entry, Story

NOW = datetime(2030, 5, 4, 12, tzinfo=UTC)
TITLE = "Harbour workers of Port Selin walk out over night shifts"
TEXT = (
    "More than 300 harbour workers of Port Selin walked out on Monday in a quarrel over night shifts, the dockers' "
    "union said. Cranes stood still at both container piers, and eleven ships waited in the bay by noon.\n\n"
    "The port authority called the strike unlawful and asked a court to end it. Its director, Marta Okunev, said talks "
    "could go on only when the cranes move again. The union answered that it would not be threatened.\n\n"
    "Night shifts were lengthened in March from eight to ten hours. Since then two men have been hurt by falling "
    "loads. The last strike in the harbour, in the autumn of the year before, lasted nine days and cost a fortune."
)
RUSSIAN = (
    "В порту Селин в понедельник началась забастовка докеров, недовольных продлением ночных смен. По данным профсоюза, "
    "на работу не вышли более 300 человек, оба контейнерных причала стоят, в бухте ждут разгрузки одиннадцать судов. "
    "Администрация порта назвала забастовку незаконной и обратилась в суд, директор Марта Окунева заявила, что "
    "переговоры возможны только после возобновления работы кранов."
)


def entry(title: str = TITLE, text: str = TEXT, link: str = "https://one.example/a/1", **other: object) -> Entry:
    made = Entry("feed-1", link or title, link, title, text, published=NOW)
    return replace(made, **other)  # type: ignore[arg-type]  # any field of an entry


def known(title: str = TITLE, text: str = TEXT, link: str = "https://zero.example/x", source: str = "Zero") -> Story:
    return assign(
        entry(title, text, link), source=source, language="en", now=NOW, by_url=None, by_entry=None, near=()
    ).story


def beside(new: Entry, *stories: Story, source: str = "One", now: datetime = NOW) -> Assignment:
    near = [(story, shape(story.title, story.text).signature) for story in stories]
    return assign(new, source=source, language="en", now=now, by_url=None, by_entry=None, near=near)


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://www.one.example/a/1",
        "HTTPS://One.Example:443/a/1/",
        "http://one.example:80/a/1#comments",
        "https://m.one.example/a/1?utm_source=rss&utm_medium=feed",
        "https://one.example/a/1?fbclid=x&gclid=y&yclid=z&ysclid=q&mc_cid=1&_openstat=b&at_medium=RSS",
        "https://one.example/a/1/amp/",
        "https://amp.one.example/a/1?amp=1",
        "https://one.example/amp/a/1",
        "https://one.example/a/1?from=rss",
        "https://one.example//a//1?",
        "https://one.example/a/1;jsessionid=5AF0",
        "https://reader:secret@one.example/a/1",
        " https://one.example/a/1 ",
        "https://www.google.com/url?rct=j&sa=t&url=https://one.example/a/1&ct=ga&cd=x&usg=y",
        "https://www.google.com/amp/s/one.example/a/1",
        "https://one-example.cdn.ampproject.org/c/s/one.example/a/1",
        "http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url=https%3a%2f%2fone.example%2fa%2f1&c=1",
    ],
)
def test_one_article_has_one_address(url: str) -> None:
    assert canonical_url(url) == "https://one.example/a/1"


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://one.example/?p=12", "https://one.example/?p=13"),
        ("https://one.example/news?id=1", "https://one.example/news?id=2"),
        ("https://one.example/news?cid=1", "https://one.example/news?cid=2"),
        ("https://one.example/news?eid=1", "https://one.example/news?eid=2"),
        ("https://one.example/news?uid=1", "https://one.example/news?uid=2"),
        ("https://one.example/news.php?12345", "https://one.example/news.php?12346"),
        ("https://one.example/#!/a/1", "https://one.example/#!/a/2"),
        ("https://one.example/A", "https://one.example/a"),
        ("https://one.example:8080/a", "https://one.example/a"),
        ("https://ru.one.example/a", "https://en.one.example/a"),
        ("https://one.example/ru/a", "https://one.example/en/a"),
        ("https://one.example/новости", "https://one.example/новость"),
        ("https://news.google.com/rss/articles/CBMiAA?oc=5", "https://news.google.com/rss/articles/CBMiBB?oc=5"),
        ("https://amp.example/a", "https://example/a"),
        ("https://m.example/a", "https://www.example/a"),
        ("https://one.example/camp", "https://one.example/c"),
        ("https://one.example/example", "https://one.example/ex"),
    ],
)
def test_other_articles_keep_other_addresses(url: str, other: str) -> None:
    assert canonical_url(url) != canonical_url(other)


def test_the_order_of_parameters_does_not_count() -> None:
    assert canonical_url("https://one.example/n?b=2&a=1") == canonical_url("http://one.example/n?a=1&b=2&utm_x=3")


def test_a_google_news_link_forgets_only_the_edition() -> None:
    url = "https://news.google.com/rss/articles/CBMiAA"
    assert canonical_url(f"{url}?oc=5&hl=en-US&gl=US&ceid=US:en") == url


def test_percent_encoding_does_not_count() -> None:
    assert canonical_url("https://one.example/новости") == canonical_url(
        "https://one.example/%d0%bd%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"
    )


@pytest.mark.parametrize(
    "url", ["", "a", "mailto:x@one.example", "ftp://one.example/a", "https://", "http://[::1", "http://a:b/"]
)
def test_what_is_no_address_has_none(url: str) -> None:
    assert canonical_url(url) == ""


PATHS = st.text(alphabet="aA1/.-_%?&=#;: нё[]@'+\\~!", max_size=30)


@given(st.sampled_from(["http", "HTTPS"]), st.sampled_from(["www.m.one.example", "one.example:443", "[::1]:8"]), PATHS)
def test_an_address_is_made_canonical_once(scheme: str, host: str, path: str) -> None:
    once = canonical_url(f"{scheme}://{host}/{path}")
    assert canonical_url(once) == once


# ---------------------------------------------------------------- shapes


def test_case_accents_and_punctuation_do_not_count() -> None:
    noisy = TEXT.upper().replace(",", " -").replace(".", "!").replace("'", "’")
    assert shape(TITLE, noisy) == shape(TITLE, TEXT)


def test_the_order_of_words_counts() -> None:
    backwards = " ".join(reversed(TEXT.split()))
    assert similarity(shape("", TEXT).signature, shape("", backwards).signature) < 0.1


@given(st.text(alphabet="abcd ", max_size=300), st.text(alphabet="abcd ", max_size=300))
def test_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    a, b = shape("", one).signature, shape("", other).signature
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, a) == (1 if a else 0)


def test_a_title_of_few_words_has_no_shape() -> None:
    assert shape("Photo of the day", "") == shape("", "") == shape("", " ")
    assert shape("Photo of the day", "").bands == ()


def test_near_copies_share_a_band() -> None:
    words = TEXT.split()
    for cut in range(0, len(words) // 2, 5):
        assert set(shape("", " ".join(words[cut:])).bands) & set(shape("", TEXT).bands)


# ---------------------------------------------------------------- assignments


def test_a_first_entry_is_a_new_story() -> None:
    new = entry(link="http://www.one.example/a/1?utm_source=rss")
    result = assign(new, source="One", language="en", now=NOW, by_url=None, by_entry=None, near=())
    assert (result.kind, result.reason) == ("new", "nothing like it is known")
    assert result.story == Story(
        result.story.story_id, "https://one.example/a/1", TITLE, TEXT, "One", "en", published=NOW, first_seen=NOW
    )
    assert result.shape == shape(TITLE, TEXT)


def test_an_entry_without_link_is_known_by_its_feed_and_id() -> None:
    one, two = entry(link="", entry_id="1"), entry(link="", entry_id="2")
    ids = {beside(e).story.story_id for e in (one, two, replace(one, feed_id="feed-2"), replace(one, title="Other"))}
    assert len(ids) == 3


def test_entries_that_link_to_the_front_page_stay_apart() -> None:
    front = known(link="https://one.example/", source="One")
    other = entry(
        "A ship ran aground off Port Selin", "A freighter ran aground.", "https://www.one.example", entry_id="2"
    )
    result = assign(other, source="One", language="en", now=NOW, by_url=front, by_entry=None, near=())
    assert result.kind == "new"
    assert result.story.story_id != front.story_id


@pytest.mark.parametrize(
    ("published", "kept"), [(None, NOW), (NOW + timedelta(days=9), NOW), (NOW - timedelta(1), NOW - timedelta(1))]
)
def test_a_story_is_published_now_at_the_latest(published: datetime | None, kept: datetime) -> None:
    assert beside(entry(published=published)).story.published == kept


def test_the_same_address_from_another_feed_is_the_same_story() -> None:
    story = known()
    excerpt = entry(text="Cranes stand still; a court is asked to step in.")
    result = assign(excerpt, source="Two", language="en", now=NOW, by_url=story, by_entry=None, near=())
    assert (result.kind, result.story, result.reason) == ("same", story, "the same address")


def test_the_fuller_text_is_kept() -> None:
    story = known(text="Cranes stand still.")
    result = assign(entry(), source="Two", language="en", now=NOW, by_url=story, by_entry=None, near=())
    assert (result.kind, result.story) == ("same", replace(story, text=TEXT))
    assert result.shape == shape(story.title, TEXT)


@pytest.mark.parametrize(
    "change", [str.upper, lambda t: t.replace("\n\n", " "), lambda t: t.replace("'", "’").rstrip(".")]
)
def test_white_space_and_punctuation_are_no_edit(change: object) -> None:
    story = known(source="One")
    assert callable(change)
    result = assign(
        entry(text=change(TEXT)), source="One", language="en", now=NOW, by_url=story, by_entry=story, near=()
    )
    assert (result.kind, result.story, result.reason) == ("same", story, "the same words again")


@pytest.mark.parametrize("text", [TEXT.replace("300", "400"), TEXT.replace("not be", "be"), TEXT.partition("\n")[0]])
def test_a_changed_entry_is_an_edit(text: str) -> None:
    story = known(source="One")
    result = assign(entry(text=text), source="One", language="en", now=NOW, by_url=story, by_entry=story, near=())
    assert (result.kind, result.story) == ("edited", replace(story, text=text, revision=2))
    assert result.reason == "the feed changed the title or the text"
    assert result.shape == shape(TITLE, text)


def test_a_changed_title_is_an_edit() -> None:
    story = known(source="One")
    new = entry(title="Harbour strike ends")
    result = assign(new, source="One", language="en", now=NOW, by_url=None, by_entry=story, near=())
    assert (result.kind, result.story.title, result.story.revision) == ("edited", "Harbour strike ends", 2)


def test_a_publisher_that_gives_a_changed_article_a_new_id_edits_it() -> None:
    story = known(source="One")
    changed = entry(text=TEXT.replace("eleven", "twelve"), entry_id="1b")
    result = assign(changed, source="One", language="en", now=NOW, by_url=story, by_entry=None, near=())
    assert result.kind == "edited"


@pytest.mark.parametrize("text", ["", TEXT.partition(" Cranes")[0], TEXT[:200] + "…"])
def test_a_publishers_shorter_feed_is_no_edit(text: str) -> None:
    story = known(source="One")
    result = assign(entry(text=text), source="One", language="en", now=NOW, by_url=story, by_entry=None, near=())
    assert (result.kind, result.story, result.reason) == ("same", story, "an excerpt of what is known")


# ---------------------------------------------------------------- near copies

COPIES = {
    "verbatim": TEXT,
    "place and agency first": f"PORT SELIN, May 4 (Coast Agency) - {TEXT}",
    "dated": f"04.05.2030 14:35 {TEXT}",
    "by-line last": f"{TEXT}\n\nReporting by Ana Lem; editing by Jo Roe.",
    "end cut": TEXT.rpartition("\n\n")[0],
    "paragraph cut": "\n\n".join(TEXT.split("\n\n")[::2]),
    "other punctuation": TEXT.replace(", ", " – ").replace("'", "’").upper(),
    "other spelling of a name": TEXT.replace("Okunev", "Okunew"),
}
NO_COPIES = {
    "another toll": TEXT.replace("two men", "three men"),
    "another figure": TEXT.replace("300", "400"),
    "the contrary": TEXT.replace("would not be", "would be"),
    "the contrary again": TEXT.replace("could go on", "could not go on"),
    "another verb": TEXT.replace("walked out", "came back"),
    "another name": TEXT.replace("Marta Okunev", "Lena Sorel"),
    "a figure at the end": f"{TEXT} By night 40 men were held.",
    "a figure at the start": f"UPDATE: 3 killed. {TEXT}",
    "a new paragraph": f"{TEXT}\n\nOn Tuesday the court found for the port authority and fined the union heavily.",
    "a new sentence inside": TEXT.replace("by noon.", "by noon. The army took over one of the piers."),
}


@pytest.mark.parametrize("text", COPIES.values(), ids=COPIES)
def test_a_copy_is_found(text: str) -> None:
    story = known()
    copy = entry("Dockers walk out in Port Selin harbour", text)
    assert set(shape(copy.title, text).bands) & set(shape(TITLE, TEXT).bands)
    result = beside(copy, story)
    assert (result.kind, result.reason) == ("near-copy", "the words of Zero")
    assert result.story.near_copy_of == story.story_id
    assert result.story.text == text


def test_a_copy_in_russian_is_found() -> None:
    story = known("Забастовка в порту Селин", RUSSIAN)
    result = beside(
        entry("Докеры бастуют и требуют отпуска", f"СЕЛИН, 4 мая — Берег. {RUSSIAN.replace('ё', 'е')}"), story
    )
    assert result.kind == "new"  # the title says other things
    result = beside(entry("В порту Селин забастовка", f"СЕЛИН, 4 мая — Берег. {RUSSIAN}"), story)
    assert (result.kind, result.story.near_copy_of) == ("near-copy", story.story_id)


@pytest.mark.parametrize("text", NO_COPIES.values(), ids=NO_COPIES)
def test_what_says_something_else_is_no_copy(text: str) -> None:
    assert beside(entry(text=text), known()).kind == "new"


def test_a_differing_number_is_the_reason() -> None:
    reason = beside(entry(text=TEXT.replace("300", "400")), known()).reason
    assert reason.endswith("% like Zero, but a number differs: 400")


def test_a_new_figure_in_the_title_is_no_copy() -> None:
    result = beside(entry("Harbour strike: 40 workers held"), known())
    assert result.reason == "100% like Zero, but a number differs: Harbour strike: 40 workers held"


def test_another_title_over_the_same_text_is_no_copy() -> None:
    assert beside(entry("Court orders dockers back"), known()).reason == (
        "100% like Zero, but another title: Court orders dockers back"
    )


def test_a_copy_of_a_copy_names_the_original() -> None:
    first = known()
    second = beside(entry(), first).story
    third = beside(entry(link="https://three.example/3"), second).story
    assert third.near_copy_of == first.story_id


@pytest.mark.parametrize(("days", "kind"), [(3, "near-copy"), (4, "new"), (-4, "new")])
def test_the_same_words_days_later_are_another_story(days: int, kind: str) -> None:
    old = replace(known(), published=NOW - timedelta(days=days))
    assert beside(entry(), old).kind == kind


@pytest.mark.parametrize(
    ("title", "other", "kind"),
    [
        ("Two miners rescued at Lorn pit", "Two miners rescued at Lorn pit!", "near-copy"),
        ("Two miners rescued at Lorn pit", "Three miners rescued at Lorn pit", "new"),
        ("Two miners rescued at Lorn pit", "Two miners rescued at Lorn pit, says owner", "new"),
        ("Photo of the day", "Photo of the day", "new"),
        ("", "", "new"),
    ],
)
def test_bare_headlines(title: str, other: str, kind: str) -> None:
    assert beside(entry(other, ""), known(title, "")).kind == kind


def test_two_reports_of_one_event_are_two_stories() -> None:
    other = (
        "A strike by dock workers brought Port Selin to a halt on Monday. The union put the number of those who stayed "
        "away at more than 300. Eleven ships could not be unloaded, and the authority that runs the port went to "
        "court, calling the walkout illegal. Longer night shifts, in force since March, are what the quarrel is about."
    )
    assert beside(entry(text=other), known()).kind == "new"


def test_endless_texts_are_copies_only_when_equal() -> None:
    endless = " ".join(f"word{number}" for number in range(20_001))
    assert beside(entry(text=endless.upper()), known(TITLE, endless)).kind == "near-copy"
    assert beside(entry(text=f"Agency: {endless}"), known(TITLE, endless)).reason.endswith("texts too long to compare")


WORDS = TEXT.split()


@given(st.integers(0, len(WORDS) - 1), st.sampled_from(["7", "seven", "never", "семь"]))
def test_a_word_put_inside_is_never_swallowed(at: int, word: str) -> None:
    changed = " ".join([*WORDS[:at], word, *WORDS[at + 1 :]])
    if 0 < at < len(WORDS) - 1:
        assert beside(entry(text=changed), known()).kind == "new"


@given(st.integers(0, 30), st.integers(0, 25))
def test_a_text_cut_at_its_ends_is_a_copy(start: int, end: int) -> None:
    cut = " ".join(WORDS[start : len(WORDS) - end])
    assert beside(entry("Harbour workers walk out", cut), known()).kind == "near-copy"
