"""Writes what is generated from the settings models: JSON Schemas for editors, and the tables of the documentation.

python -m newswatch.config.schema        (from the top of a checkout; `make schemas`)
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from newswatch.config import event, settings

START, END = "<!-- generated: keys -->", "<!-- end -->"
SCHEMAS: dict[str, type[BaseModel]] = {
    "newswatch.schema.json": settings.Settings,
    "event.schema.json": event.Event,
}
_TABLES: tuple[type[BaseModel], ...] = (
    settings.Settings, settings.Store, settings.Polling, settings.Timeouts, settings.Feed, settings.EmailChannel,
    settings.OAuth2, settings.WebhookChannel, settings.AppriseChannel, settings.FolderChannel, settings.Recipient,
    settings.Quiet, settings.Escalate, settings.Digest, settings.Publish, settings.Console,
    settings.Templates,
    event.Event, event.Match, event.Baseline, event.Source, event.FactText, event.Entity, event.Topic,
)  # fmt: skip


def schema_text(model: type[BaseModel]) -> str:
    """The JSON Schema (2020-12) of a file, as it is shipped."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def tables() -> str:
    """Every key with its default and meaning, a table for each block."""
    parts = []
    for model in _TABLES:
        rows = [
            f"| `{info.alias or name}` | {_default(info.default, needed=info.is_required())} "
            f"| {_line(info.description)} |"
            for name, info in model.model_fields.items()
        ]
        title = (model.__doc__ or model.__name__).strip().splitlines()[0]
        parts.append(
            f"### {model.__name__}\n\n{title}\n\n| key | default | meaning |\n|---|---|---|\n" + "\n".join(rows)
        )
    return "\n\n".join(parts).replace("``", "`")


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _default(value: object, *, needed: bool) -> str:
    if needed:
        return "**needed**"
    if isinstance(value, BaseModel):
        return "see below"
    shown = json.dumps(value, default=lambda v: f"{v.total_seconds():g}s" if hasattr(v, "total_seconds") else str(v))
    return f"`{shown}`"


def documented(text: str) -> str:
    """A document with the tables between its markers renewed."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{tables()}\n\n{END}{after}"


def main() -> None:
    """Write all of it."""
    for name, model in SCHEMAS.items():
        path = Path("config/schemas") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schema_text(model), encoding="utf-8")
    document = Path("docs/configuration.md")
    document.write_text(documented(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
