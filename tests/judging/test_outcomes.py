"""What bears on a fact that was told: contradictions, confirmations, corrections; English, Russian, and across both."""

from datetime import timedelta

import pytest

from loopback.watch import NOW, Watch
from newswatch.model import Decision, Development, FactStatus, FigureChange, Outcome, Severity

BOTH = pytest.mark.parametrize(("first", "then"), [("en", "en"), ("ru", "ru"), ("en", "ru"), ("ru", "en")])
LANGUAGES = pytest.mark.parametrize("language", ["en", "ru"])

ARREST = {"en": "Police detained Igor Lyadov in Velmora.", "ru": "Полиция задержала Игоря Лядова в Велморе."}
ALLEGED = {
    "en": "Igor Lyadov was allegedly detained in Velmora.",
    "ru": "Игорь Лядов якобы задержан в Велморе.",
}
DENIED = {
    "en": "The interior ministry denied that Igor Lyadov had been detained in Velmora.",
    "ru": "Министерство внутренних дел опровергло задержание Игоря Лядова в Велморе.",
}
DETAINED = {
    "en": "Igor Lyadov was detained in Velmora, the prosecutor said.",
    "ru": "Игорь Лядов задержан в Велморе, заявил прокурор.",
}
NINE = {"en": "Nine people were killed in Velmora.", "ru": "В Велморе погибли 9 человек."}
SEVEN = {
    "en": "Seven people were killed in Velmora, the interior ministry said.",
    "ru": "В Велморе погибли семь человек, заявило министерство внутренних дел.",
}
RALLY = {"en": "Residents plan a rally in Velmora.", "ru": "Жители планируют митинг в Велморе."}
NO_RALLY = {"en": "The rally in Velmora was called off.", "ru": "Митинг в Велморе отменен."}


def only(decision: Decision) -> Development:
    (development,) = decision.developments
    return development


def marked(decision: Decision) -> set[FactStatus]:
    return {mark.status for mark in decision.marks}


def outcomes(decision: Decision) -> set[Outcome]:
    return {development.outcome for development in decision.developments}


# ---------------------------------------------------------------- contradicts


@BOTH
def test_what_was_done_is_denied(first: str, then: str, watch: Watch) -> None:
    done = watch.told(ARREST[first], first, title="")
    decision = watch.told(DENIED[then], then, title="", source="Herald")
    development = only(decision)
    assert development.outcome is Outcome.CONTRADICTS
    assert development.reason.endswith("was told as done, and is denied")
    assert development.known_before == ARREST[first]
    assert development.speaker.casefold() in {"interior ministry", "министерство внутренних дел"}
    assert development.against in {fact.fact_id for fact in done.facts}
    assert marked(decision) == {FactStatus.DISPUTED}
    (disputed,) = [fact for fact in done.facts if fact.fact_id == development.against]
    assert watch.ledger.standing(disputed) is FactStatus.DISPUTED


@BOTH
def test_what_was_denied_is_told_as_done(first: str, then: str, watch: Watch) -> None:
    watch.told(DENIED[first], first, title="")
    decision = watch.told(DETAINED[then], then, title="", source="Herald")
    assert Outcome.CONTRADICTS in outcomes(decision)
    assert "was denied, and is told as done" in decision.reason
    assert FactStatus.DISPUTED in marked(decision)


@LANGUAGES
def test_a_retold_denial_stays_silent(language: str, watch: Watch) -> None:
    watch.told(ARREST[language], language, title="")
    watch.told(DENIED[language], language, title="")
    again = watch.told(DENIED[language], language, title="", source="Herald")
    assert (again.developments, FactStatus.DISPUTED in marked(again)) == ((), False)


@LANGUAGES
def test_what_has_not_happened_yet_is_no_denial(language: str, watch: Watch) -> None:
    yet = {"en": "Igor Lyadov was not detained in Velmora.", "ru": "Игорь Лядов не был задержан в Велморе."}
    watch.told(yet[language], language, title="")
    told = watch.told(ARREST[language], language, title="", source="Herald")
    assert outcomes(told) == {Outcome.NEW}
    assert marked(told) == set()


