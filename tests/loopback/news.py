"""Invented developments to tell, in English, Russian and Arabic: what alerts, digests and channels are tested with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from newswatch.config.event import Event
from newswatch.model import (
    Alert,
    AlertItem,
    Bound,
    Decision,
    Delivery,
    Development,
    FigureChange,
    Message,
    Outcome,
    Severity,
    Story,
)
from newswatch.reasons import because, english

NOW = datetime(2031, 3, 2, 18, 5, tzinfo=UTC)

EVENT = Event.model_validate(
    {
        "event": "velmora",
        "title": "Velmora: the dam of Lake Arda",
        "about": {"any": ["Velmora"]},
        "topics": [
            {"id": "casualties", "title": "killed and injured", "severity": "alert"},
            {"id": "legal", "title": "arrests and courts", "severity": "alert"},
            {"id": "politics", "severity": "digest"},
        ],
    }
)

STORY = Story(
    story_id="sty_1",
    url="https://herald.example.org/velmora/dam-57",
    title="Velmora hospitals count 98 injured after dam break",
    text="At least 98 people were injured when the dam of Lake Arda broke, the health ministry said on Sunday.",
    source="The Arda Herald",
    language="en",
    published=datetime(2031, 3, 2, 17, 40, tzinfo=UTC),
    first_seen=NOW,
)
RUSSIAN_STORY = replace(
    STORY,
    story_id="sty_2",
    url="https://vestnik.example.org/2031/03/02/plotina",
    title="Велмора: задержан директор плотины",
    text="Полиция задержала директора плотины у города Велмора Игоря Лядова.",
    source="Вестник Велморы",
    language="ru",
)
ROSE = because("number-rises", value=50)
UNKNOWN = because("sentence-unknown")
WARNED = because("act-alleged-denied", what=because("act", act="warned"))
STEP = because("act-unknown-of", what=because("act", act="resignation"), who="Petra Sandoval")
EXACT = because("number-less-exact", value=400)

INJURED = Development(
    development_id="dev_injured",
    event="velmora",
    story_id="sty_1",
    kind="figure",
    outcome=Outcome.CHANGED,
    summary="The number of injured rose from more than 50 to at least 98, the health ministry said.",
    topic="casualties",
    severity=Severity.ALERT,
    evidence=("At least 98 people were injured when the dam of Lake Arda broke, the health ministry said on Sunday.",),
    figure=FigureChange("injured", 98, 50, Bound.AT_LEAST, Bound.ABOVE),
    speaker="health ministry",
    against="base_2",
    known_before="More than 50 people were injured.",
    reason=english(ROSE),
    why=ROSE,
)
DETAINED = replace(
    INJURED,
    development_id="dev_detained",
    kind="legal",
    outcome=Outcome.NEW,
    summary="Police detained Igor Lyadov, the director of the dam, on suspicion of negligence.",
    topic="legal",
    evidence=(
        "Officers detained Igor Lyadov, who has run the dam since 2024, at his home in Velmora late on Saturday.",
    ),
    figure=None,
    speaker="",
    against="",
    known_before="",
    reason=english(UNKNOWN),
    why=UNKNOWN,
)
DENIED = replace(
    DETAINED,
    development_id="dev_denied",
    kind="statement",
    outcome=Outcome.CONTRADICTS,
    summary="The operator Arda Power denies that it had been warned of cracks in the dam.",
    topic="",
    evidence=("“Nobody told us of any cracks,” said Mara Ilves, who heads Arda Power.", "The company will sue."),
    speaker="Mara Ilves",
    known_before="Inspectors say that they warned the operator of cracks in January.",
    reason=english(WARNED),
    why=WARNED,
)
RESIGNS = replace(
    DETAINED,
    development_id="dev_resigns",
    kind="position",
    summary="Governor Petra Sandoval offered her resignation to parliament.",
    topic="politics",
    severity=Severity.DIGEST,
    evidence=("Sandoval told deputies that she would step down if they asked her to.",),
    reason=english(STEP),
    why=STEP,
)
EVACUATED = replace(
    INJURED,
    development_id="dev_evacuated",
    outcome=Outcome.REFINES,
    summary="1,250 people have been evacuated from the valley.",
    topic="casualties",
    severity=Severity.DIGEST,
    evidence=("Some 1,250 people from four villages spent the night in schools and gyms.",),
    figure=FigureChange("evacuated", 1250, 400, Bound.EXACT, Bound.ABOUT),
    known_before="About 400 people were evacuated.",
    reason=english(EXACT),
    why=EXACT,
)
RUSSIAN = replace(
    DETAINED,
    development_id="dev_ru",
    story_id="sty_2",
    summary="Задержан директор плотины Игорь Лядов: следствие подозревает его в халатности.",
    evidence=("Полиция задержала директора плотины у города Велмора Игоря Лядова.",),
    known_before="О задержаниях не сообщалось.",
)
OTHERS = (("Lake Wire", "https://wire.example.org/w4"), ("Kestrel Post", ""))


def decision(*developments: Development) -> Decision:
    """A decision about `STORY` that found these."""
    return Decision(
        "velmora", "sty_1", 1, True, max((d.severity for d in developments), key=lambda s: s.rank), (), "", developments
    )


def item(development: Development, story: Story = STORY, others: Sequence[tuple[str, str]] = ()) -> AlertItem:
    """A development as the policy puts it into an alert on `EVENT`."""
    topic = next((t.title for t in EVENT.topics if t.id == development.topic), "")
    return AlertItem(development, story, tuple(others), EVENT.title, topic or development.topic)


def alert(*items: AlertItem) -> Alert:
    """An alert on `EVENT` for the recipient ``desk``."""
    return Alert("alr_1", "velmora", EVENT.title, "desk", NOW, items)


def delivery(of: Alert) -> Delivery:
    """Its way over the channel ``mail``."""
    return Delivery("dlv_0123456789abcdef0123", of, "mail", NOW, next_due=NOW)


def message(**changes: Any) -> Message:
    """A message as the renderer makes it, for channels."""
    plain = Message(
        delivery_id="dlv_0123456789abcdef0123",
        thread_id="thr_0123456789abcdef0123",
        subject="Velmora: 98 injured – пострадавших больше",
        text="The number of injured rose to 98.\n",
        html="<p>The number of injured rose to 98.</p>\n",
        payload={"type": "newswatch.alert", "version": 1, "timestamp": "2031-03-02T18:05:00Z", "data": {"n": "ё"}},
        created=NOW,
        list_name=EVENT.title,
    )
    return replace(plain, **changes)
