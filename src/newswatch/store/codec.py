"""Values of the model as JSON text and back, by pydantic over the very dataclasses."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

from newswatch.errors import StoreError

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
        StoreError: the text does not hold one.
    """
    try:
        value: T = _adapter(kind).validate_json(text)
    except ValueError as error:
        said = str(error).splitlines()
        raise StoreError(
            f"the store holds a {kind.__name__} that cannot be read ({said[1 if len(said) > 1 else 0].strip()}); "
            f"it is damaged, or another build of newswatch wrote it: restore a backup"
        ) from error
    return value
