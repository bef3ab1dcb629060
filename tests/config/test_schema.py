"""JSON Schemas: as the models are, shipped, named by every file we ship, and refusing what editors can see is wrong."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.protocols import Validator

from newswatch.config.paths import data_dir
from newswatch.config.schema import SCHEMAS, documented, schema_text
from newswatch.config.yamlfile import read_yaml
from newswatch.errors import ConfigError
from newswatch.scaffold import write_scaffold

ROOT = Path(__file__).parents[2]
BROKEN = Path(__file__).parent / "broken"
# What only a look at other values, other files or the environment can tell, and what JSON Schema has no words for.
BEYOND = {
    "authorities", "authority-missing", "broken-event-exists", "doubts", "doubts-of-bounds", "doubts-of-events",
    "doubts-of-hooks", "doubts-of-polling", "event-about-nothing", "event-as-of",
    "event-baseline-empty", "event-doubts", "event-twice", "folders-missing", "headers", "hooks", "no-channel",
    "no-event-file", "no-feed", "routes", "routes-doubts", "same-event-twice", "secrets-missing", "time-zones",
    "unknown-names", "unreadable-event", "urls-twice",
}  # fmt: skip


def validator(name: str) -> Validator:
    schema = json.loads((ROOT / "config" / "schemas" / name).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def named_schema(path: Path) -> Path:
    """The schema that a file's first line names."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found, f"{path} names no schema"
    return (path.parent / found[1]).resolve()


def test_schemas_and_tables_are_in_step_with_the_models() -> None:
    for name, model in SCHEMAS.items():
        assert (ROOT / "config" / "schemas" / name).read_text(encoding="utf-8") == schema_text(model), "make schemas"
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert documented(text) == text, "make schemas"


def test_schemas_are_shipped() -> None:
    """The wheel takes all of config/ along (pyproject.toml), so that what is found here is found there."""
    assert {path.name for path in (data_dir("config") / "schemas").iterdir()} == {*SCHEMAS, "webhook.schema.json"}
    assert '"config" = "newswatch/_data/config"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_every_file_we_ship_names_its_schema_and_fits_it(tmp_path: Path) -> None:
    write_scaffold(tmp_path)
    shipped = [path for path in (ROOT / "config").glob("**/*.yaml") if "scaffold" not in path.parts]
    for path in (*shipped, *tmp_path.glob("**/*.yaml")):
        schema = named_schema(path)
        kind = "event" if path.parent.name == "events" else "newswatch"
        assert schema.name == f"{kind}.schema.json"
        assert schema.read_text(encoding="utf-8") == schema_text(SCHEMAS[schema.name])
        errors = [error.message for error in validator(schema.name).iter_errors(read_yaml(path).value)]
        assert errors == [], path


def values() -> dict[str, Any]:
    """The broken files that are YAML at all."""
    found = {}
    for path in sorted(BROKEN.glob("*.yaml")):
        try:
            file = read_yaml(path)
        except ConfigError:
            continue
        if not file.mistakes:
            found[path.stem] = file.value
    return found


@pytest.mark.parametrize(("name", "value"), values().items(), ids=lambda x: x if isinstance(x, str) else "")
def test_the_schema_refuses_what_a_schema_can(name: str, value: Any) -> None:
    schema = validator("event.schema.json" if name.startswith("event-") else "newswatch.schema.json")
    assert schema.is_valid(value) == (name in BEYOND)
