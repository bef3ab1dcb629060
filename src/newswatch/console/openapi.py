"""The OpenAPI 3.1 document of the API, made of the operations themselves."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from newswatch import __version__
from newswatch.console import answers as a
from newswatch.console.api import OPERATIONS, Operation

_PARAMETER = re.compile(r"\{(\w+)\}")
_PROBLEM = {
    "description": "Why it was not done",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


@cache
def document() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(f"/api/v1{one.path}", {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "newswatch",
            "version": __version__,
            "description": "What is new in the events that are watched, and how the service does.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


def _operation(one: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [*map(_in_path, _PARAMETER.findall(one.path)), *_in_query(one.query)],
        "responses": {
            "200": {
                "description": (one.answer.__doc__ or one.summary).strip(),
                "content": {"application/json": {"schema": _reference(one.answer)}},
            },
            "400": _PROBLEM,
            "401": _PROBLEM,
            "404": _PROBLEM,
            "default": _PROBLEM,
        },
    }
    if one.body is not None:
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(one.body)}}}
    return said


def _reference(model: type[a.Answer | a.Asking]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(model: type[a.Asking]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    needed = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "description": what.get("description", ""),
            "schema": _value({key: kept for key, kept in what.items() if key not in {"description", "title"}}),
        }
        for name, what in schema.get("properties", {}).items()
    ]


def _value(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or is not; it is never null."""
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema


def _schemas() -> dict[str, Any]:
    answers = [(one.answer, "serialization") for one in OPERATIONS]
    bodies = [(one.body, "validation") for one in OPERATIONS if one.body is not None]
    wanted: Any = [*dict.fromkeys((*answers, (a.Problem, "serialization"), *bodies))]
    _, found = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = found["$defs"]
    return schemas
