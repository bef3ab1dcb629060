"""``newswatch baseline draft`` as a user calls it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Ran
from loopback.feed_server import FeedServer, Route
from loopback.world import write_config
from newswatch.config.load import load_event

Run = Callable[..., Ran]
STORY = (
    "Dam breaks in Velmora\n\nThree people were killed in Velmora. "
    "Police in Velmora detained the director of the dam, Igor Lyadov.\n"
)


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    return path


def test_a_draft_is_checked_and_shown(run: Run, story: Path, tmp_path: Path) -> None:
    write_config(tmp_path, {"wire": "https://wire.example.org/rss"})
    event = tmp_path / "events" / "velmora.yaml"
    event.unlink()
    drafted = run("baseline", "draft", story, "--title", "The dam", "--output", event)
    assert (drafted.code, drafted.out) == (0, "")
    assert drafted.err == f"{event}: 2 facts, 2 names; correct what is guessed, then run  newswatch check-config\n"
    assert run("check-config").code == 0
    assert "Three people were killed in Velmora." in run("baseline", "show").out
    assert load_event(event).title == "The dam"
    again = run("baseline", "draft", story, "--output", event)
    assert (again.code, "is there already, and may have been edited; name another file" in again.err) == (1, True)


def test_without_an_output_it_goes_to_stdout(run: Run, story: Path) -> None:
    drafted = run("baseline", "draft", story, "--event", "dam")
    assert drafted.out.startswith("# yaml-language-server: ")
    assert 'event: "dam"\n' in drafted.out
    assert drafted.err == "2 facts, 2 names; correct what is guessed, then run  newswatch check-config\n"


def test_addresses_are_guarded_by_the_configuration(run: Run, story: Path, tmp_path: Path) -> None:
    page = f"<html><title>Dam</title><article><p>{STORY}</p></article></html>".encode()
    with FeedServer({"/a": Route(page, content_type="text/html")}) as server:
        refused = run("baseline", "draft", server.url("/a"))
        assert (refused.code, refused.out) == (1, "")
        assert "is at a private address; set polling.allow_private: true" in refused.err
        write_config(tmp_path, {"wire": server.url("/rss")})
        drafted = run("baseline", "draft", server.url("/a"))
        assert drafted.code == 0, drafted.err
        assert f'url: "{server.url("/a")}"' in drafted.out
        missing = run("baseline", "draft", server.url("/none"), story)
        assert (missing.code, missing.out) == (1, "")
        assert (
            missing.err
            == f"newswatch: {server.url('/none')} answered 404: there is no such page; look for its new address\n"
        )


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        ((), 2, "Missing argument 'ARTICLE...'"),
        (("none.txt",), 1, "newswatch: none.txt: there is no such file\n"),
        (("story.txt", "--event", "No Spaces"), 2, "'No Spaces' is not a short name; write small letters"),
        (("story.txt", "--output", "none/e.yaml"), 1, "none/e.yaml cannot be written: No such file or directory"),
        (("https://a.example.invalid/x", "-c", "none.yaml"), 2, "there is no such file"),
    ],
)
def test_what_cannot_be_done_is_said(args: tuple[str, ...], code: int, sentence: str, run: Run, story: Path) -> None:
    found = run("baseline", "draft", *args)
    assert (found.code, found.out) == (code, "")
    assert sentence in found.err
