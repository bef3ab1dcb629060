"""``newswatch completion``: what a shell needs to complete newswatch's commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from newswatch.cli import EXIT_DONE, cli

_VARIABLE = "_NEWSWATCH_COMPLETE"


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch completion bash > ~/.local/share/bash-completion/completions/newswatch\n"
    "  newswatch completion zsh > ~/.zfunc/_newswatch       with fpath+=~/.zfunc before compinit\n"
    "  newswatch completion fish > ~/.config/fish/completions/newswatch.fish\n"
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print a script that completes commands and options in your shell.

    Write it where your shell looks for such scripts, once; it stays right when newswatch is upgraded. bash needs
    version 4.4 or newer.
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"there is no completion for {shell}")
    click.echo(found(cli, {}, "newswatch", _VARIABLE).source())
    return EXIT_DONE
