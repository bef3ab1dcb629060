"""The folder channel on real files."""

import errno
import resource
import signal
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from loopback.news import message
from newswatch.channels import Sender, open_channel
from newswatch.config.settings import FolderChannel
from newswatch.errors import DeliveryError, Reason

NAME = "20310302T180500Z-dlv_0123456789abcdef0123.eml"


def opened(base: Path, path: str = "outbox") -> Sender:
    return open_channel("files", FolderChannel(type="folder", path=Path(path)), base=base, environ={})


async def test_a_message_becomes_one_file(tmp_path: Path) -> None:
    answer = (await opened(tmp_path).send(message())).said
    [file] = (tmp_path / "outbox").iterdir()
    assert file.name == NAME
    assert answer == f"written to {file}"
    mail = message_from_bytes(file.read_bytes(), policy=SMTP)
    assert mail["Subject"] == message().subject
    assert mail["X-Newswatch-Delivery"] == message().delivery_id


async def test_the_same_id_is_never_written_twice(tmp_path: Path) -> None:
    sender = opened(tmp_path)
    await sender.send(message())
    before = (tmp_path / "outbox" / NAME).read_bytes()
    answer = (await sender.send(message(subject="another"))).said
    assert answer == f"{tmp_path / 'outbox' / NAME} was there already"
    assert (tmp_path / "outbox" / NAME).read_bytes() == before


async def test_a_half_written_file_of_a_crash_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox" / f".{NAME}.part").write_bytes(b"half")
    await opened(tmp_path).send(message())
    assert [file.name for file in (tmp_path / "outbox").iterdir()] == [NAME]


async def test_a_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(DeliveryError) as caught:
        await opened(tmp_path).send(message())
    assert str(caught.value) == (
        f"{tmp_path / 'outbox'} cannot be written (a file is in its place); "
        "make it a folder that newswatch may write, or change the channel's path"
    )
    assert (caught.value.reason, caught.value.permanent) == (Reason.CONFIGURATION, False)


async def test_a_folder_that_takes_no_files_is_told() -> None:
    with pytest.raises(DeliveryError) as caught:
        await opened(Path("/proc"), "newswatch").send(message())
    assert str(caught.value) == (
        "/proc/newswatch cannot be written (No such file or directory); "
        "make it a folder that newswatch may write, or change the channel's path"
    )


@pytest.fixture
def small_files() -> Iterator[None]:
    """The kernel lets no file grow beyond 100 bytes: a write fails in the middle, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


@pytest.mark.usefixtures("small_files")
async def test_a_write_that_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"cannot be written \(File too large\)"):
        await opened(tmp_path).send(message())
    assert list((tmp_path / "outbox").iterdir()) == []


def test_a_full_disk_is_told() -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("this system has no /dev/full")
    from newswatch.channels.folder import _failure

    with pytest.raises(OSError, match="No space left") as caught, full.open("wb", buffering=0) as file:
        file.write(b"x")
    assert caught.value.errno == errno.ENOSPC
    assert str(_failure(Path("/var/outbox"), caught.value)) == (
        "the disk of /var/outbox is full; make room, and the message is written at the next try"
    )
