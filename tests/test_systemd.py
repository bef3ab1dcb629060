"""The shipped unit is clean and hardened, by systemd's own tools."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parent.parent / "systemd" / "newswatch.service"

pytestmark = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that exists on this machine, since verify looks for it."""
    copy = tmp_path / "newswatch.service"
    copy.write_text(UNIT.read_text().replace("/usr/local/bin/newswatch", "/bin/true"))
    return copy


def analyze(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, timeout=60)


def test_verify_finds_nothing(unit: Path) -> None:
    result = analyze("verify", "--man=no", str(unit))
    assert result.stderr == ""
    assert result.returncode == 0


def test_verify_would_find_a_mistake(unit: Path) -> None:
    unit.write_text(unit.read_text() + "\n[Service]\nWatchdogSec=soon\n")
    assert "Failed to parse sec value" in analyze("verify", "--man=no", str(unit)).stderr


def test_exposure_is_2_or_lower(unit: Path) -> None:
    result = analyze("security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level for newswatch\.service: ([0-9.]+)", result.stdout)
    assert found is not None, result.stdout + result.stderr
    assert float(found[1]) <= 2.0
