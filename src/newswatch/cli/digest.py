"""``newswatch digest --preview``: the next digest as it stands now, as files, without sending anything."""

from __future__ import annotations

import asyncio
import os
import sys
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import click

from newswatch.alerting.render import Renderer
from newswatch.app import App
from newswatch.cli import EXIT_DONE
from newswatch.cli.common import Length, clock, config_option, opened
from newswatch.config.load import Loaded, load_config
from newswatch.config.settings import Recipient
from newswatch.errors import NewswatchError
from newswatch.model import Delivery, Message, make_id


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch digest --preview                      of the first recipient who gets one\n"
    "  newswatch digest --preview desk --since 24h     what the last day would tell the desk\n"
)
@click.argument("recipient", required=False)
@config_option
@click.option("--preview", is_flag=True, help="Write the digest to files and open it. (What `digest` can do.)")
@click.option(
    "--since", type=Length(), metavar="LENGTH", help="How far back its period goes. Left out: to the last digest."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="here",
    metavar="DIR",
    help="The folder for the files.",
)
@click.option("--no-open", is_flag=True, help="Do not open it in the browser.")
def digest(
    recipient: str | None, config: Path | None, preview: bool, since: timedelta | None, out: Path, no_open: bool
) -> int:
    """Show the next digest; nothing is sent.

    What it would say to RECIPIENT now: nothing is marked as told either.

    Writes `digest-RECIPIENT.html` and `.txt`, prints the path of the first, and opens it in the browser where there is
    one. It may run beside `newswatch run`. Exit code 0: written. 1: the files or the store could not be used. 2: there
    is no such recipient, or the configuration has mistakes.
    """
    if not preview:
        raise click.UsageError("say --preview: digests are sent by `newswatch run` and `newswatch once`, at their time")
    loaded = load_config(config, os.environ)
    chosen = _recipient(loaded, recipient)
    message = asyncio.run(_rendered(loaded, chosen, since))
    if message.notice:
        click.echo(message.notice, err=True)
    path = _written(out, chosen.id, message)
    click.echo(str(path))
    if not no_open and _has_display():
        click.launch(path.as_uri())
    return EXIT_DONE


def _recipient(loaded: Loaded, name: str | None) -> Recipient:
    """The one that is named, or the first who gets digests."""
    known = ", ".join(one.id for one in loaded.recipients)
    for one in loaded.recipients:
        if one.id == name or (name is None and one.digest is not None):
            return one
    if name is None:
        raise click.UsageError(f"nobody gets a digest; name one of the recipients: {known}")
    raise click.UsageError(f"no recipient is called {name!r}; configured: {known}")


async def _rendered(loaded: Loaded, recipient: Recipient, since: timedelta | None) -> Message:
    now = clock()
    with opened(loaded) as store:
        async with App(loaded, store, environ=os.environ) as app:
            alert = await app.preview_digest(recipient, None if since is None else now - since, now)
    delivery = Delivery(make_id("dlv", alert.alert_id, "preview"), alert, "preview", created=now, next_due=now)
    return Renderer(loaded.templates, public_url=loaded.settings.public_url).render(delivery, recipient=recipient)


def _written(folder: Path, name: str, message: Message) -> Path:
    """The HTML file, whole in itself, with the text beside it."""
    html = message.html
    for image in message.images:
        html = html.replace(f"cid:{image.cid}", f"data:image/png;base64,{b64encode(image.png).decode()}")
    path = folder.absolute() / f"digest-{name}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8", errors="replace")
        path.with_suffix(".txt").write_text(f"{message.subject}\n\n{message.text}", encoding="utf-8", errors="replace")
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise NewswatchError(f"{path} cannot be written ({what}); name another folder with --out") from error
    return path


def _has_display() -> bool:
    """A browser has somewhere to open; on Linux that is said by the environment."""
    return not sys.platform.startswith("linux") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
