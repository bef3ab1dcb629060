"""The manual page newswatch(1), made of the commands' own help: ``python -m newswatch.cli.manual > newswatch.1``.

man(7) macros: https://man7.org/linux/man-pages/man7/man.7.html. Every command is a subsection of one page, so that
``man newswatch`` can be searched for anything.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import click

from newswatch import __version__
from newswatch.cli import cli

_CONFIGURATION = (
    "The configuration: --config FILE, $NEWSWATCH_CONFIG, ./newswatch.yaml, ./config/newswatch.yaml, then the user's "
    "and the system's configuration folders."
)
_FILES = (
    ("newswatch.yaml", _CONFIGURATION),
    ("events/*.yaml", "What is followed: one file an event."),
    ("newswatch.db", "The store, beside the configuration unless store.url says otherwise."),
)  # fmt: skip
_CODES = (("0", "Done."), ("1", "Some feeds or deliveries failed, or the store did."),
          ("2", "Wrong usage, or a configuration with mistakes."))  # fmt: skip


def page() -> str:
    """The whole page, in roff."""
    with click.Context(cli, info_name="newswatch") as root:
        lines = [
            f'.TH NEWSWATCH 1 "" "newswatch {__version__}" "User Commands"',
            ".SH NAME",
            r"newswatch \- follow running news events; be told once, with proof, when a story says something new",
            ".SH SYNOPSIS",
            r".B newswatch",
            r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]",
            ".SH DESCRIPTION",
            *_paragraphs(
                "newswatch polls news feeds, compares each story with what is already known of the events you follow, "
                "and tells you once when a story says something new: what is new, what was known before, and which "
                "sentence of which source proves it. Retellings stay silent."
            ),
            *_paragraphs(_epilog(cli)),
            ".SH OPTIONS",
            *_options(cli, root),
            ".SH COMMANDS",
        ]
        for names, command, context in _commands(cli, root, ()):
            lines += _command(names, command, context)
    lines += [".SH FILES", *_listed(_FILES), ".SH EXIT STATUS", *_listed(_CODES)]
    lines += [".SH SEE ALSO", ".BR systemctl (1),", ".BR journalctl (1)"]
    return "\n".join(lines) + "\n"


def _commands(
    group: click.Group, context: click.Context, before: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        names = (*before, name)
        if isinstance(command, click.Group):
            yield from _commands(command, inner, names)
        else:
            yield names, command, inner


def _command(names: tuple[str, ...], command: click.Command, context: click.Context) -> list[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    return [
        f".SS {_text(' '.join(names))}",
        rf"\fBnewswatch {_text(' '.join(names))}\fR {_text(usage)}",
        *_paragraphs(command.help or ""),
        *_options(command, context),
        *_paragraphs(_epilog(command)),
    ]


def _epilog(command: click.Command) -> str:
    return command.epilog or ""


def _options(command: click.Command, context: click.Context) -> list[str]:
    options = [one for one in command.get_params(context) if isinstance(one, click.Option) and "--help" not in one.opts]
    return _listed([record for option in options if (record := option.get_help_record(context))])


def _listed(pairs: object) -> list[str]:
    lines: list[str] = []
    for name, words in pairs:  # type: ignore[attr-defined]
        lines += [".TP", rf"\fB{_text(name)}\fR", _text(words)]
    return lines


def _paragraphs(text: str) -> list[str]:
    r"""Help text as click has it: paragraphs parted by empty lines, and ``\b`` before one whose lines stay."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.startswith("\b"):
            kept = [line for line in paragraph.lstrip("\b").strip("\n").split("\n") if line.strip()]
            lines += [".PP", ".nf", *map(_text, kept), ".fi"]
        elif paragraph:
            lines += [".PP", _text(" ".join(paragraph.split()))]
    return lines


def _text(text: str) -> str:
    """Text that roff prints as it is: no escapes, hyphens that can be copied, no line that begins like a macro."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("`", r"\(ga")
    return rf"\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    sys.stdout.write(page())