@BOTH
def test_sources_that_disagree_on_a_number(first: str, then: str, watch: Watch) -> None:
    watch.told(NINE[first], first, title="")
    decision = watch.told(SEVEN[then], then, title="", source="Herald", at=NOW + timedelta(hours=1))
    development = next(d for d in decision.developments if d.figure)
    assert development.outcome is Outcome.CONTRADICTS
    assert development.figure == FigureChange("killed", 7, 9, line=True)
    assert development.summary == "Killed: 9 or 7"
    assert development.reason == "sources disagree: Wire says 9, Herald (the interior ministry) 7"
    assert FactStatus.DISPUTED in marked(decision)


@LANGUAGES
@pytest.mark.parametrize("why", ["same source", "no attribution", "stale", "copy", "older", "hedged"])
def test_a_lower_number_is_silent_where_nobody_disagrees(language: str, why: str, watch: Watch) -> None:
    if why == "stale":  # seven was passed on the way to nine
        watch.told(
            {"en": "Eight people were killed in Velmora.", "ru": "В Велморе погибли 8 человек."}[language], language
        )
    watch.told(NINE[language], language, title="")
    text = SEVEN[language]
    if why == "no attribution":
        text = {"en": "Seven people were killed in Velmora.", "ru": "В Велморе погибли семь человек."}[language]
    if why == "hedged":
        text = {
            "en": "At least seven people were killed in Velmora, the interior ministry said.",
            "ru": "В Велморе погибли не менее семи человек, заявило министерство внутренних дел.",
        }[language]
    decision = watch.told(
        text,
        language,
        title="",
        source="Wire" if why == "same source" else "Herald",
        at=NOW - timedelta(minutes=5) if why == "older" else NOW + timedelta(hours=1),
        copy_of="s1" if why == "copy" else "",
    )
    assert [d for d in decision.developments if d.figure] == []
    assert FactStatus.DISPUTED not in marked(decision)


# ---------------------------------------------------------------- changed


@BOTH
def test_a_plan_that_is_called_off_is_changed(first: str, then: str, watch: Watch) -> None:
    watch.told(RALLY[first], first, title="")
    decision = watch.told(NO_RALLY[then], then, title="", source="Herald")
    assert Outcome.CHANGED in outcomes(decision)
    assert "was planned, and is called off" in " ".join(d.reason for d in decision.developments)


@LANGUAGES
def test_a_change_says_whether_it_rises_or_falls(language: str, watch: Watch) -> None:
    forty = {"en": "Forty people are missing in Velmora.", "ru": "В Велморе пропали без вести 40 человек."}[language]
    twelve = {"en": "Twelve people are missing in Velmora.", "ru": "В Велморе пропали без вести 12 человек."}[language]
    assert only(watch.told(NINE[language], language)).reason == "rises: 3 was known"
    watch.told(forty, language)
    assert "falls: 40 was known" in {line.reason for line in watch.told(twelve, language).trace}


# ---------------------------------------------------------------- confirms


@BOTH
def test_what_was_alleged_is_confirmed_in_the_digest(first: str, then: str, watch: Watch) -> None:
    watch.told(ALLEGED[first], first, title="")
    decision = watch.told(ARREST[then], then, title="", source="Herald")
    development = only(decision)
    assert (development.outcome, development.severity) == (Outcome.CONFIRMS, Severity.DIGEST)
    assert development.reason.endswith("it was alleged")
    assert marked(decision) == {FactStatus.CONFIRMED}


@BOTH
def test_a_confirmation_of_what_nobody_doubted_is_noted_and_silent(first: str, then: str, watch: Watch) -> None:
    told = watch.told(NINE[first], first, title="")
    again = watch.told(f"{NINE[then]} ", then, title="", source="Herald")
    if first == then:  # the very same sentence is a copy
        assert again.marks == ()
        return
    assert again.severity is Severity.SILENT
    assert marked(again) == {FactStatus.CONFIRMED}
    assert "confirms" in {line.outcome for line in again.trace}
    figure = next(fact for fact in told.facts if fact.claim.kind == "figure")
    assert watch.ledger.standing(figure) is FactStatus.CONFIRMED
    assert watch.told(NINE[then], then, title="", source="Post").marks == ()  # the first one counts


