"""How one claim stands against what is known, and why."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest

from newswatch.detect.ledger import Ledger
from newswatch.detect.novelty import RISING, TALLIES, Finding, features, in_detail, judge_claim
from newswatch.model import Bound, Claim, Evidence, Fact, Figure, Happening, Outcome, Sentence, Statement, Status
from newswatch.reading import Reader

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
X = Evidence("x", 1)
NUMBERS = count()


def fact(claim: Claim) -> Fact:
    return Fact(f"f{next(NUMBERS)}", "velmora", claim, "s1", "Wire", NOW)


def held(claim: Claim, *known: Claim, terms: dict[str, str] | None = None) -> Finding:
    ledger = Ledger(map(fact, known))
    spelt = {"@ladov": "Igor Lyadov", "@klein": "Petra Klein"}
    return judge_claim(claim, ledger, ledger.overlap(terms or {}), spelt)


def figure(value: float, measure: str = "killed", bound: Bound = Bound.EXACT, whom: tuple[str, ...] = ()) -> Figure:
    return Figure(X, measure, value, bound=bound, whom=whom)


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("claim", "known", "outcome", "reason"),
    [
        (figure(9), [], Outcome.NEW, "no such number of killed was known"),
        (figure(9), [figure(9)], Outcome.KNOWN, "the number 9 is known"),
        (figure(9), [figure(3)], Outcome.CHANGED, "rises: 3 was known"),
        (figure(9), [figure(3), figure(7)], Outcome.CHANGED, "rises: 7 was known"),
        (figure(7), [figure(9)], Outcome.KNOWN, "an older number: 9 is known"),
        (figure(7), [figure(9), figure(8)], Outcome.KNOWN, "an older number: 9 is known"),
        (figure(9), [figure(3, "injured")], Outcome.NEW, "no such number of killed was known"),
        (figure(9), [figure(3, whom=("police",))], Outcome.NEW, "no such number of killed was known"),
        (figure(52), [figure(50, bound=Bound.ABOVE)], Outcome.REFINES, "50 was known less exactly"),
        (figure(52), [figure(50, bound=Bound.AT_LEAST)], Outcome.REFINES, "50 was known less exactly"),
        (figure(52), [figure(50, bound=Bound.ABOUT)], Outcome.REFINES, "50 was known less exactly"),
        (figure(52), [figure(50)], Outcome.CHANGED, "rises: 50 was known"),
        (figure(52), [figure(50, bound=Bound.AT_MOST)], Outcome.CHANGED, "rises: 50 was known"),
        (figure(98), [figure(50, bound=Bound.ABOVE)], Outcome.CHANGED, "rises: 50 was known"),
        (figure(7, "missing"), [figure(9, "missing")], Outcome.CHANGED, "falls: 9 was known"),
        (figure(9, "count:fire-engine"), [], Outcome.NEW, "no such number of fire engine was known"),
        (figure(9, "count:bus"), [figure(3, "count:bus")], Outcome.NEW, "no such number of bus was known"),
        (figure(9, "votes"), [figure(3, "votes")], Outcome.NEW, "no such number of votes was known"),
    ],
)
def test_figures(claim: Figure, known: list[Figure], outcome: Outcome, reason: str) -> None:
    finding = held(claim, *known)
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_what_does_not_fall_is_held_against_the_highest_and_what_may_against_the_latest() -> None:
    changed = held(figure(9), figure(7), figure(3))
    assert changed.against is not None
    assert changed.against.claim == figure(7)
    fallen = held(figure(9, "missing"), figure(7, "missing"), figure(3, "missing"))
    assert fallen.against is not None
    assert fallen.against.claim == figure(3, "missing")
    older = held(figure(5), figure(7), figure(3))
    assert older.against is not None
    assert older.against.claim == figure(7)


def test_counts_that_do_not_fall_are_tallies() -> None:
    assert RISING < TALLIES
    assert "missing" in TALLIES - RISING


# ---------------------------------------------------------------- happenings


def happening(what: str = "raid", status: Status = Status.DONE, *actors: str) -> Happening:
    return Happening(X, what, status, actors=actors)


@pytest.mark.parametrize(
    ("claim", "known", "outcome", "reason"),
    [
        (happening(), [], Outcome.NEW, "“raid” was not known"),
        (happening(), [happening()], Outcome.KNOWN, "“raid” is known"),
        (happening(), [happening("rally")], Outcome.NEW, "“raid” was not known"),
        (happening(), [happening(status=Status.PLANNED)], Outcome.NEW, "“raid” was not known"),
        (happening(status=Status.CALLED_OFF), [happening()], Outcome.NEW, "“raid” as called off was not known"),
        (happening(status=Status.MENTIONED), [happening()], Outcome.NEW, "“raid” was not known"),
        (happening("verb:zorbl"), [], Outcome.NEW, "“zorbl” was not known"),
        (happening("raid", Status.DONE, "@ladov"), [happening()], Outcome.NEW, "“raid” was not known of Igor Lyadov"),
        (happening("raid", Status.DONE, "@ladov"), [happening("raid", Status.DONE, "@ladov")], Outcome.KNOWN,
         "“raid” is known"),
        (happening("raid", Status.DONE, "@ladov", "@klein", "@noone"), [happening("raid", Status.DONE, "@ladov")],
         Outcome.NEW, "“raid” was not known of Petra Klein and noone"),
    ],
)  # fmt: skip
def test_happenings(claim: Happening, known: list[Happening], outcome: Outcome, reason: str) -> None:
    finding = held(claim, *known)
    assert (finding.outcome, finding.reason) == (outcome, reason)
    assert finding.unheard == (
        outcome is Outcome.NEW and " of " not in reason.removesuffix(" as called off was not known")
    )


def test_a_second_one_is_not_the_first() -> None:
    first = Happening(X, "storm-raid", Status.DONE, terms=("#storm-raid",))
    second = replace(first, ordinal=2)
    found = held(second, first)
    assert (found.outcome, found.unheard) == (Outcome.NEW, True)
    assert found.reason == "“storm raid” again was not known"
    assert held(second, first, second).outcome is Outcome.KNOWN
    assert held(first, second).outcome is Outcome.KNOWN
    meant = replace(first, status=Status.PLANNED)
    assert held(replace(meant, ordinal=2), meant).outcome is Outcome.KNOWN  # only what was done counts


def charged(*crimes: str, status: Status = Status.DONE, who: tuple[str, ...] = ("@klein",)) -> Happening:
    return Happening(X, "charge", status, actors=who, details=tuple(("with", f"#{crime}") for crime in crimes))


@pytest.mark.parametrize(
    ("claim", "known", "outcome", "another", "reason"),
    [
        (charged("murder"), [charged("corruption")], Outcome.NEW, True, "“charge” was not known for murder"),
        (charged("murder"), [charged("murder")], Outcome.KNOWN, False, "“charge” is known"),
        (charged("murder"), [charged()], Outcome.REFINES, False, "“charge” was not known for murder"),
        (charged(), [charged("murder")], Outcome.KNOWN, False, "“charge” is known"),
        (charged("murder", "fraud"), [charged("murder")], Outcome.REFINES, False, "“charge” was not known for fraud"),
        (charged("murder", who=()), [charged("murder")], Outcome.KNOWN, False, "“charge” is known"),
        (charged("murder"), [charged("murder", who=("@ladov",)), charged("fraud")], Outcome.NEW, True,
         "“charge” was not known for murder"),
    ],
)  # fmt: skip
def test_the_same_step_for_something_else_is_new(
    claim: Happening, known: list[Happening], outcome: Outcome, another: bool, reason: str
) -> None:
    finding = held(claim, *known)
    assert (finding.outcome, finding.another, finding.reason) == (outcome, another, reason)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ((("article", "233"),), "under article 233"),
        ((("years", "5"), ("with", "#hostage-taking")), "for 5 years, for hostage taking"),
        ((("until", "2031-10-26"),), "until 2031-10-26"),
        ((("as", "#prime-minister"),), "as prime minister"),
        ((("months", "6"),), "for 6 months"),
        ((), ""),
    ],
)
def test_details_in_words(details: tuple[tuple[str, str], ...], words: str) -> None:
    assert in_detail(details) == words


@pytest.mark.parametrize(
    ("claim", "known", "another"),
    [
        (happening("raid", Status.DENIED, "@ladov"), happening("raid", Status.PLANNED, "@ladov"), True),
        (happening("raid", Status.CALLED_OFF, "@ladov"), happening("raid", Status.ATTEMPTED, "@ladov"), True),
        (happening("raid", Status.DENIED, "@klein"), happening("raid", Status.PLANNED, "@ladov"), False),
        (happening("raid", Status.DENIED), happening("raid", Status.PLANNED), False),
        (happening("raid", Status.DONE, "@ladov"), happening("raid", Status.PLANNED, "@ladov"), False),
    ],
)
def test_what_was_meant_for_somebody_and_did_not_happen(claim: Happening, known: Happening, another: bool) -> None:
    finding = held(claim, known)
    assert finding.unheard
    assert (finding.outcome is Outcome.CHANGED, finding.another) == (another, another)


def test_a_new_role_beside_a_known_happening_is_not_new_by_itself() -> None:
    claim = Happening(X, "raid", Status.DONE, targets=("#police",))
    assert held(claim, happening()).outcome is Outcome.KNOWN


# ---------------------------------------------------------------- statements


def test_statements() -> None:
    said = Statement(X, "@ladov", terms=("@ladov", "crack", "dam"))
    terms = {"@ladov": "name", "crack": "word", "dam": "word"}
    first = held(said, terms=terms)
    assert (first.outcome, first.reason) == (Outcome.NEW, "the first statement of Igor Lyadov")
    again = held(said, said, terms=terms)
    assert (again.outcome, again.reason) == (Outcome.KNOWN, "Igor Lyadov says what is known")
    other = held(said, Statement(X, "@ladov", terms=("@ladov", "river", "night")), terms=terms)
    assert (other.outcome, other.reason) == (Outcome.NEW, "Igor Lyadov says what was not known; 29% of it was")
    role = held(Statement(X, "#prime-minister"))
    assert role.reason == "the first statement of the prime minister"


# ---------------------------------------------------------------- features


def weighed(text: str, *known: str, language: str = "en") -> dict[str, float]:
    reader = Reader({})

    def read(one: str, its: str) -> Sentence:
        (sentence,) = reader.read("", one, its, NOW)
        return sentence

    ledger = Ledger(fact(claim) for one in known for claim in read(one, "en").claims)
    sentence = read(text, language)
    overlap = ledger.overlap(sentence.terms)
    findings = tuple(judge_claim(claim, ledger, overlap, sentence.spelt) for claim in sentence.claims)
    return features(sentence, overlap, findings, ledger, alone=False)


RAID = "Police stormed the house, Igor Lyadov said on Sunday, and 98 people were injured."
RAID_RU = "Полиция взяла штурмом дом, сказал Игорь Лядов в воскресенье, 98 человек пострадали."


def test_features_are_numbers_of_moderate_size() -> None:
    assert all(0 <= value <= 6 for value in weighed(RAID).values())


def test_what_is_known_lowers_every_sign_of_news() -> None:
    fresh, known = weighed(RAID), weighed(RAID, RAID)
    assert (fresh["best"], fresh["lost"], fresh["pairs share"]) == (0, 1, 1)
    assert (known["best"], known["lost"], known["pairs share"]) == (1, 0, 0)
    assert (fresh["urgent new"], fresh["speaker new"], fresh["figure new"]) == (2, 1, 1)
    assert (known["urgent new"], known["speaker new"], known["figure new"], known["figure known"]) == (0, 0, 0, 1)


def test_the_same_told_in_russian_is_mostly_known_from_english() -> None:
    across = weighed(RAID_RU, RAID, language="ru")
    assert across["figure known"] == 1
    assert across["speaker new"] == 0
    assert across["best"] > 0.5


def test_a_story_of_one_sentence_has_no_place() -> None:
    (sentence,) = Reader({}).read("Dam breaks", "", "en", NOW)
    ledger = Ledger()
    overlap = ledger.overlap(sentence.terms)
    findings = tuple(judge_claim(claim, ledger, overlap, sentence.spelt) for claim in sentence.claims)
    alone = features(sentence, overlap, findings, ledger, alone=True)
    among = features(sentence, overlap, findings, ledger, alone=False)
    assert (alone["alone"], alone["title"], among["alone"], among["title"]) == (1, 0, 0, 1)


def test_an_old_day_and_a_tone_are_features() -> None:
    found = weighed("In 2011 the dam broke, he recalled, as experts feared.")
    assert (found["old"], found["year"], found["tone:recall"], found["of the day"]) == (1, 1, 1, 0)
    assert found["tone:comment"] > 0
