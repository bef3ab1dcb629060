"""A validator's complaints in the user's words."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from newswatch.config.yamlfile import YamlFile
from newswatch.errors import Problem

_SECRETS = {"password": "password", "passwd": "password", "secret": "secret", "token": "secret", "api_key": "secret"}
_PLAIN = {
    "string_type": "must be text; put it into quotes",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list: write [one, two], or one item a line after a dash",
    "dict_type": "must be a block of keys and values",
    "model_type": "must be a block of keys and values",
    "model_attributes_type": "must be a block of keys and values",
    "datetime_parsing": "is not a time; write for example 2019-08-08T10:00:00Z",
    "datetime_from_date_parsing": "is not a time; write for example 2019-08-08T10:00:00Z",
    "datetime_type": "is not a time; write for example 2019-08-08T10:00:00Z",
    "string_pattern_mismatch": "is not a short name: lower-case letters, digits, - and _, no spaces",
    "path_type": "must be a path",
    "union_tag_not_found": "has no `type`; write type: email, type: webhook or type: folder",
}


def problems_of(error: ValidationError, file: YamlFile, model: type[BaseModel]) -> list[Problem]:
    """Every complaint as a `Problem` with its line."""
    keys = sorted(_keys(model, set()))
    return [_problem(detail, file, keys) for detail in error.errors()]


def _problem(detail: ErrorDetails, file: YamlFile, keys: list[str]) -> Problem:
    place = detail["loc"]
    where = file.where(place)
    name = str(place[-1]) if place else ""
    context: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return Problem(where, f"`{name}` is missing{_inside(place[:-1])}.", f"Add `{name}: …`.")
        case "extra_forbidden":
            return _strange_key(where, name, keys)
        case "literal_error":
            return Problem(where, f"`{name}` must be {context.get('expected', '')}, not {_shown(detail['input'])}.")
        case "union_tag_invalid":
            return Problem(where, f"type {context.get('tag')!r} is unknown.", "Write email, webhook or folder.")
        case "value_error":
            return Problem(where, f"`{_key_of(place)}`: {_shown(detail['input'])} {context['error']}.")
        case "too_short":
            return Problem(where, f"`{_key_of(place)}` is empty.", "Name at least one.")
        case "string_too_short":
            return Problem(where, f"`{_key_of(place)}` holds an empty text.", "Write something, or take it out.")
        case "greater_than_equal":
            return Problem(where, f"`{_key_of(place)}` must be {context['ge']} or more.")
        case "less_than_equal":
            return Problem(where, f"`{_key_of(place)}` must be {context['le']} or less.")
        case kind if kind in _PLAIN:
            return Problem(where, f"`{_key_of(place)}` {_PLAIN[kind]}; it is {_shown(detail['input'])}.")
        case _:
            return Problem(where, f"`{_key_of(place)}`: {detail['msg'][0].lower()}{detail['msg'][1:]}.")


def _strange_key(where: str, name: str, keys: list[str]) -> Problem:
    if name.lower() in _SECRETS:
        key = _SECRETS[name.lower()]
        return Problem(
            where,
            f"`{name}` does not belong into this file: secrets stay out of it.",
            f"Write `{key}_env: NAME` for an environment variable or `{key}_file: PATH` for a file.",
        )
    near = difflib.get_close_matches(name, keys, n=1, cutoff=0.6)
    return Problem(where, f"`{name}` is not a key here.", f"Did you mean `{near[0]}`?" if near else "Take it out.")


def _key_of(place: tuple[int | str, ...]) -> str:
    """The last named part of a place: an item of a list is told by its list."""
    return next((str(part) for part in reversed(place) if isinstance(part, str)), "the file")


def _inside(place: tuple[int | str, ...]) -> str:
    return f" in `{_key_of(place)}`" if place else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _keys(model: type[BaseModel], seen: set[type]) -> set[str]:
    """All keys of a model and the models inside it."""
    if model in seen:
        return set()
    seen.add(model)
    found: set[str] = set()
    for name, info in model.model_fields.items():
        found.add(info.alias or name)
        for inner in _models_in(info.annotation):
            found |= _keys(inner, seen)
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models_in(inner)]
