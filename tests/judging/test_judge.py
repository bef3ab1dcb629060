"""What is new, what is a retelling, and why: every outcome in English and Russian, over an invented event."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loopback.watch import Watch, load
from newswatch.config.event import Event
from newswatch.model import Bound, Decision, FigureChange, Outcome, Severity

LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])
NINE = {"en": "Nine people were killed in Velmora.", "ru": "В Велморе погибли 9 человек."}
SEVEN = {"en": "Seven people were killed in Velmora.", "ru": "В Велморе погибли семь человек."}
TWELVE = {"en": "The death toll in Velmora rose to 12.", "ru": "Число погибших в Велморе выросло до 12."}
REFINED = {"en": "21 people were injured in Velmora.", "ru": "В Велморе ранен 21 человек."}
KNOWN = {
    "en": "Three people were killed and more than 20 were injured in Velmora.",
    "ru": "В Велморе погибли три человека, более 20 пострадали.",
}
ARREST = {
    "en": "Police detained Igor Lyadov, director of the dam in Velmora.",
    "ru": "Полиция задержала Игоря Лядова, директора плотины в Велморе.",
}
PLANNED = {
    "en": "Police plan to detain Igor Lyadov, director of the dam in Velmora.",
    "ru": "Полиция намерена задержать Игоря Лядова, директора плотины в Велморе.",
}
SAID = {
    "en": "Petra Sandoval said in Velmora that engineers had warned of cracks for two years.",
    "ru": "Петра Сандовал заявила в Велморе, что инженеры два года предупреждали о трещинах.",
}
RESIGNED = {
    "en": "Governor Petra Sandoval resigned in Velmora.",
    "ru": "Губернатор Петра Сандовал ушла в отставку в Велморе.",
}
MISSING = {"en": "Forty people are missing in Velmora.", "ru": "В Велморе пропали без вести 40 человек."}
ALL = (NINE, ARREST, SAID, RESIGNED, MISSING, TWELVE)


def figures(decision: Decision) -> list[FigureChange]:
    return [d.figure for d in decision.developments if d.figure]


def silent(decision: Decision) -> bool:
    """Silent, with a reason and a trace that say so."""
    assert (decision.severity is Severity.SILENT) == (decision.developments == ())
    assert decision.reason
    assert all(line.reason and line.sentence for line in decision.trace)
    return decision.severity is Severity.SILENT


# ---------------------------------------------------------------- outcomes


@LANGUAGES
def test_known(language: str, watch: Watch) -> None:
    decision = watch.told(KNOWN[language], language)
    assert silent(decision)
    assert decision.reason.startswith("a retelling: ")


@LANGUAGES
def test_changed_says_what_it_was_and_proves_it(language: str, watch: Watch) -> None:
    decision = watch.told(NINE[language], language)
    assert (decision.severity, decision.topics) == (Severity.ALERT, ("casualties",))
    (development,) = decision.developments
    assert development.figure == FigureChange("killed", 9, 3, line=True)
    assert (development.outcome, development.summary) == (Outcome.CHANGED, "Killed: 3 → 9")
    assert development.evidence == (NINE[language],)
    assert "Three people were killed" in development.known_before
    assert development.against.startswith("base")
    assert development.reason == decision.reason == "rises: 3 was known"


@LANGUAGES
def test_refines(language: str, watch: Watch) -> None:
    (development,) = watch.told(REFINED[language], language).developments
    assert development.outcome is Outcome.REFINES
    assert development.figure == FigureChange("injured", 21, 20, Bound.EXACT, Bound.ABOVE, line=True)
    assert development.summary == "Injured: more than 20 → 21"


@LANGUAGES
def test_a_new_number(language: str, watch: Watch) -> None:
    (development,) = watch.told(MISSING[language], language).developments
    assert (development.outcome, development.figure) == (Outcome.NEW, FigureChange("missing", 40, line=True))
    assert (development.summary, development.known_before) == ("Missing: 40", "")


@LANGUAGES
def test_a_new_happening(language: str, watch: Watch) -> None:
    decision = watch.told(ARREST[language], language, title="")
    (development,) = decision.developments
    assert (decision.severity, development.topic, development.kind) == (Severity.ALERT, "legal", "legal")
    assert (development.outcome, development.summary) == (Outcome.NEW, ARREST[language])


@LANGUAGES
def test_a_new_statement(language: str, watch: Watch) -> None:
    (development,) = watch.told(SAID[language], language).developments
    assert (development.outcome, development.severity) == (Outcome.NEW, Severity.DIGEST)
    assert development.speaker == "Petra Sandoval"


@LANGUAGES
def test_a_change_of_position(language: str, watch: Watch) -> None:
    (development,) = watch.told(RESIGNED[language], language).developments
    assert (development.kind, development.topic, development.severity) == ("position", "politics", Severity.DIGEST)


@LANGUAGES
def test_a_plan_that_comes_true_is_news_again(language: str, watch: Watch) -> None:
    planned, done = watch.told(PLANNED[language], language), watch.told(ARREST[language], language)
    assert planned.severity is Severity.DIGEST
    assert done.severity is Severity.ALERT


CHARGED = {
    "corruption": {
        "en": "Igor Lyadov, director of the dam in Velmora, was charged with corruption.",
        "ru": "Игорю Лядову, директору плотины в Велморе, предъявлено обвинение в коррупции.",
    },
    "murder": {
        "en": "Igor Lyadov, director of the dam in Velmora, was charged with murder.",
        "ru": "Игорю Лядову, директору плотины в Велморе, предъявлено обвинение в убийстве.",
    },
}


@LANGUAGES
def test_a_charge_of_another_crime_is_another_charge(language: str, watch: Watch) -> None:
    told = [watch.told(CHARGED[crime][language], language, title="") for crime in ("corruption", "murder", "murder")]
    assert [d.severity is Severity.SILENT for d in told] == [False, False, True]
    (line,) = [line for line in told[1].trace if line.claim.startswith("charge")]
    assert line.claim.endswith("for murder")
    assert "was not known for murder" in line.reason


@LANGUAGES
def test_a_charge_in_one_language_is_known_in_the_other(language: str, watch: Watch) -> None:
    other = {"en": "ru", "ru": "en"}[language]
    watch.told(CHARGED["murder"][language], language, title="")
    again = watch.told(CHARGED["murder"][other], other, title="")
    assert [line.outcome for line in again.trace if line.claim.startswith("charge")] == ["known"]


SPARED = {
    "en": "Police did not detain Igor Lyadov, director of the dam in Velmora.",
    "ru": "Полиция не задержала Игоря Лядова, директора плотины в Велморе.",
}


@LANGUAGES
def test_a_plan_that_does_not_come_true_is_news(language: str, watch: Watch) -> None:
    watch.told(PLANNED[language], language, title="")
    assert watch.told(SPARED[language], language, title="").severity is not Severity.SILENT


@LANGUAGES
def test_an_older_figure_is_no_change(language: str, watch: Watch) -> None:
    watch.told(NINE[language], language)
    assert figures(watch.told(SEVEN[language], language)) == []


@LANGUAGES
def test_each_rise_is_told_once_with_the_last_value(language: str, watch: Watch) -> None:
    told = [watch.told(text[language], language) for text in (NINE, NINE, TWELVE, TWELVE, NINE)]
    assert [[(f.was, f.value) for f in figures(d)] for d in told] == [[(3, 9)], [], [(9, 12)], [], []]


HELD = {
    "en": "Police detained people in Velmora.",
    "ru": "Полиция задержала людей в Велморе.",
}
FORTY = {
    "en": "Police detained 40 people in Velmora.",
    "ru": "Полиция задержала 40 человек в Велморе.",
}


@LANGUAGES
def test_the_first_toll_in_a_lead_is_news_though_all_else_of_it_is_known(language: str, watch: Watch) -> None:
    watch.told(HELD[language], language)
    decision = watch.told(FORTY[language], language)
    assert figures(decision) == [FigureChange("detained", 40, line=True)]
    assert silent(watch.told(FORTY[language], language))


@pytest.mark.parametrize("story", ALL)
@pytest.mark.parametrize(("first", "then"), [("en", "en"), ("ru", "ru"), ("en", "ru"), ("ru", "en")])
def test_what_was_told_in_either_language_is_silent_in_both(
    story: dict[str, str], first: str, then: str, watch: Watch
) -> None:
    assert not silent(watch.told(story[first], first))
    assert silent(watch.told(story[then], then))


@LANGUAGES
def test_an_edit_tells_only_what_it_changed(language: str, watch: Watch) -> None:
    before = {"en": "Nine people were killed.", "ru": "Погибли девять человек."}[language]
    after = {"en": " Police detained Igor Lyadov.", "ru": " Полиция задержала Игоря Лядова."}[language]
    (development,) = watch.edited(before, before + after, language).developments
    assert (development.outcome, development.evidence) == (Outcome.EDITED, (after.strip(),))


def test_an_edit_that_changes_nothing_or_a_number(watch: Watch) -> None:
    assert silent(watch.edited("Nine people were killed.", "Nine people were killed."))
    (change,) = figures(watch.edited("Ten people were killed.", "Twelve people were killed."))
    assert (change.was, change.value) == (10, 12)


@LANGUAGES
def test_what_is_older_than_the_baseline_is_taken_as_known(language: str, watch: Watch, event: Event) -> None:
    assert event.baseline.as_of is not None
    early = watch.told(NINE[language], language, at=event.baseline.as_of)
    assert silent(early)
    assert early.reason == "published before the baseline: taken as known"
    assert not any(fact.told for fact in early.facts)
    assert silent(watch.told(NINE[language], language))
    assert not silent(watch.told(TWELVE[language], language, at=event.baseline.as_of + timedelta(seconds=1)))


def test_what_is_not_about_the_event_is_not_judged(watch: Watch) -> None:
    decision = watch.told("Nine people were killed in a bus crash.", title="Elsewhere")
    assert (decision.relevant, decision.facts, decision.trace) == (False, (), ())
    assert decision.reason.startswith("not about the event")


# ---------------------------------------------------------------- lines and trace


def test_a_headline_and_its_sentence_are_one_line(watch: Watch) -> None:
    (development,) = watch.told(NINE["en"], title="Nine killed in Velmora").developments
    assert development.evidence == (NINE["en"],)


def test_many_developments_are_a_few_lines_the_urgent_first(watch: Watch) -> None:
    text = " ".join((RESIGNED["en"], NINE["en"], MISSING["en"], ARREST["en"], "98 people were injured.",
                     "Three bridges were closed.", "2,000 people were evacuated.", SAID["en"]))  # fmt: skip
    developments = watch.told(text).developments
    assert len(developments) == 5
    ranks = [d.severity.rank for d in developments]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[:3] == [Severity.ALERT.rank] * 3
    assert len({d.development_id for d in developments}) == 5


def test_the_trace_names_every_claim_with_its_reason(watch: Watch) -> None:
    sentence = "Police stormed the house in Velmora, Petra Sandoval said, and 98 people were injured."
    trace = [line for line in watch.told(sentence).trace if line.sentence == sentence]
    assert [(line.claim, line.outcome, line.reason.partition(";")[0]) for line in trace] == [
        ("Petra Sandoval say", "new", "Petra Sandoval says what was not known"),
        ("storm-raid (done) Petra Sandoval", "new", "“stormed” was not known"),
        ("injure (done) Petra Sandoval", "known", "“injured” is known"),
        ("injured 98", "changed", "rises: 20 was known"),
    ]
    (probability,) = {line.probability for line in trace}
    assert 0 < probability < 1
    assert {line.news for line in trace} == {True}


@LANGUAGES
def test_a_silent_decision_has_its_trace_too(language: str, watch: Watch) -> None:
    trace = watch.told(KNOWN[language], language).trace
    assert ("killed 3", "known") in {(line.claim, line.outcome) for line in trace}
    assert all(line.against for line in trace if line.outcome == "known")


def test_a_retelling_adds_no_fact_and_news_does(watch: Watch) -> None:
    assert watch.told(KNOWN["en"], title="").facts != ()  # not verbatim: the town is named
    assert watch.told(KNOWN["en"], title="").facts == ()
    facts = watch.told(NINE["en"], title="").facts
    assert facts
    assert all(fact.told and fact.origins == ("Wire",) for fact in facts)


def test_deciding_changes_nothing_and_is_repeatable(watch: Watch, event: Event) -> None:
    size = watch.ledger.size
    first = watch.told(NINE["en"])
    assert watch.ledger.size == size + len(first.facts)
    assert Watch(event).told(NINE["en"]) == first


def test_a_language_without_a_lexicon_is_read_by_names_and_numbers(watch: Watch) -> None:
    told = watch.told("Velmora, 98 ang patay kay Lyadov, ayon kay Klein", "tl")
    assert not silent(told)
    assert silent(watch.told("Velmora, 98 ang patay kay Lyadov, ayon kay Klein", "tl"))


@pytest.mark.parametrize("text", ["", "...", "It was so.", "\n\n"])
def test_a_story_that_says_nothing_is_silent(text: str, watch: Watch) -> None:
    assert silent(watch.told(text))


def test_without_baseline_entities_and_topics_the_first_story_is_news(tmp_path: Path) -> None:
    bare = Watch(load(tmp_path, 'event: velmora\ntitle: "Velmora"\nabout: {any: [Velmora, Велмора]}\n'))
    first = bare.told(NINE["en"])
    assert (first.severity, first.developments[0].outcome) == (Severity.ALERT, Outcome.NEW)
    assert silent(bare.told(NINE["ru"], "ru"))


# ---------------------------------------------------------------- hostile text, properties


@pytest.mark.parametrize(
    "text",
    ["x" * 5_000_000, "9 " * 200_000, "א" * 10_000, "Z̸̢̛a̷l̵g̶o̴ " * 5000, "." * 100_000, "Nine people killed. " * 50_000],
    ids=["no spaces", "numbers", "right to left", "zalgo", "dots", "one sentence"],
)  # fmt: skip
def test_hostile_text_gives_few_lines_and_few_facts(text: str, watch: Watch) -> None:
    decision = watch.told(text)
    assert len(decision.developments) <= 5
    assert len(decision.facts) < 1000
    assert len(decision.trace) < 5000


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_no_story_raises(event: Event, text: str) -> None:
    Watch(event).told(text, "", title=f"Velmora {text[:20]}")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(4)), language=st.sampled_from(["en", "ru"]), twice=st.booleans())
def test_order_and_repetition_do_not_change_the_numbers_told(
    event: Event, order: list[int], language: str, twice: bool
) -> None:
    sentences = [text[language] for text in (NINE, MISSING, ARREST, REFINED)]
    shuffled = " ".join(sentences[n] for n in order)

    def numbers(text: str) -> set[tuple[str, float, float | None]]:
        return {(f.measure, f.value, f.was) for f in figures(Watch(event).told(text, language))}

    assert numbers(f"{shuffled} {shuffled}" if twice else shuffled) == numbers(" ".join(sentences))
    assert numbers(shuffled) >= {("killed", 9, 3), ("missing", 40, None)}
