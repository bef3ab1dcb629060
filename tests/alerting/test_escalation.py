"""Urgent alerts that nobody acknowledged."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from loopback import news
from newswatch.alerting import policy
from newswatch.config.settings import Recipient
from newswatch.model import Alert, Mute

NOW = news.NOW


def recipient(name: str = "desk", **keys: Any) -> Recipient:
    return Recipient.model_validate({"id": name, "channels": ["mail"]} | keys)


def alert(*developments: Any) -> Alert:
    return news.alert(*(news.item(d) for d in developments or (news.INJURED,)))


def test_only_urgent_alerts_of_who_escalates_are_escalated() -> None:
    who = recipient(escalate={"to": "chief", "after": "10m"})
    assert policy.escalates_at(alert(), who) == NOW + timedelta(minutes=10)
    assert policy.escalates_at(alert(), recipient(escalate={"to": "chief"})) == NOW + timedelta(minutes=15)
    assert policy.escalates_at(alert(news.RESIGNS), who) is None
    assert policy.escalates_at(alert(news.RESIGNS, news.INJURED), who) is not None
    assert policy.escalates_at(replace(alert(), digest=True), who) is None
    assert policy.escalates_at(alert(), recipient()) is None


def test_the_escalated_alert_is_the_same_for_somebody_else_and_knows_where_it_came_from() -> None:
    later = NOW + timedelta(minutes=15)
    first = policy.escalated(alert(), recipient("chief"), now=later)
    assert (first.recipient, first.escalated_from, first.origin) == ("chief", "desk", "alr_1")
    assert (first.items, first.created) == (alert().items, later)
    assert first == policy.escalated(alert(), recipient("chief"), now=later)
    second = policy.escalated(first, recipient("owner"), now=later)
    assert (second.escalated_from, second.origin) == ("chief", "alr_1")
    assert len({"alr_1", first.alert_id, second.alert_id}) == 3


def test_what_is_muted_for_either_is_not_escalated_meanwhile() -> None:
    def mute(**scope: str) -> Mute:
        return Mute("mut_1", NOW + timedelta(hours=1), NOW, "ana", **scope)

    for one in (mute(event="velmora"), mute(recipient="chief"), mute(recipient="desk", topic="casualties")):
        assert policy.quieted(alert(), "chief", [one], NOW)
    for one in (mute(event="kestrel"), mute(recipient="ada"), mute(topic="legal")):
        assert not policy.quieted(alert(), "chief", [one], NOW)
    assert not policy.quieted(alert(news.INJURED, news.DETAINED), "chief", [mute(topic="legal")], NOW)
