"""A validator's complaints in the user's words."""

from __future__ import annotations

import difflib
import re
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from newswatch import __version__
from newswatch.config.yamlfile import Path_, YamlFile
from newswatch.errors import Problem

_SECRETS = {"password": "password", "passwd": "password", "secret": "secret", "token": "token", "api_key": "secret"}
_LOGIN = re.compile(r"//[^/@]*@")
"""A user name and password in an address: no terminal and no journal should hold them."""
_TIME = "is not a time; write for example 2019-08-08T10:00:00Z"
_NAME = "is not a short name: lower-case letters, digits, - and _, no spaces"
_BLOCK = "a block of keys and values"
_CHANNEL = "write type: email, type: webhook, type: apprise or type: folder"
_MUST = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": _BLOCK,
    "model_type": _BLOCK,
    "model_attributes_type": _BLOCK,
    "path_type": "a path",
}
_NOT = {
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_type": _TIME,
    "datetime_object_invalid": _TIME,
    "string_pattern_mismatch": _NAME,
}


def problems_of(error: ValidationError, file: YamlFile, model: type[BaseModel]) -> tuple[list[Problem], set[Path_]]:
    """Every complaint as a `Problem` with its line, and the places that they are about."""
    problems, places = [], set()
    details = [detail for detail in error.errors() if not _follows(detail)]
    meant = {
        (*detail["loc"][:-1], near)
        for detail in details
        if detail["type"] == "extra_forbidden" and (near := _near(detail["loc"], model))
    }
    for detail in details:
        place = file.standing(detail["loc"])
        if detail["type"] == "missing":
            place = (*place, detail["loc"][-1])
        places.add(place)
        # A key that is misspelt is not missing as well.
        if detail["type"] != "missing" or detail["loc"] not in meant:
            problems.append(_problem(detail, place, file, model))
    return problems, places


