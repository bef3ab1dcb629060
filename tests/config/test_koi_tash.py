"""The first user's event holds all that was known at its start, and every name in both scripts."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from newswatch.config.event import Entity, Event
from newswatch.config.load import load_config, load_event

FILE = Path(__file__).parents[2] / "config" / "events" / "koi-tash.yaml"
# What each fact of the article has to say, clause by clause.
CLAUSES = {
    "b1": (
        "Wednesday, August 7, 2019", "special forces", "State National Security Service (GKNB)", "to detain",
        "ex-president Almazbek Atambayev", "compound", "Koi-Tash outside Bishkek", "ignored summonses for questioning",
        "failed", "supporters with guns and stones", "clashed with police",
    ),
    "b2": ("One police officer", "died of his injuries in hospital", "More than 50 people were injured"),
    "b3": ("Supporters", "six policemen hostage", "released the hostages on Thursday"),
    "b4": ("Atambayev said", "fired several shots", "tried not to hit people"),
    "b5": ("Officials said police fired only rubber bullets", "security chief regretted not ordering", "shoot to kill"),
    "b6": ("charges", "corruption", "expropriation of property", "called the charges absurd"),
    "b7": (
        "in office from 2011 to 2017", "accused his successor", "protege Sooronbai Jeenbekov", "fabricating", "charges",
        "to stifle criticism",
    ),
    "b8": (
        "urged supporters to rally", "Bishkek", "resignation of Jeenbekov",
        "Malls, shops and businesses closed on Thursday", "ahead of the planned rallies", "fear of looting",
    ),
    "b9": ("borders China", "hosts a Russian military air base", "first two presidents", "driven from office by riots"),
    "b10": (
        "Russia called for restraint", "Foreign intelligence chief Sergei Naryshkin", "dangerous scale",
        "Foreign Ministry spokeswoman Maria Zakharova", "responsibility and common sense",
    ),
    "b11": ("Russia in July", "met with President Vladimir Putin", "later reaffirmed that Moscow works with Jeenbekov"),
    "b12": (
        "On Thursday, August 8", "second raid was launched to arrest Atambayev", "AFP reported",
        "outcome was not known",
    ),
}  # fmt: skip
PERSONS = [
    "Atambayev", "Jeenbekov", "Opumbayev", "Naryshkin", "Zakharova", "Putin", "Medvedev", "Peskov", "Lavrov",
    "Abylgaziev", "Jumabekov", "Junushaliev", "Asanov", "Niyazov", "Batukaev", "Isakov", "Tekebayev",
]  # fmt: skip
RUSSIAN = [
    "Жогорку Кенеш", "МВД", "ГКНБ", "Генпрокуратура", "Верховный суд", "СДПК", "телеканал Апрель", "авиабаза Кант",
    "Чуйская область", "Первомайский суд", "Минздрав", "Бишкек", "Кой-Таш", "МИД РФ", "Совбез",
]  # fmt: skip


@pytest.fixture(scope="module")
def event() -> Event:
    return load_event(FILE)


@pytest.mark.parametrize("fact", CLAUSES)
def test_every_clause_of_the_article_is_known(fact: str, event: Event) -> None:
    texts = {known.id: " ".join(known.text.split()) for known in event.baseline.facts}
    assert [clause for clause in CLAUSES[fact] if clause not in texts[fact]] == []


def test_nothing_else_is_taken_as_known(event: Event) -> None:
    assert [fact.id for fact in event.baseline.facts] == list(CLAUSES)
    assert not event.baseline.text


def spellings(entity: Entity) -> tuple[str, ...]:
    return (entity.name, *entity.names)


def test_every_entity_has_both_scripts(event: Event) -> None:
    for entity in event.entities:
        assert any(re.search("[A-Za-z]", name) for name in spellings(entity)), entity.id
        assert any(re.search("[А-Яа-я]", name) for name in spellings(entity)), entity.id
        mixed = [name for name in spellings(entity) if re.search("[A-Za-z]", name) and re.search("[А-Яа-яёЁ]", name)]
        assert mixed == [], "a letter of the other script looks the same and matches nothing"


def test_its_feeds_are_those_of_a_desk_for_kyrgyzstan() -> None:
    loaded = load_config(FILE.parents[1] / "newswatch.yaml", {})
    hosts = {(urlsplit(feed.url).hostname or "").removeprefix("www.") for _, feed in loaded.feeds}
    assert {
        "24.kg", "akipress.com", "kg.akipress.org", "kabar.kg", "kloop.kg", "kaktus.media", "rus.azattyk.org",
        "rferl.org", "ru.sputnik.kg", "tass.com", "tass.ru", "ria.ru", "interfax.ru", "lenta.ru", "kp.ru",
        "feeds.bbci.co.uk", "eurasianet.org", "thediplomat.com", "fergana.agency", "news.google.com",
    } <= hosts  # fmt: skip
    assert {feed.language for _, feed in loaded.feeds} == {"en", "ru"}


def test_roles_have_both_scripts(event: Event) -> None:
    for entity in (entity for entity in event.entities if entity.roles and entity.type == "person"):
        assert any(re.search("[А-Яа-я]", role) for role in entity.roles), entity.id


def test_whom_a_desk_would_list_is_there(event: Event) -> None:
    known = {name for entity in event.entities for name in spellings(entity)}
    last = {name.split()[-1] for name in known}
    assert [name for name in PERSONS if name not in last] == []
    assert [name for name in RUSSIAN if name not in known] == []
