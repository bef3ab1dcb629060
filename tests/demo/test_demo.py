"""The demo is run whole: the recorded week through the real command, with its own checks."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(300)
def test_the_recorded_week(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "demo" / "run.py"), "--output", str(tmp_path / "out")],
        capture_output=True, text=True, timeout=280,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr
    assert "FAIL" not in result.stdout
    assert list((tmp_path / "out" / "emails").glob("*.eml"))
