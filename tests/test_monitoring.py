"""The files in monitoring/ name only what `/metrics` exports, and are of the shape that their programs read."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from newswatch.console import Meters

ROOT = Path(__file__).parent.parent
RULES = ROOT / "monitoring" / "alerts.yml"
DASHBOARD = ROOT / "monitoring" / "grafana-newswatch.json"
PROMTOOL = shutil.which("promtool")
_NAME = re.compile(r"\b(?:newswatch|process)_\w+")


def exported() -> dict[str, set[str]]:
    """Every name that a query may hold, with its labels."""
    found: dict[str, set[str]] = {}
    for family in Meters(lambda: datetime(2031, 3, 3, tzinfo=UTC)).registry.collect():
        labels = set[str]().union(*(sample.labels for sample in family.samples))
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "info": ("_info",)}
        for ending in endings.get(family.type, ("",)):
            found[f"{family.name}{ending}"] = labels
    return found


def rules() -> list[dict[str, Any]]:
    groups = YAML(typ="safe").load(RULES)["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def expressions() -> list[str]:
    return [*(rule["expr"] for rule in rules()), *(t["expr"] for panel in panels() for t in panel["targets"])]


def test_every_metric_that_is_named_is_exported() -> None:
    named = {name for text in expressions() for name in _NAME.findall(text)}
    assert named - set(exported()) == set()
    assert len(named) > 20


def test_the_manual_lists_what_is_exported_and_nothing_else() -> None:
    text = (ROOT / "docs" / "operating.md").read_text().split("### What is exported")[1].split("\n#")[0]
    listed = set(re.findall(r"`(newswatch_\w+)", text))
    mine = {name for name in exported() if name.startswith("newswatch_") and not name.endswith(("_sum", "_count"))}
    assert {name.removesuffix("_bucket") for name in mine} == listed


def test_the_rules_are_what_prometheus_reads() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description"}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool (of Debian's package prometheus) is not installed")
def test_promtool_finds_nothing() -> None:
    result = subprocess.run([str(PROMTOOL), "check", "rules", str(RULES)], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_dashboard_is_what_grafana_imports() -> None:
    board = json.loads(DASHBOARD.read_text())
    assert board["uid"] == "newswatch"
    assert board["schemaVersion"] >= 36
    variables = {one["name"] for one in board["templating"]["list"]}
    assert variables == {"datasource", "job"}
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids) > 10
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        assert panel["type"] in {"stat", "timeseries", "table"}
        assert panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert [t["refId"] for t in panel["targets"]] == list("ABCDEFGH"[: len(panel["targets"])])
        assert all('job="$job"' in t["expr"] for t in panel["targets"])
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_they_are_shipped() -> None:
    assert '"monitoring"' in (ROOT / "pyproject.toml").read_text().split("[tool.hatch.build.targets.sdist]")[1]
