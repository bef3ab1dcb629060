"""``newswatch init``: a commented configuration and an event file to start from, with schemas for editors."""

from __future__ import annotations

from pathlib import Path

from newswatch.config.paths import data_dir
from newswatch.errors import NewswatchError

_FILES = {
    "newswatch.yaml": "scaffold/newswatch.yaml",
    "events/my-event.yaml": "scaffold/events/my-event.yaml",
    "schemas/newswatch.schema.json": "schemas/newswatch.schema.json",
    "schemas/event.schema.json": "schemas/event.schema.json",
}


def write_scaffold(folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write the files into a folder, made when missing.

    Args:
        folder: where to.
        force: overwrite what is there.

    Returns:
        The files written.

    Raises:
        NewswatchError: a file is there already, or cannot be written; nothing was overwritten without ``force``.
    """
    targets = {name: folder / name for name in _FILES}
    there = [name for name, path in targets.items() if path.exists() or path.is_symlink()]
    if there and not force:
        what = f"{folder} has {', '.join(there)} already"
        raise NewswatchError(f"{what}; name another folder, or overwrite with --force")
    for name, target in targets.items():
        content = (data_dir("config") / _FILES[name]).read_bytes()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as error:
            raise NewswatchError(_refusal(target, error)) from error
    return tuple(targets.values())


def _refusal(target: Path, error: OSError) -> str:
    """Why a file could not be written, and what to do."""
    if isinstance(error, IsADirectoryError):
        return f"{target} is a folder where a file would be written; take it away, or name another folder"
    # A file where a folder is needed shows as one error or another, depending on how far above it stands.
    blocking = next((path for path in target.parents if path.exists() and not path.is_dir()), None)
    if blocking is not None:
        return f"{blocking} is a file; name a folder, or one that does not exist yet"
    if isinstance(error, PermissionError):
        return f"{target.parent} cannot be written by this user; name another folder, or change its permissions"
    return f"{target} cannot be written: {error.strerror}; name another folder"
