"""Every mistake at once, with file, line and what to write instead."""

import os
from pathlib import Path

import pytest

from newswatch.config.load import find_config, load_config
from newswatch.config.secrets import read_secret
from newswatch.detect.topics import doubts
from newswatch.errors import ConfigError
from newswatch.scaffold import write_scaffold

ROOT = Path(__file__).parents[2]
EVENT = "event: e\ntitle: An event\nabout: {any: [Name]}\n"


def mistakes(folder: Path, text: str, event: str = EVENT) -> str:
    (folder / "events").mkdir(exist_ok=True)
    (folder / "events" / "e.yaml").write_text(event, encoding="utf-8")
    path = folder / "newswatch.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    return str(caught.value).replace(f"{folder}/", "")


def test_all_mistakes_of_all_files_are_said_at_once(tmp_path: Path) -> None:
    said = mistakes(tmp_path, "polling: {intervall: 5m}\nfeeds: [{url: 7}]", "event: e\nabout: {any: x}\n")
    assert said.splitlines() == [
        "newswatch.yaml:1: `intervall` is not a key here. Did you mean `interval`?",
        "newswatch.yaml:2: `url` must be text, not 7. Put it into quotes.",
        "events/e.yaml:1: `title` is missing. Add `title: …`.",
        "events/e.yaml:2: `any` must be a list, not 'x'. Write [one, two], or one item a line after a dash.",
    ]


@pytest.mark.parametrize("cron", ["0 7 * * 7", "0 7 * * 5-7", "*/15 6-22 * * mon-fri"])
def test_a_cron_that_sending_takes_is_a_good_one(cron: str, tmp_path: Path) -> None:
    text = "channels: {f: {type: folder, path: x}}\n"
    text += f"recipients: [{{id: r, channels: [f], digest: {{cron: '{cron}'}}}}]\n"
    write_scaffold(tmp_path)
    (tmp_path / "newswatch.yaml").write_text(text)
    assert load_config(tmp_path / "newswatch.yaml", {}).recipients[0].digest is not None


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    return str(caught.value).replace(f"{path.parent}/", "")


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "big").write_bytes(b"#" * 5_000_001)
    instead = "`newswatch init` writes one to start from."
    assert refusal(tmp_path / "none") == f"none: there is no such file. {instead}"
    assert refusal(tmp_path / "link") == "link: is a link that leads nowhere. Mend the link, or name another file."
    assert refusal(tmp_path / "folder") == "folder: is a folder. Name the file in it."
    assert refusal(tmp_path / "loop").startswith("loop: cannot be read: Too many levels of symbolic links.")
    assert refusal(tmp_path / "big") == "big: is 5.0 MB; a configuration has at most 5 MB. Is it another file?"


def test_an_event_file_that_is_no_file_is_said_beside_the_rest(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "folder.yaml").mkdir()
    (tmp_path / "events" / "link.yaml").symlink_to(tmp_path / "nowhere")
    assert mistakes(tmp_path, "polling: {intervall: 5m}\nevents: [events/*.yaml, events/link.yaml]").splitlines() == [
        "newswatch.yaml:1: `intervall` is not a key here. Did you mean `interval`?",
        "events/folder.yaml: is a folder. Name the file in it.",
        "events/link.yaml: is a link that leads nowhere. Mend the link, or name another file.",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="whoever may read everything meets no file that cannot be read")
def test_a_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    path.touch(mode=0)
    said = "newswatch.yaml: cannot be read: Permission denied. Make it readable for this user."
    assert refusal(path) == said


def test_a_secret_is_never_in_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    for env, file in (("A", None), ("", Path("none")), ("", Path("empty")), ("B", Path("empty"))):
        with pytest.raises(ConfigError) as caught:
            read_secret(env=env, file=file, base=tmp_path, environ={"B": "hunter2"})
        assert "hunter2" not in str(caught.value)
    assert read_secret(env="B", file=None, base=tmp_path, environ={"B": "hunter2\n"}) == "hunter2"


def test_where_the_configuration_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="none found"):
        find_config(None, {"HOME": str(tmp_path)})
    (tmp_path / "newswatch.yaml").touch()
    assert find_config(None, {}) == Path("newswatch.yaml")
    assert find_config(None, {"NEWSWATCH_CONFIG": "/x"}) == Path("/x")


def test_what_is_shipped_is_usable_without_a_doubt(tmp_path: Path) -> None:
    write_scaffold(tmp_path)
    for base in (ROOT / "config", tmp_path):
        loaded = load_config(base / "newswatch.yaml", {})
        assert loaded.doubts == ()
        assert [doubt for event in loaded.events for doubt in doubts(event)] == []