def test_the_baseline_needs_no_confirmation(watch: Watch) -> None:
    assert watch.told("Three people were killed in Velmora.", title="", source="Herald").marks == ()


@LANGUAGES
@pytest.mark.parametrize("source", ["Wire", "Herald"])
def test_the_first_official_statement_is_noted_once(language: str, source: str, watch: Watch) -> None:
    said = {
        "en": "Igor Lyadov was detained in Velmora, the interior ministry said.",
        "ru": "Игорь Лядов задержан в Велморе, заявило министерство внутренних дел.",
    }[language]
    again = {
        "en": "The interior ministry said Igor Lyadov had been detained near Velmora.",
        "ru": "Министерство внутренних дел заявило, что Игорь Лядов задержан под Велморой.",
    }[language]
    watch.told(
        {"en": "Igor Lyadov is detained in Velmora.", "ru": "Игорь Лядов задержан в Велморе."}[language], language
    )
    first = watch.told(said, language, title="", source=source)
    assert [mark.said_by for mark in first.marks] == ["#interior-ministry"]
    assert "first official word of it, the interior ministry" in first.marks[0].reason
    assert not any(mark.said_by for mark in watch.told(again, language, title="", source="Post").marks)


@LANGUAGES
def test_the_same_speaker_through_another_publisher_confirms_nothing(language: str, watch: Watch) -> None:
    said = {"en": "The interior ministry said nine people were killed in Velmora.",
            "ru": "Министерство внутренних дел заявило: в Велморе погибли 9 человек."}[language]  # fmt: skip
    again = {"en": "Nine people were killed in Velmora, the interior ministry said.",
             "ru": "В Велморе погибли девять человек, заявило министерство внутренних дел."}[language]  # fmt: skip
    watch.told(said, language, title="")
    assert watch.told(again, language, title="", source="Herald").marks == ()


def test_a_story_that_names_the_first_one_as_its_source_confirms_nothing(watch: Watch) -> None:
    watch.told(NINE["en"], title="")
    assert watch.told("Nine people were killed in Velmora, Wire reported.", title="", source="Herald").marks == ()


def test_a_disputed_number_is_confirmed_by_a_third(watch: Watch) -> None:
    watch.told(NINE["en"], title="")
    watch.told(SEVEN["en"], title="", source="Herald", at=NOW + timedelta(hours=1))
    third = "Nine people lost their lives in Velmora, killed by the flood, doctors said."
    decision = watch.told(third, title="", source="Post", at=NOW + timedelta(hours=2))
    assert (Outcome.CONFIRMS in outcomes(decision), decision.severity) == (True, Severity.DIGEST)
    assert FactStatus.CONFIRMED in marked(decision)


# ---------------------------------------------------------------- corrected, retracted

CORRECTION = {
    "en": "Correction: seven people were killed in Velmora, not nine.",
    "ru": "Уточнение: в Велморе погибли 7 человек, а не 9.",
}
LATER = {
    "en": "An earlier version of this story gave a wrong number. Seven people were killed in Velmora.",
    "ru": "Ранее сообщалось о 9 погибших в Велморе, позже уточнили: 7.",
}
WITHDRAWN = {
    "en": "The interior ministry withdrew its statement that Igor Lyadov had been detained in Velmora.",
    "ru": "Министерство внутренних дел отозвало заявление о задержании Игоря Лядова в Велморе.",
}