def _follows(detail: ErrorDetails) -> bool:
    """Whether a complaint only follows from another: a list counts as empty when each of its items is wrong."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails, place: Path_, file: YamlFile, model: type[BaseModel]) -> Problem:
    where = file.where(place)
    name = f"`{_key_of(place)}`"
    kind = detail["type"]
    if kind == "missing":
        return Problem(where, f"{name} is missing{_inside(place[:-1])}.", f"Add `{place[-1]}: …`.")
    if kind == "extra_forbidden":
        return _strange_key(where, detail["loc"], model)
    if detail["loc"][-1:] == ("[key]",):
        return Problem(where, f"`{place[-1]}` {_NAME}.", "Rename it.")
    item = f"an item of {name}" if place and isinstance(place[-1], int) else name
    if detail["input"] is None:
        return Problem(where, f"{item} is empty.", "Write something there, or take it out.")
    if kind in _MUST:
        return Problem(where, f"{item} must be {_MUST[kind]}, not {_shown(detail['input'])}.", _hint(detail, model))
    what, instead = _said(detail, _key_of(place))
    return Problem(where, f"{name} {what}.", f"{instead[:1].upper()}{instead[1:]}." if instead else "")


def _hint(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """How a value of another type is written."""
    if detail["type"] == "string_type":
        return "" if isinstance(detail["input"], list | dict) else "Put it into quotes."
    if detail["type"] == "tuple_type":
        return "Write [one, two], or one item a line after a dash."
    if detail["type"] in {"model_type", "model_attributes_type"}:
        blocks = _block_at(model, detail["loc"])
        several = f"{_CHANNEL[:1].upper()}{_CHANNEL[1:]} in it."
        return f"Its keys are {', '.join(_keys(blocks))}." if len(blocks) == 1 else several
    return "Write each as `name: {…}`." if detail["type"] == "dict_type" else ""


def _said(detail: ErrorDetails, name: str) -> tuple[str, str]:
    """What is wrong with a value, as it follows its key, and what to write instead."""
    shown = _shown(detail["input"])
    context: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "literal_error":
            return f"must be {context['expected']}, not {shown}", ""
        case "union_tag_invalid":
            return f"is of the unknown type {context['tag']!r}", _CHANNEL
        case "union_tag_not_found":
            return "has no `type`", _CHANNEL
        case "value_error":
            said, _, instead = str(context["error"]).partition("; ")
            # Headers may hold secrets, and who takes `secret_env` for the secret itself wrote one: no value is shown.
            hidden = isinstance(detail["input"], dict) or name.endswith("_env")
            return said if hidden else f"{shown} {said}", instead
        case "too_short":
            return "is empty", "name at least one"
        case "string_too_short":
            return "holds an empty text", "write something, or take it out"
        case "string_too_long":
            return f"{shown} is longer than {context['max_length']} letters", "shorten it"
        case "greater_than_equal":
            return f"must be {context['ge']} or more; it is {shown}", ""
        case "less_than_equal":
            return f"must be {context['le']} or less; it is {shown}", ""
        case kind if kind in _NOT:
            said, _, instead = _NOT[kind].partition("; ")
            return f"{shown} {said}", instead
        case _:
            return f"{shown} cannot be read: {detail['msg'][:1].lower()}{detail['msg'][1:]}", ""


def _near(loc: Path_, model: type[BaseModel]) -> str:
    """The key of this block that an unknown one probably means, or nothing."""
    # What is a key elsewhere is rather in the wrong place than misspelt, unless it is very near.
    cutoff = 0.8 if _homes(loc, model) else 0.6
    found = difflib.get_close_matches(str(loc[-1]).lower(), _keys(_block_at(model, loc[:-1])), n=1, cutoff=cutoff)
    return found[0] if found else ""


def _homes(loc: Path_, model: type[BaseModel]) -> list[str]:
    """The blocks that have an unknown key, as the file names them."""
    return list(
        dict.fromkeys(home for home, block in _blocks(model, "the top of the file") if loc[-1] in _keys((block,)))
    )


def _strange_key(where: str, loc: Path_, model: type[BaseModel]) -> Problem:
    name = str(loc[-1])
    keys = _keys(_block_at(model, loc[:-1]))
    secret = _SECRETS.get(name.lower(), "")
    what = f"`{name}` is not a key here."
    if f"{secret}_env" in keys:
        what = f"`{name}` does not belong into this file: secrets stay out of it."
        instead = f"Write `{secret}_env: NAME` for an environment variable or `{secret}_file: PATH` for a file."
    elif near := _near(loc, model):
        instead = f"Did you mean `{near}`?"
    elif homes := _homes(loc, model):
        instead = f"It belongs into {' or '.join(homes)}."
    else:
        instead = f"newswatch {__version__} knows {', '.join(keys)}."
    return Problem(where, what, instead)


def _block_at(model: type[BaseModel], loc: Path_) -> tuple[type[BaseModel], ...]:
    """The models of the block that a validator names: several where a `type` would have to tell which."""
    found: tuple[type[BaseModel], ...] = (model,)
    for part in loc:
        fields = [
            info.annotation
            for block in found
            for name, info in block.model_fields.items()
            if (info.alias or name) == part
        ]
        inner = tuple(block for annotation in fields for block in _models_in(annotation))
        # A number, and a name that the user gave (a channel's), lead no further into the models; a type tells which.
        found = inner or tuple(block for block in found if _type_of(block) == part) or found
    return found


def _type_of(block: type[BaseModel]) -> str:
    """The `type` that a block has to have, or nothing."""
    kind = block.model_fields.get("type")
    return str(getattr(kind.annotation, "__args__", ("",))[0]) if kind is not None and kind.is_required() else ""


def _blocks(model: type[BaseModel], home: str) -> list[tuple[str, type[BaseModel]]]:
    """All blocks, each by the key it stands under."""
    found = [(home, model)]
    for name, info in model.model_fields.items():
        for block in _models_in(info.annotation):
            kind = f" of type {_type_of(block)}" if _type_of(block) else ""
            found += _blocks(block, f"`{info.alias or name}`{kind}")
    return found


def _keys(blocks: tuple[type[BaseModel], ...]) -> list[str]:
    keys = [info.alias or name for block in blocks for name, info in block.model_fields.items()]
    return list(dict.fromkeys(keys))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models_in(inner)]


def _key_of(place: Path_) -> str:
    """The last named part of a place: an item of a list is told by its list."""
    return next((str(part) for part in reversed(place) if isinstance(part, str)), "the file")


def _inside(place: Path_) -> str:
    return f" in `{_key_of(place)}`" if place else ""


def _shown(value: object) -> str:
    """A value as the file writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and len(value) > 60:
        value = f"{value[:57]}…"
    text = _LOGIN.sub("//…@", repr(value))
    return text if len(text) <= 70 else f"{text[:67]}…"
