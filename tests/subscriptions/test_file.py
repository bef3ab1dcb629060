"""The configuration's file is changed whole, checked, and never behind somebody's back."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from loopback.world import write_config
from newswatch.errors import ConfigError, NewswatchError
from newswatch.subscriptions.file import change, write_whole


def behind(more: str) -> Callable[[str], str]:
    return lambda text: text + more


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, {"wire": "https://wire.example/"})


def test_mode_and_byte_order_mark_are_kept(config: Path) -> None:
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())
    config.chmod(0o640)
    loaded = change(config, {}, behind("retention: 1d\n"))
    assert loaded.settings.retention.days == 1
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    assert config.read_bytes().startswith(b"\xef\xbb\xbfpolling")
    assert config.read_bytes().endswith(b"retention: 1d\n")


def test_a_link_stays_a_link_and_relative_paths_are_those_of_the_link(config: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "git" / "newswatch.yaml"
    elsewhere.parent.mkdir()
    config.rename(elsewhere)
    config.symlink_to(elsewhere)
    change(config, {}, behind("# more\n"))
    assert config.is_symlink()
    assert elsewhere.read_text().endswith("# more\n")
    assert sorted(path.name for path in elsewhere.parent.iterdir()) == ["newswatch.yaml"]


def test_what_would_be_a_mistake_is_not_written(config: Path) -> None:
    before = config.read_bytes()
    with pytest.raises(ConfigError, match=r"newswatch\.yaml:4: .*nonsense"):
        change(config, {}, behind("nonsense: 1\n"))
    assert config.read_bytes() == before
    assert sorted(path.name for path in config.parent.iterdir()) == ["events", "newswatch.yaml"]


def test_a_file_that_changed_meanwhile_is_left_alone(config: Path) -> None:
    def edit(text: str) -> str:
        config.write_text(f"{text}# by an editor\n")
        return f"{text}# by us\n"

    with pytest.raises(NewswatchError, match="changed by somebody else meanwhile"):
        change(config, {}, edit)
    assert config.read_text().endswith("# by an editor\n")
    assert sorted(path.name for path in config.parent.iterdir()) == ["events", "newswatch.yaml"]


def test_a_read_only_file_is_left_alone(config: Path) -> None:
    config.chmod(0o444)
    with pytest.raises(NewswatchError, match=r"newswatch\.yaml may not be written \(it is read-only\)"):
        change(config, {}, behind("# more\n"))
    assert "# more" not in config.read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_said(config: Path) -> None:
    config.parent.chmod(0o555)
    try:
        with pytest.raises(NewswatchError, match="cannot be written"):
            change(config, {}, behind("# more\n"))
    finally:
        config.parent.chmod(0o755)


def test_a_check_alone_writes_nothing(config: Path) -> None:
    before = config.stat().st_mtime_ns, config.read_bytes()
    change(config, {}, behind("retention: 1d\n"), write=False)
    assert (config.stat().st_mtime_ns, config.read_bytes()) == before


def test_a_file_that_is_not_there_or_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        change(tmp_path / "no.yaml", {}, behind(""))
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe4\n")
    with pytest.raises(ConfigError, match=r"latin\.yaml:1: is not UTF-8"):
        change(tmp_path / "latin.yaml", {}, behind(""))


def test_a_new_file_is_made_as_the_user_makes_files(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_whole(tmp_path / "x.opml", b"x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "x.opml").stat().st_mode) == 0o640
    with pytest.raises(NewswatchError, match="cannot be written"):
        write_whole(tmp_path / "no" / "x.opml", b"x")
