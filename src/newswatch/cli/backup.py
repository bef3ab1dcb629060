"""``newswatch backup`` and ``newswatch restore``."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from newswatch.cli import EXIT_DONE
from newswatch.cli.common import at, clock, config_option, opened, plural
from newswatch.config.load import load_config
from newswatch.store.backup import Held, back_up, looked_at
from newswatch.store.backup import restore as put_back

_GLOB = "newswatch-*.db"


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch backup /var/backups/newswatch             a new file in that folder, named by the time\n"
    "  newswatch backup /var/backups/newswatch --keep 14   and only the newest fourteen stay\n"
    "  newswatch backup before-upgrade.db                  this very file\n"
)
@click.argument("target", type=click.Path(path_type=Path), metavar="FOLDER|FILE")
@click.option("--keep", type=click.IntRange(1), default=None, help="In a folder: remove all but so many, the newest.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@config_option
def backup(target: Path, keep: int | None, force: bool, config: Path | None) -> int:
    """Write the store into one file, while newswatch runs.

    The file is checked before it takes its name. It holds all that newswatch knows: what was told to whom, what is
    still to be sent, the ledgers, the stories. The configuration is not in it; copy its folder beside it. A backup of a
    PostgreSQL store is a file of the same kind, and either can be restored into either.
    """
    loaded, now = load_config(config, os.environ), clock()
    folder = target.is_dir()
    if keep is not None and not folder:
        raise click.UsageError(f"--keep works on a folder, and {target} is none; make it first, or leave --keep out")
    path = target / f"newswatch-{now:%Y%m%dT%H%M%SZ}.db" if folder else target
    with opened(loaded) as store:
        held = back_up(store, path, now=now, overwrite=force)
    click.echo(f"{path}: {_words(held)}")
    for old in sorted(target.glob(_GLOB))[:-keep] if keep is not None else ():
        old.unlink()
        click.echo(f"{old}: removed, {keep} newer ones are kept")
    return EXIT_DONE


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch restore backup.db --check      only say what it holds, and whether it is whole\n"
    "  newswatch restore backup.db              into a store that is new or empty\n"
    "  newswatch restore backup.db --replace    in place of the store that is there\n"
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--check", is_flag=True, help="Change nothing: say what the backup holds.")
@click.option("--replace", is_flag=True, help="Put it in place of a store that holds something.")
@config_option
def restore(file: Path, check: bool, replace: bool, config: Path | None) -> int:
    """Put a backup in place of the configured store.

    Stop newswatch first. A backup of an earlier version is upgraded; the file itself is not changed. What was sent
    after the backup was made may be sent once more, under the same ids, as far as it was due then.
    """
    held = looked_at(file)
    click.echo(f"{file}: {_words(held)}")
    if check:
        return EXIT_DONE
    loaded, now = load_config(config, os.environ), clock()
    old = put_back(file, loaded.settings.store.url, base=loaded.base, now=now, replace=replace)
    click.echo("restored; start newswatch again, or look first: `newswatch deliveries --due`, `newswatch decisions`")
    if old is not None:
        click.echo(f"the store that was there is kept as {old}; remove it when all is well")
    return EXIT_DONE


def _words(held: Held) -> str:
    newest = f", the newest story of {at(held.newest)}" if isinstance(held.newest, datetime) else ""
    counts = ", ".join(plural(held.rows[name], name) for name in ("feed", "story", "fact", "delivery"))
    return f"{held.size / 1e6:.1f} MB; {counts} ({held.due} due){newest}"
