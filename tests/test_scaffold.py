"""`newswatch init`: what it writes works at once, and what stops it is said in words."""

import errno
import os
from pathlib import Path

import pytest

from newswatch.config.read import read_config
from newswatch.errors import NewswatchError
from newswatch.scaffold import write_scaffold


def refusal(folder: Path) -> str:
    with pytest.raises(NewswatchError) as caught:
        write_scaffold(folder)
    return str(caught.value)


def test_what_is_written_is_usable_without_a_doubt(tmp_path: Path) -> None:
    written = write_scaffold(tmp_path / "new" / "folder")
    assert [str(path.relative_to(tmp_path / "new" / "folder")) for path in written] == [
        "newswatch.yaml",
        "events/my-event.yaml",
        "schemas/newswatch.schema.json",
        "schemas/event.schema.json",
    ]
    read = read_config(written[0], {})
    assert (read.mistakes, read.doubts) == ((), ())


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "newswatch.yaml").write_text("mine")
    said = f"{tmp_path} has newswatch.yaml already; name another folder, or overwrite with --force"
    assert refusal(tmp_path) == said
    assert (tmp_path / "newswatch.yaml").read_text() == "mine"
    assert not (tmp_path / "events").exists()
    write_scaffold(tmp_path, force=True)
    assert (tmp_path / "newswatch.yaml").read_text() != "mine"
    assert "has newswatch.yaml, events/my-event.yaml, schemas/newswatch.schema.json, schemas/" in refusal(tmp_path)


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "newswatch.yaml").symlink_to(tmp_path / "elsewhere")
    assert "has newswatch.yaml already" in refusal(tmp_path)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = f"{tmp_path}/file is a file; name a folder, or one that does not exist yet"
    assert refusal(tmp_path / "file") == said
    assert refusal(tmp_path / "file" / "below") == said


def test_a_file_in_place_of_the_folder_of_events(tmp_path: Path) -> None:
    (tmp_path / "events").touch()
    assert refusal(tmp_path) == f"{tmp_path}/events is a file; name a folder, or one that does not exist yet"


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "newswatch.yaml").mkdir()
    with pytest.raises(NewswatchError, match=r"newswatch.yaml is a folder where a file would be written; take it away"):
        write_scaffold(tmp_path, force=True)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "{} cannot be written by this user; name another folder, or change its permissions"),
        (errno.ENOSPC, "{}/newswatch.yaml cannot be written: No space left on device; name another folder"),
        (errno.EROFS, "{}/newswatch.yaml cannot be written: Read-only file system; name another folder"),
    ],
)
def test_a_folder_that_takes_nothing(number: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _content: bytes) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert refusal(tmp_path) == said.format(tmp_path)
