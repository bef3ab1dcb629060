"""What the week demands, held against what really arrived. Pure: labels and messages in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo.corpus import News, Week


@dataclass(frozen=True, slots=True)
class Telling:
    """One development as it stands in a message that arrived."""

    at: datetime
    urgent: bool
    source: str
    url: str
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one piece of news: how often it was told, the first time first."""

    piece: News
    tellings: tuple[Telling, ...]

    @property
    def how(self) -> str:
        """``at once``, ``digest`` or ``NOT TOLD``."""
        if not self.tellings:
            return "NOT TOLD"
        return "at once" if self.tellings[0].urgent else "digest"


@dataclass(frozen=True, slots=True)
class Check:
    """One demand, and whether it holds."""

    what: str
    holds: bool


def tellings(payloads: Iterable[Mapping[str, Any]]) -> tuple[Telling, ...]:
    """Every development of every message, in the order in which they were decided."""
    found = [
        Telling(
            datetime.fromisoformat(payload["timestamp"]),
            payload["data"]["kind"] == "alert",
            one["story"]["source"],
            one["story"]["url"],
            " ".join([one["summary"], *one["evidence"]]).casefold(),
        )
        for payload in payloads
        for one in payload["data"]["developments"]
    ]
    return tuple(sorted(found, key=lambda telling: telling.at))


def outcomes(week: Week, told: Sequence[Telling]) -> tuple[Outcome, ...]:
    """For each piece of news the developments that tell it: from a story that states it, and in its words."""
    return tuple(
        Outcome(
            piece,
            tuple(one for one in told if piece.id in week.says(one.url) and any(w in one.words for w in piece.words)),
        )
        for piece in week.news
    )


def retellings(week: Week, decisions: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Stories about the event that brought nothing: those that stayed silent, and those that were told all the same.

    Args:
        week: the recording.
        decisions: as ``newswatch decisions --json`` prints them, newest first.
    """
    known: set[str] = set()
    silent: list[str] = []
    told: list[str] = []
    for one in reversed(decisions):
        label = week.label(one["url"], one["revision"])
        if label is None or not label.about:
            continue
        if not label.says - known:
            (silent if one["decision"] == "silent" else told).append(f"{one['source']}: {one['title']}")
        if one["decision"] != "silent":
            known |= label.says
    return silent, told


def checks(
    week: Week,
    *,
    payloads: Sequence[Mapping[str, Any]],
    subjects: Sequence[str],
    message_ids: Sequence[str],
    unverified: int,
    decisions: Sequence[Mapping[str, Any]],
    reports: Sequence[Mapping[str, Any]],
) -> tuple[Check, ...]:
    """Everything this recording demands. Floors that say "at least" are where the judgement stands today.

    Args:
        week: the recording.
        payloads: the webhook calls' bodies.
        subjects: of the emails.
        message_ids: of the emails.
        unverified: webhook calls whose signature does not verify.
        decisions: as ``newswatch decisions --json`` prints them.
        reports: what ``newswatch once --json`` printed at each moment.
    """
    became = outcomes(week, tellings(payloads))
    missed = [one.piece.id for one in became if one.piece.must and not one.tellings]
    late = [one.piece.id for one in became if one.piece.must and one.tellings and one.how != "at once"]
    urgent = sum(piece.must for piece in week.news)
    silent, told = retellings(week, decisions)
    labelled = [(week.label(one["url"], one["revision"]), one["relevant"]) for one in decisions]
    strayed = sum(label is None or label.about != relevant for label, relevant in labelled)
    unrelated_told = [
        one["title"]
        for one in decisions
        if one["decision"] != "silent" and (label := week.label(one["url"], one["revision"])) and not label.about
    ]
    bodies = [payload["data"]["subject"] for payload in payloads]
    own = [subject for subject in subjects if subject.startswith("newswatch: ")]
    news = [subject for subject in subjects if subject not in own]
    return (
        Check(f"what must be told was told: {urgent - len(missed)} of {urgent}{_named(missed)}", not missed),
        Check(
            f"at least half of that came at once, not in a digest: {urgent - len(missed) - len(late)} of {urgent}"
            f"{_named(late)}",
            2 * (len(missed) + len(late)) <= urgent,
        ),
        Check(
            f"at least two thirds of the retellings stayed silent: {len(silent)} of {len(silent) + len(told)}",
            bool(silent) and len(silent) >= 2 * len(told),
        ),
        Check(
            "19 of 20 stories were rightly taken as about the event or not: "
            f"{len(labelled) - strayed} of {len(labelled)}",
            bool(labelled) and 20 * strayed <= len(labelled),
        ),
        Check(f"nothing of the rest of the world was told{_named(unrelated_told)}", not unrelated_told),
        Check(
            f"every message came once over each channel: {len(news)} emails, {len(payloads)} webhook calls",
            bool(news) and sorted(news) == sorted(bodies) and len(set(message_ids)) == len(message_ids),
        ),
        Check(
            f"the operator was told once of the feed that is a web page, of no feed twice: {len(own)} emails beside",
            sum("broken" in subject for subject in own) == 1 and len(set(own)) == len(own),
        ),
        Check(
            f"every webhook call's signature verifies: {len(payloads) - unverified} of {len(payloads)}",
            bool(payloads) and not unverified,
        ),
        Check("the feeds that failed are those that were broken, and each came back", _failures_fit(week, reports)),
        Check("unchanged feeds were answered by 304 or not read again", any(r["feeds"]["unchanged"] for r in reports)),
        Check(f"the counts add up: {_sums(reports)} = {len(decisions)} decisions", _add_up(reports, len(decisions))),
    )


def _named(names: Sequence[str]) -> str:
    return f" (but: {', '.join(names)})" if names else ""


def _failures_fit(week: Week, reports: Sequence[Mapping[str, Any]]) -> bool:
    never = {outlet.id for outlet in week.outlets if outlet.shape == "page"}
    return all(
        {problem["feed_id"] for problem in report["problems"]} == never | moment.broken.keys()
        and report["feeds"]["polled"] == len(week.outlets)
        for moment, report in zip(week.moments, reports, strict=True)
    )


def _sums(reports: Sequence[Mapping[str, Any]]) -> str:
    total = {name: sum(r["stories"][name] for r in reports) for name in ("new", "edited")}
    return f"{total['new']} new stories + {total['edited']} edited"


def _add_up(reports: Sequence[Mapping[str, Any]], decisions: int) -> bool:
    stories = [report["stories"] for report in reports]
    return (
        sum(one["new"] + one["edited"] for one in stories) == decisions
        and all(one["told"] + one["silent"] == one["about"] for one in stories)
        and reports[-1]["deliveries"]["waiting"] == 0
    )
