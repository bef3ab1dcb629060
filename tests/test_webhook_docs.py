"""docs/webhooks.md under test: its body fits the schema, its template works, its tables name what there is."""

import json
import re
from dataclasses import fields
from pathlib import Path

import jsonschema

from loopback import news
from newswatch.alerting import view
from newswatch.alerting.body import environment
from newswatch.alerting.policy import RETRY_SCHEDULE
from newswatch.alerting.render import mistakes_of_template
from newswatch.alerting.sections import BesideView
from newswatch.channels.services import verdict
from newswatch.config.hooks import ready_formats
from newswatch.config.settings import Settings
from newswatch.config.yamlfile import parse_yaml
from newswatch.errors import Reason

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "config" / "schemas" / "webhook.schema.json").read_text(encoding="utf-8"))


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)


def test_the_body_that_is_shown_fits_the_schema() -> None:
    [body] = blocks("json")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(json.loads(body), SCHEMA, jsonschema.Draft202012Validator)


def test_the_template_that_is_shown_works(tmp_path: Path) -> None:
    [template] = blocks("jinja")
    (tmp_path / "shown.json.j2").write_text(template, encoding="utf-8")
    assert mistakes_of_template(tmp_path, "shown", now=news.NOW) == ()


def test_the_channels_that_are_shown_can_be_written() -> None:
    shown: dict[str, object] = {}
    for block in blocks("yaml"):
        shown |= parse_yaml(block, Path("docs")).value["channels"]
    settings = Settings.model_validate({"channels": shown})
    formats = {getattr(channel, "format", "") for channel in settings.channels.values()}
    assert formats == {*ready_formats(), ""}


def test_every_variable_and_filter_is_named_and_no_other() -> None:
    table = TEXT.split("## Your own templates")[1].split("## Everything else")[0]
    named = set(re.findall(r"`(\w+)(?:\(.*?\))?`", table))
    classes = (view.View, view.EventView, view.StoryView, view.DevelopmentView, BesideView)
    known = {field.name for one in classes for field in fields(one)} - {"title_told"}
    mine = {"tojson", "clip", "mrkdwn", "discord", "mattermost", "telegram", "address"}
    assert mine <= set(environment([]).filters)
    assert known | mine | {"subject", "link", "notice", "payload"} == named - {"NAME"}


def test_the_schedule_and_the_reasons_are_those_of_the_code() -> None:
    hours = [wait.total_seconds() / 3600 for wait in RETRY_SCHEDULE[3:]]
    assert "5 s, 5 min, 30 min, " + ", ".join(f"{hour:g} h" for hour in hours[:-1]) + f" and {hours[-1]:g} h" in TEXT
    answers = TEXT.split("## What answers mean")[1].split("The schedule is")[0]
    assert set(re.findall(r"\b\w+Error\b|\bgone\b|\brateLimited\b", answers)) == {
        reason.value for reason in Reason if reason not in {Reason.REJECTED, Reason.FAULT, Reason.DEAD}
    }
    assert verdict("slack", 404, "no_service").gone
