"""The fixed words: which language, which form, and what a user's own files may and may not do."""

import re
import string
import tomllib
from pathlib import Path
from typing import Any

import pytest

from loopback import news
from newswatch.alerting.render import Renderer
from newswatch.alerting.wording import words
from newswatch.config.paths import data_dir, words_languages
from newswatch.config.settings import Recipient
from newswatch.model import Bound, Outcome

FOLDER = data_dir("templates") / "words"
OTHERS = [code for code in words_languages(None) if code != "en"]


def data(code: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))


def test_there_are_english_and_russian() -> None:
    assert set(words_languages(None)) >= {"en", "ru"}


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_says_everything_that_english_says_and_nothing_else(code: str) -> None:
    english, other = data("en"), data(code)
    for table in ("phrases", "labels", "counted", "dates"):
        assert set(other[table]) == set(english[table]), table
    assert set(other["bounds"]) | {"exact"} == set(english["bounds"])
    for name, phrase in english["phrases"].items():
        named = [
            {field for _, field, _, _ in string.Formatter().parse(text) if field}
            for text in (phrase, other["phrases"][name])
        ]
        assert named[0] == named[1], name
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


def test_reasons_with_names_in_them_are_translated_around_these() -> None:
    assert words("ru").reason("the nearest known fact says 43% of it") == "ближайший известный факт говорит 43 % этого"
    assert words("ru").reason("something else") == "something else"
    assert words().reason("50 was known") == "50 was known"


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
