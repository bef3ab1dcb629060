"""``newswatch init``: a commented configuration and an event file to start from."""

from __future__ import annotations

from pathlib import Path

from newswatch.config.paths import data_dir
from newswatch.errors import NewswatchError

_FILES = ("newswatch.yaml", "events/my-event.yaml")


def write_scaffold(folder: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Write the files into a folder, made when missing.

    Args:
        folder: where to.
        force: overwrite what is there.

    Returns:
        The files written.

    Raises:
        NewswatchError: a file is there already, or cannot be written; nothing was overwritten.
    """
    targets = tuple(folder / name for name in _FILES)
    there = [str(path) for path in targets if path.exists()]
    if there and not force:
        raise NewswatchError(f"{', '.join(there)} is there already; name another folder, or overwrite with --force")
    source = data_dir("config") / "scaffold"
    try:
        for name, target in zip(_FILES, targets, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((source / name).read_bytes())
    except OSError as error:
        raise NewswatchError(f"{folder}: cannot be written: {error.strerror}") from error
    return targets
