"""The worked example of docs/languages.md is run: its file, its story, and the table of what is read."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newswatch.model import Bound, Claim, Figure, Happening, Status
from newswatch.reading import Reader, kinds, languages, lexicon
from newswatch.reading.lexicon import Lexicon, parse_lexicon

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
BESIDE = (ROOT / "src" / "newswatch" / "reading" / "lexicons" / "README.md").read_text(encoding="utf-8")
NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)


def block(kind: str, text: str = TEXT) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)
    assert found, f"there is no {kind} block"
    return found[1]


@pytest.fixture
def zorbic(monkeypatch: pytest.MonkeyPatch) -> Lexicon:
    """The example's file, as if it lay beside the others."""
    book = parse_lexicon("zz", block("toml"))
    monkeypatch.setattr("newswatch.reading.claims.lexicon", lambda code: book if code == "zz" else lexicon(code))
    return book


def read(text: str) -> list[Claim]:
    return [claim for sentence in Reader({}).read("", text, "zz", NOW) for claim in sentence.claims]


def happenings(found: list[Claim]) -> list[tuple[str, Status, tuple[str, ...], tuple[str, ...]]]:
    return [(c.type, c.status, c.targets, c.actors) for c in found if isinstance(c, Happening)]


def test_without_a_lexicon_the_example_gives_names_and_bare_numbers() -> None:
    found = read(block("text"))
    assert [claim for claim in found if isinstance(claim, Figure)] == []
    assert {what for what, *_ in happenings(found)} == {"other"}
    assert any("@ladov" in claim.terms for claim in found if isinstance(claim, Happening))


def test_the_example_file_makes_a_figure_and_a_concept_readable(zorbic: Lexicon) -> None:
    found = read(block("text"))
    assert [(c.measure, c.value) for c in found if isinstance(c, Figure)] == [("killed", 9)]
    assert ("arrest", Status.DONE, ("#police",), ("@ladov",)) in happenings(found)


def test_what_the_table_says_is_read_is_read(zorbic: Lexicon) -> None:
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", TEXT, re.MULTILINE))
    assert len(rows) == 3
    for words, meaning in rows.items():
        if meaning.startswith("figure"):
            (claim,) = [c for c in read(words) if isinstance(c, Figure)]
            least = "at least " if claim.bound is Bound.AT_LEAST else ""
            assert meaning == f"figure `{claim.measure}`, {least}{claim.value:g}"
        else:
            ((what, status, targets, _),) = happenings(read(words))
            assert meaning.startswith(f"happening `{what}`, {status.value}, by `{targets[0][1:]}`")


def test_every_language_that_has_a_file_is_listed() -> None:
    assert sorted(re.findall(r"\(`([a-z]{2})`\)", TEXT)) == list(languages())


def test_the_ten_lines_beside_the_lexicons_are_ten_and_read() -> None:
    lines = [line.strip() for line in block("toml", BESIDE).splitlines() if line.strip()]
    assert len(lines) == 10
    book = parse_lexicon("es", "\n".join(lines))
    assert book.marks.at(["muertos"], ["muert"], 0)
    hit = book.concepts.at(["detuvieron"], ["detuv"], 0)
    assert hit is not None
    assert hit.id in kinds()
