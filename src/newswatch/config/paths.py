"""Where newswatch's own files are: templates, example configuration, systemd unit."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def data_dir(name: str) -> Path:
    """The folder of that name: inside the installed package, or at the top of a checkout.

    Args:
        name: ``templates``, ``config`` or ``systemd``.
    """
    packaged = _PACKAGE / "_data" / name
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / name


def words_languages(users: Path | None) -> tuple[str, ...]:
    """The languages that messages have words in: a file ``words/<code>.toml`` each.

    Args:
        users: the user's own templates, or None.
    """
    folders = [folder / "words" for folder in (data_dir("templates"), users) if folder is not None]
    return tuple(sorted({path.stem for folder in folders for path in folder.glob("*.toml")}))
