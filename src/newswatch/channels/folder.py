"""Messages as ``.eml`` files in a folder: what is used when no channel is configured."""

from __future__ import annotations

import asyncio
import errno
import os
from contextlib import suppress
from pathlib import Path

from newswatch.channels.mime import Letterhead
from newswatch.config.values import mail_address
from newswatch.errors import DeliveryError, Reason
from newswatch.model import Answer, Message

_LETTERHEAD = Letterhead(
    mail_address("newswatch <newswatch@newswatch.invalid>"), [mail_address("reader <reader@newswatch.invalid>")]
)


class FolderSender:
    """Writes each message once, whole or not at all: a reader of the folder never sees half a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: Message) -> Answer:
        """Write ``<created>-<delivery id>.eml``; a file of that name is left as it is.

        Raises:
            DeliveryError: the folder cannot be written, or the disk is full; trying again is not pointless.
        """
        path = self._folder / f"{message.created:%Y%m%dT%H%M%SZ}-{message.delivery_id}.eml"
        raw = _LETTERHEAD.write(message)
        try:
            return Answer(await asyncio.to_thread(_write_once, path, raw))
        except OSError as error:
            raise _failure(self._folder, error) from error

    async def reach(self) -> str:
        """See whether the folder may be written.

        Raises:
            DeliveryError: it may not.
        """
        there = next(path for path in (self._folder, *self._folder.absolute().parents) if path.exists())
        if not there.is_dir():
            raise _failure(self._folder, NotADirectoryError())
        if not os.access(there, os.W_OK | os.X_OK):
            raise _failure(self._folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        return f"{self._folder} can be written"

    async def close(self) -> None:
        """Nothing is open."""


def _write_once(path: Path, raw: bytes) -> str:
    if path.exists():
        return f"{path} was there already"
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return f"written to {path}"


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failure(folder: Path, error: OSError) -> DeliveryError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DeliveryError(
            f"the disk of {folder} is full; make room, and the message is written at the next try",
            reason=Reason.CONNECTION,
        )
    in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
    what = "a file is in its place" if in_the_way else error.strerror or type(error).__name__
    return DeliveryError(
        f"{folder} cannot be written ({what}); make it a folder that newswatch may write, or change the channel's path",
        reason=Reason.CONFIGURATION,
    )
