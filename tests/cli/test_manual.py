"""The manual page is what the commands say today, and the shells get their scripts."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Ran
from newswatch.cli import manual

Run = Callable[..., Ran]
PAGE = Path(__file__).parents[2] / "docs" / "man" / "newswatch.1"


def test_the_page_is_renewed_with_every_change() -> None:
    assert PAGE.read_text(encoding="utf-8") == manual.page(), "run `make man`"


def test_every_command_stands_in_it() -> None:
    from newswatch.cli import _COMMANDS

    text = manual.page().replace(r"\-", "-")
    for name in _COMMANDS:
        assert f"\\fBnewswatch {name}" in text


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_finds_no_mistake() -> None:
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "error", str(PAGE)], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


def test_a_line_that_begins_like_a_macro_is_text() -> None:
    assert manual._text(".eml files") == r"\&.eml files"
    assert manual._text("a\\b --c") == r"a\eb \-\-c"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(run: Run, shell: str) -> None:
    ran = run("completion", shell)
    assert ran.code == 0
    assert "_NEWSWATCH_COMPLETE" in ran.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_with_it(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").out, encoding="utf-8")
    asked = f"PATH={Path(sys.executable).parent}:$PATH; . {script}; COMP_WORDS=(newswatch che); COMP_CWORD=1; "
    done = subprocess.run(
        ["bash", "-c", asked + "_newswatch_completion newswatch; echo ${COMPREPLY[@]}"], capture_output=True, text=True
    )
    assert done.stdout.strip() == "check-config"
