"""How urgently a development is told: by topics in any language, and by general rules where there are none."""

from pathlib import Path

import pytest

from loopback.watch import WITHOUT_TOPICS, Watch, load
from newswatch.model import Decision, Severity

RAID = '[raid, "storm*"]'


def watch(folder: Path, *topics: str) -> Watch:
    lines = "".join(f"  - {{{topic}}}\n" for topic in topics)
    return Watch(load(folder, f"{WITHOUT_TOPICS}topics:\n{lines}" if topics else WITHOUT_TOPICS))


def told(decision: Decision) -> tuple[Severity, set[str]]:
    return decision.severity, {development.topic for development in decision.developments}


# ---------------------------------------------------------------- topics


@pytest.mark.parametrize(
    ("keyword", "text", "language"),
    [
        ("raid", "Police raided the house of the director in Velmora.", "en"),
        ("raid", "Police stormed the house of the director in Velmora.", "en"),
        ("raid", "Полиция штурмовала дом директора в Велморе.", "ru"),
        ("штурм", "Полиция штурмовала дом директора в Велморе.", "ru"),
        ("штурм", "Police stormed the house of the director in Velmora.", "en"),
        ("штурм", "Поліція штурмувала будинок директора у Велморі.", "uk"),
    ],
)
def test_a_keyword_watches_what_it_means_in_every_language(
    keyword: str, text: str, language: str, tmp_path: Path
) -> None:
    decision = watch(tmp_path, f"id: raids, severity: alert, any: [{keyword}]").told(text, language)
    assert told(decision) == (Severity.ALERT, {"raids"})
    assert "raids" in decision.topics


@pytest.mark.parametrize(
    ("text", "language", "severity"),
    [
        ("Police resumed the raid on the house of the director in Velmora.", "en", Severity.ALERT),
        ("Полиция возобновила штурм дома директора в Велморе.", "ru", Severity.ALERT),
        ("Police exploded stun grenades at the house of the director in Velmora.", "en", Severity.ALERT),
        ("The director of Velmora resigned at the house where stun grenades lay.", "en", Severity.DIGEST),
    ],
)
def test_a_keyword_watches_what_a_happening_is_done_to(
    text: str, language: str, severity: Severity, tmp_path: Path
) -> None:
    topic = 'id: raids, severity: alert, any: [raid, "stun grenade"]'
    assert told(watch(tmp_path, topic).told(text, language)) == (severity, {"raids"})


@pytest.mark.parametrize(
    ("text", "language"), [("Nine people were killed in Velmora.", "en"), ("В Велморе погибли 9 человек.", "ru")]
)
def test_a_keyword_watches_the_numbers_of_what_it_means(text: str, language: str, tmp_path: Path) -> None:
    decision = watch(tmp_path, "id: deaths, severity: alert, any: [killed]").told(text, language)
    assert told(decision) == (Severity.ALERT, {"deaths"})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Experts in Velmora fear that a raid on the house is likely.", "en"),
        ("Police plan to raid the house of the director in Velmora.", "en"),
        ("Police did not raid the house of the director in Velmora.", "en"),
        ("Полиция намерена штурмовать дом директора в Велморе.", "ru"),
        ("Полиция не штурмовала дом директора в Велморе.", "ru"),
    ],
)
def test_an_urgent_topic_that_is_only_mentioned_planned_or_denied_can_wait(
    text: str, language: str, tmp_path: Path
) -> None:
    decision = watch(tmp_path, f"id: raids, severity: alert, any: {RAID}").told(text, language)
    assert Severity.ALERT not in {development.severity for development in decision.developments}
    assert told(decision) == (Severity.DIGEST, {"raids"})


def test_what_no_topic_watches_goes_in_the_digest(tmp_path: Path) -> None:
    decision = watch(tmp_path, f"id: raids, severity: alert, any: {RAID}").told("Nine people were killed in Velmora.")
    assert told(decision) == (Severity.DIGEST, {""})


@pytest.mark.parametrize(
    ("text", "language"), [("Nine people were killed in Velmora.", "en"), ("В Велморе погибли 9 человек.", "ru")]
)
def test_a_silent_topic_is_silent_but_enters_the_ledger(text: str, language: str, tmp_path: Path) -> None:
    quiet = watch(tmp_path, "id: deaths, severity: silent, any: [killed]")
    size = quiet.ledger.size
    decision = quiet.told(text, language)
    assert told(decision) == (Severity.SILENT, set())
    assert decision.reason == "of topics that are not told"
    assert quiet.ledger.size > size


def test_the_most_severe_topic_wins_then_the_first(tmp_path: Path) -> None:
    text = "Nine people were killed in Velmora."
    several = ("id: a, severity: digest, any: [killed]", "id: b, severity: alert, any: [died]",
               "id: c, severity: alert, any: [killed]")  # fmt: skip
    assert told(watch(tmp_path, *several).told(text)) == (Severity.ALERT, {"b"})
    assert told(watch(tmp_path, *several[:1], *several[2:]).told(text)) == (Severity.ALERT, {"c"})


@pytest.mark.parametrize(
    ("text", "language", "severity"),
    [
        ("Petra Sandoval said in Velmora that engineers had warned of cracks.", "en", Severity.ALERT),
        ("Петра Сандовал заявила в Велморе, что инженеры предупреждали о трещинах.", "ru", Severity.ALERT),
        ("Igor Lyadov said in Velmora that engineers had warned of cracks.", "en", Severity.DIGEST),
    ],
)
def test_a_name_watches_what_its_bearer_says(text: str, language: str, severity: Severity, tmp_path: Path) -> None:
    decision = watch(tmp_path, "id: governor, severity: alert, any: [Sandoval]").told(text, language)
    assert decision.severity is severity


# ---------------------------------------------------------------- general rules


@pytest.mark.parametrize(
    ("text", "language", "severity"),
    [
        ("Nine people were killed in Velmora.", "en", Severity.ALERT),
        ("В Велморе погибли 9 человек.", "ru", Severity.ALERT),
        ("Police detained Igor Lyadov in Velmora.", "en", Severity.ALERT),
        ("В Велморе задержан Игорь Лядов.", "ru", Severity.ALERT),
        ("Police plan to detain Igor Lyadov in Velmora.", "en", Severity.DIGEST),
        ("Petra Sandoval said in Velmora that engineers had warned of cracks.", "en", Severity.DIGEST),
        ("Troops are ready, Igor Lyadov said in Velmora.", "en", Severity.DIGEST),
    ],
)
def test_without_topics_tallies_and_urgent_happenings_that_are_real_are_told_at_once(
    text: str, language: str, severity: Severity, tmp_path: Path
) -> None:
    decision = watch(tmp_path).told(text, language)
    assert told(decision) == (severity, {""})
