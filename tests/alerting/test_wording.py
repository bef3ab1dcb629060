"""The fixed words: which language, which form, and what a user's own files may and may not do."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from loopback import news
from newswatch import reading
from newswatch.alerting.render import Renderer
from newswatch.alerting.wording import words
from newswatch.config.paths import data_dir, words_languages
from newswatch.config.settings import Recipient
from newswatch.detect.novelty import TALLIES
from newswatch.model import Bound, Outcome
from newswatch.reading import lexicon, official
from newswatch.reading.lexicon import crimes, posts
from newswatch.reasons import ENGLISH, because, english, filled

LEXICONS = Path(reading.__file__).parent / "lexicons"
FOLDER = data_dir("templates") / "words"
OTHERS = [code for code in words_languages(None) if code != "en"]


def data(code: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))


def test_there_are_english_and_russian() -> None:
    assert set(words_languages(None)) >= {"en", "ru"}


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_says_everything_that_english_says_and_nothing_else(code: str) -> None:
    english_words, other = data("en"), data(code)
    assert set(other) == set(english_words)
    for table in set(english_words) - {"plural", "bounds"}:
        assert set(other[table]) == set(english_words[table]), table
    assert set(other["bounds"]) | {"exact"} == set(english_words["bounds"])
    for table in ("phrases", "reasons"):
        for name, phrase in english_words[table].items():
            assert filled(phrase) == filled(other[table][name]), name
    forms = {len(forms) for table in ("counted", "sentences") for forms in other[table].values()}
    assert forms == {3 if other["plural"] == "one-few-many" else 2}
    assert (len(other["dates"]["days"]), len(other["dates"]["months"])) == (7, 12)


def test_every_outcome_and_every_hedge_has_a_word() -> None:
    assert set(data("en")["labels"]) == {outcome.value for outcome in Outcome}
    assert set(data("en")["bounds"]) == {bound.value for bound in Bound}


def test_a_noun_takes_the_form_of_its_number() -> None:
    russian = words("ru")
    counted = {n: russian.count("seen", n).split()[0] for n in (1, 2, 5, 11, 12, 21, 22, 25, 111, 101, 0)}
    assert counted == {
        1: "статья", 2: "статьи", 5: "статей", 11: "статей", 12: "статей", 21: "статья", 22: "статьи", 25: "статей",
        111: "статей", 101: "статья", 0: "статей",
    }  # fmt: skip
    assert [words().count("seen", n) for n in (0, 1, 2)] == ["stories seen", "story seen", "stories seen"]
    assert words().count("strange", 3) == "strange"


def test_numbers_are_written_as_the_language_does() -> None:
    assert [words().number(value) for value in (98, 1250, 2.5)] == ["98", "1,250", "2.5"]
    assert [words("ru").number(value) for value in (98, 1250, 2.5)] == ["98", "1\u00a0250", "2,5"]


def test_a_reason_is_said_in_the_language_down_to_its_parts() -> None:
    what = because("act-planned", act="raid")
    why = because("act-unknown-in-detail", what=what, details=because("detail-with", of=because("concepts:murder")))
    assert english(why) == "“raid” as planned was not known for murder"
    assert words().why(why) == english(why)
    assert words("ru").why(why) == "не было известно: «raid» (план), обвинение: убийство"
    both = because("then", first=because("official-word", who=because("roles:police")), second=because("was-disputed"))
    assert words("ru").why(both) == "первое официальное подтверждение: полиция; это оспаривалось"
    assert words("ru").why(because("number-rises", value=12500)) == "рост: было известно 12\u00a0500"
    assert words("ru").why(because("number-unknown", of=because("measures:killed"))).endswith(": погибшие")


def test_what_no_table_knows_is_said_by_its_id() -> None:
    assert words("ru").why(because("roles:harbour-master")) == "the harbour master"
    assert words("ru").measure("count:bus-stop") == "Count:bus stop"
    assert words("ru").measure("killed", "police, pilots") == "Погибшие (силовики, pilots)"


def test_a_reason_that_no_words_are_for_is_a_mistake_of_ours() -> None:
    for code, about in (("number-rises", {}), ("number-rises", {"number": 3}), ("nonsense", {})):
        with pytest.raises(KeyError):
            because(code, **about)


def test_every_reason_measure_group_role_crime_and_post_has_english() -> None:
    english_words = data("en")
    assert english_words["reasons"] == dict(ENGLISH)
    book = lexicon("en")
    assert book is not None
    assert english_words["measures"] == book.labels
    assert set(english_words["measures"]) >= TALLIES
    assert {f"#{role}" for role in english_words["roles"]} == official()
    assert set(english_words["concepts"]) == crimes() | posts()
    groups = tomllib.loads((LEXICONS / "en.toml").read_text(encoding="utf-8"))["groups"]
    assert set(english_words["groups"]) == set(groups)


@pytest.mark.parametrize("code", ["en", *OTHERS])
def test_every_sentence_with_a_number_has_a_form_for_each(code: str) -> None:
    spoken = words(code)
    for name in data("en")["sentences"]:
        for number in (0, 1, 2, 5, 21):
            assert str(number) in spoken.sentence(name, number)


def test_a_language_without_a_file_is_english() -> None:
    assert words("ky") == words()
    assert words("ky").language == "en"


def own(folder: Path, name: str, text: str) -> Path:
    (folder / "words").mkdir(exist_ok=True)
    (folder / "words" / name).write_text(text, encoding="utf-8")
    return folder


def test_a_file_of_the_user_adds_a_language_and_changes_single_words(tmp_path: Path) -> None:
    own(tmp_path, "ky.toml", '[labels]\nnew = "Жаңы"\n')
    own(tmp_path, "ru.toml", '[phrases]\nwhy = "Причина:"\n')
    assert (words("ky", tmp_path).labels["new"], words("ky", tmp_path).language) == ("Жаңы", "ky")
    assert words("ky", tmp_path).labels["known"] == "Known"
    assert words("ru", tmp_path).phrases["why"] == "Причина:"
    assert words("ru", tmp_path).phrases["urgent"] == "срочно"
    assert "ky" in words_languages(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[phrases", "Expected"),
        ("phrases = 3\n", "`phrases` is not written as in en.toml"),
        ('[phrases]\norigin = "{sauce}"\n', "sauce"),
        ('[sentences]\nleft_out = ["{m} more"]\n', "{m}"),
        ("[dates]\ndays = []\n", "index out of range"),
    ],
)
def test_a_bad_file_of_the_user_loses_no_alert(tmp_path: Path, text: str, said: str) -> None:
    folder = own(tmp_path, "ky.toml", text)
    recipient = Recipient(id="desk", channels=("mail",), language="ky")
    message = Renderer(folder).render(news.delivery(news.alert(news.item(news.INJURED))), recipient=recipient)
    assert re.search("Source: The Arda Herald", message.text)
    assert message.notice.startswith("One of your own ")
    assert said in message.notice
