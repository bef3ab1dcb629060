"""Values of the model as JSON text and back, by pydantic over the very dataclasses."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapters: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    """Built on first use, and kept: building one costs more than a thousand uses."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def dump(value: object) -> str:
    """JSON text of one of the model's dataclasses."""
    return _adapter(type(value)).dump_json(value).decode()


def load(kind: type[T], text: str) -> T:
    """The dataclass again.

    Raises:
        ValueError: the text does not hold one.
    """
    value: T = _adapter(kind).validate_json(text)
    return value
