"""What was decided in English, said in a recipient's language: summaries, reasons and labels. Pure.

The sentences of stories, and what people named, stay as they were written. What an older newswatch kept without a code
stays English.
"""

from __future__ import annotations

from dataclasses import replace

from newswatch.alerting.wording import Words
from newswatch.model import Alert, AlertItem, Bound, Development, FigureChange, Outcome

ARROW = " → "


def worded(alert: Alert, spoken: Words) -> Alert:
    """An alert or digest whose own words are all of one language."""
    return replace(
        alert,
        items=tuple(_item(item, spoken) for item in alert.items),
        corrected=tuple(_item(item, spoken) for item in alert.corrected),
        figures=tuple(
            replace(track, label=spoken.measure(track.measure, track.group) if track.measure else track.label)
            for track in alert.figures
        ),
    )


def _item(item: AlertItem, spoken: Words) -> AlertItem:
    return replace(item, development=development(item.development, spoken, item.story.language))


def development(told: Development, spoken: Words, language: str) -> Development:
    """A development in a language.

    Args:
        told: as it was decided.
        spoken: the language's words.
        language: the story's; what it calls a speaker stays where that is the reader's too.
    """
    summary = told.summary
    if told.worded is not None:
        summary = spoken.why(told.worded)
    elif told.figure is not None and told.figure.line:
        summary = line(told.figure, spoken, disputed=told.outcome is Outcome.CONTRADICTS)
    role = spoken.roles.get(told.role, "") if language != spoken.language else ""
    return replace(
        told,
        summary=summary,
        reason=spoken.why(told.why) if told.why is not None else told.reason,
        speaker=role or told.speaker,
    )


def line(figure: FigureChange, spoken: Words, *, disputed: bool) -> str:
    """``Injured: more than 50 → 98``; of numbers that sources disagree on ``Injured: 98 or 57``."""
    now = number(figure.value, figure.bound, spoken, figure.unit)
    if figure.was is not None:
        was = number(figure.was, figure.was_bound, spoken, figure.was_unit)
        now = spoken.phrases["figure_or"].format(was=was, now=now) if disputed else f"{was}{ARROW}{now}"
    return f"{spoken.measure(figure.measure, figure.group)}: {now}"


def number(value: float, bound: Bound, spoken: Words, unit: str = "") -> str:
    """``more than 1,250 USD``."""
    return f"{spoken.bounds[bound.value]}{spoken.number(value)}{f' {unit.upper()}' if unit else ''}"