@BOTH
@pytest.mark.parametrize("text", [CORRECTION, LATER])
def test_a_story_that_corrects_a_number(text: dict[str, str], first: str, then: str, watch: Watch) -> None:
    watch.told(NINE[first], first, title="")
    decision = watch.told(text[then], then, title="")
    development = next(d for d in decision.developments if d.figure)
    assert (development.outcome, development.summary) == (Outcome.CORRECTED, "Killed: 9 → 7")
    assert development.reason == "9 was told, and is corrected"
    assert development.known_before == NINE[first]
    assert marked(decision) >= {FactStatus.RETRACTED}
    # The old number is stale from now on, the new one stands.
    old = watch.told(NINE[then], then, title="", source="Post")
    assert [d for d in old.developments if d.figure] == []
    assert old.marks == ()
    assert "the number 9 was taken back" in {line.reason for line in old.trace}
    ten = {"en": "Ten people were killed in Velmora.", "ru": "В Велморе погибли 10 человек."}[then]
    assert next(d.figure for d in watch.told(ten, then).developments) == FigureChange("killed", 10, 7, line=True)


@LANGUAGES
def test_a_retold_correction_stays_silent(language: str, watch: Watch) -> None:
    watch.told(NINE[language], language, title="")
    watch.told(CORRECTION[language], language, title="")
    again = watch.told(CORRECTION[language], language, title="", source="Herald")
    assert [d for d in again.developments if d.figure] == []
    assert FactStatus.RETRACTED not in marked(again)


@BOTH
def test_a_statement_that_is_withdrawn(first: str, then: str, watch: Watch) -> None:
    watch.told(ARREST[first], first, title="")
    decision = watch.told(WITHDRAWN[then], then, title="", source="Herald")
    development = only(decision)
    assert (development.outcome, development.severity) == (Outcome.CORRECTED, Severity.ALERT)
    assert development.reason.endswith("was told, and is withdrawn")
    assert development.known_before == ARREST[first]
    assert marked(decision) == {FactStatus.RETRACTED}
    assert watch.told(ARREST[then], then, title="", source="Post").marks == ()


@LANGUAGES
def test_an_edit_that_lowers_what_the_story_told_corrects_it(language: str, watch: Watch) -> None:
    before = NINE[language]
    after = {"en": "Seven people were killed in Velmora.", "ru": "В Велморе погибли семь человек."}[language]
    development = only(watch.edited(before, after, language))
    assert (development.outcome, development.severity) == (Outcome.CORRECTED, Severity.ALERT)
    assert (development.summary, development.known_before) == ("Killed: 9 → 7", before)
    assert development.reason == "the story gave 9 before it was edited"
    assert [d for d in watch.told(before, language, source="Post").developments if d.figure] == []


@LANGUAGES
def test_an_edit_that_takes_out_what_the_story_told_says_so(language: str, watch: Watch) -> None:
    rest = {"en": "The river is rising in Velmora.", "ru": "Река в Велморе поднимается."}[language]
    decision = watch.edited(f"{rest} {ARREST[language]}", rest, language)
    development = only(decision)
    assert (development.outcome, development.severity) == (Outcome.CORRECTED, Severity.DIGEST)
    assert development.summary == f"No longer in the story: “{ARREST[language]}”"
    assert development.evidence == (ARREST[language],)
    assert marked(decision) == {FactStatus.RETRACTED}


def test_an_edit_that_only_shortens_a_story_takes_nothing_back(watch: Watch) -> None:
    long = " ".join((NINE["en"], ARREST["en"], "The river is rising.", "Roads are blocked.", "Schools are closed."))
    assert watch.edited(long, "The river is rising in Velmora.").marks == ()


def test_an_old_story_marks_nothing(watch: Watch) -> None:
    watch.told(ARREST["en"], title="")
    early = watch.told(DENIED["en"], title="", source="Herald", at=NOW - timedelta(days=2))
    assert (early.developments, early.marks) == ((), ())


def test_a_raid_that_failed_may_be_another_one(watch: Watch) -> None:
    watch.told("Police stormed the house of the director in Velmora.", title="")
    later = watch.told("It began with a failed raid in Arda-Tarn near Velmora, and ended with a raid.", title="")
    assert Outcome.CONTRADICTS not in outcomes(later)
