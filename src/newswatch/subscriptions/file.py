"""The configuration's file, changed: checked before it is written, written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from newswatch.config.load import Loaded, usable
from newswatch.config.read import read_config
from newswatch.config.yamlfile import read_yaml
from newswatch.errors import ConfigError, NewswatchError

_MARK = b"\xef\xbb\xbf"


def _anything(_loaded: Loaded) -> None:
    """Whatever has no mistake may be written."""


def change(
    path: Path,
    environ: Mapping[str, str],
    edit: Callable[[str], str],
    *,
    accept: Callable[[Loaded], None] = _anything,
    write: bool = True,
) -> Loaded:
    """Change the text of a configuration.

    The file keeps its mode, its owner where the system allows it, its byte order mark and its place: a link stays a
    link, and what it leads to is changed. Readers find the old file or the new one. What was read for the edit is
    compared with what is there when it is written, under a lock that newswatch's own commands take.

    Args:
        path: newswatch.yaml.
        environ: the environment, for secrets.
        edit: from the old text to the new one; neither has a byte order mark.
        accept: looks at the configuration as it would be, before it is written, and raises what speaks against it.
        write: False only checks.

    Returns:
        The configuration as it is afterwards.

    Raises:
        ConfigError: the file has mistakes, or would have; nothing was written.
        NewswatchError: it changed meanwhile, or cannot be written; nothing was written.
    """
    read_yaml(path)
    place = Path(os.path.realpath(path))
    before = place.read_bytes()
    mark = _MARK if before.startswith(_MARK) else b""
    text = edit(before.removeprefix(_MARK).decode())
    loaded = _checked(path, environ, text)
    accept(loaded)
    after = mark + text.encode()
    if write and after != before:
        _replace(path, place, before, after)
    return loaded


def _checked(path: Path, environ: Mapping[str, str], text: str) -> Loaded:
    read = read_config(path, environ, text=text)
    if read.mistakes:
        # Those of the file as it is were said before anything was edited: these are of the change.
        raise ConfigError(read.mistakes)
    return usable(read)


def _replace(path: Path, place: Path, before: bytes, after: bytes) -> None:
    try:
        status = place.stat()
        if not status.st_mode & 0o222 or not os.access(place, os.W_OK):
            raise NewswatchError(f"{path} may not be written (it is read-only); nothing was changed")
        with _locked(place.parent):
            if place.read_bytes() != before:
                raise NewswatchError(f"{path} was changed by somebody else meanwhile; nothing was written: try again")
            _write_beside(place, after, status)
    except OSError as error:
        raise NewswatchError(f"{path} cannot be written ({error.strerror}); nothing was changed") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is old or new, never half; an existing one keeps its mode, and a link stays one.

    Raises:
        NewswatchError: it cannot be written.
    """
    place = Path(os.path.realpath(path))
    try:
        _write_beside(place, content, place.stat() if place.exists() else None)
    except OSError as error:
        raise NewswatchError(f"{path} cannot be written ({error.strerror}); name another file") from error


def _write_beside(place: Path, content: bytes, status: os.stat_result | None) -> None:
    number, name = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".tmp", dir=place.parent)
    try:
        with os.fdopen(number, "wb") as file:
            if status is not None:
                with suppress(PermissionError):
                    os.fchown(file.fileno(), status.st_uid, status.st_gid)
            os.fchmod(file.fileno(), 0o666 & ~_umask() if status is None else status.st_mode & 0o7777)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One newswatch at a time writes into a folder; the new file's name is on the disk at the end."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # A file system without locks loses the wait for another command, not the comparison.
        with suppress(OSError):
            fcntl.flock(number, fcntl.LOCK_EX)
        yield
        os.fsync(number)
    finally:
        os.close(number)


def _umask() -> int:
    """What the user's own files are made without; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
