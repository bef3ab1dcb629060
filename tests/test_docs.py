"""What the documents say is so: links lead somewhere, commands and options exist, words are explained."""

import re
import shlex
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest

from newswatch.cli import cli
from newswatch.store.tables import metadata

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


def commands(group: click.Group = cli, before: str = "") -> dict[str, click.Command]:
    """Every command by what is typed for it: ``once``, ``baseline show``."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            found |= commands(command, f"{name} ")
        elif command is not None:
            found[before + name] = command
    return found


def shell_lines(text: str) -> list[str]:
    """Lines that call newswatch, in fenced blocks and in `code`."""
    blocks = re.findall(r"```(?:sh|console|bash)\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`((?:venv/bin/)?newswatch [^`]+)`", text)
    lines = [line for block in blocks for line in block.splitlines()] + inline
    return [line.split("#")[0].strip() for line in lines if re.match(r"\s*(?:\S+/)?newswatch ", line)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = [target for target, _ in LINK.findall(document.read_text()) if "://" not in target]
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_options_exist(document: Path) -> None:
    known = commands()
    wrong = []
    for line in shell_lines(document.read_text()):
        words = shlex.split(line)[1:]
        words = [word for word in words if word not in {"-v", "-vv"}]
        if words[0] in {"--version", "--help", "COMMAND"}:
            continue
        if words[0] in {name.partition(" ")[0] for name in known if " " in name}:
            if len(words) == 1:
                continue
            words[:2] = [" ".join(words[:2])]
        if words[0] not in known:
            wrong.append(f"{line}: no such command")
            continue
        options = {option for param in known[words[0]].params for option in (*param.opts, *param.secondary_opts)}
        wrong += [
            f"{line}: no option {word}"
            for word in words[1:]
            if word.startswith("-") and word.split("=")[0] not in options | {"--help"}
        ]
    assert wrong == []


def test_the_check_above_can_fail() -> None:
    assert shell_lines("```sh\nvenv/bin/newswatch onec --dry  # no\n```\n`newswatch nope`") == [
        "venv/bin/newswatch onec --dry",
        "newswatch nope",
    ]


def test_every_command_is_documented() -> None:
    everything = "\n".join(document.read_text() for document in DOCUMENTS)
    assert [name for name in commands() if f"newswatch {name}" not in everything] == []


def test_every_command_has_help_that_teaches() -> None:
    for name, command in commands().items():
        assert command.help, name
        assert len(command.help) > 60, f"{name}: say what it does, for whom, and what comes out"
        undocumented = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
        assert undocumented == [], name


def test_the_two_commands_of_a_fresh_machine_are_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in ("demo", "test"):
        assert f"make {target}" in readme
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_the_changelog_is_for_this_version() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()


def test_every_table_is_drawn_and_no_other() -> None:
    text = (ROOT / "docs" / "store.md").read_text()
    drawn = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert drawn == set(metadata.tables)
    together = text.split("## What goes in one transaction")[1].split("##")[0]
    assert set(re.findall(r"`(\w+)`", together)) == set(metadata.tables)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_scripts_and_tests_that_are_named_exist(document: Path) -> None:
    named = re.findall(r"(?:benchmarks|tests|src)/[\w/.]+\.py", document.read_text())
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_library_is_used_and_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[<>=\[]", line)[0].lower() for line in project["dependencies"]}
    sources = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", sources, re.MULTILINE))
    owners = packages_distributions()
    used = {owner.lower().replace("_", "-") for name in imported for owner in owners.get(name, ())}
    assert declared - used == set()
    explained = (ROOT / "docs" / "design.md").read_text().split("## What we did not write")[1].lower()
    assert [name for name in sorted(declared) if name not in explained] == []
