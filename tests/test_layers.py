"""Imports only go down, and packages on one floor do not know each other (docs/design.md, Floors)."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_contracts_hold() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


def test_every_floor_is_in_the_design() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    floors = (ROOT / "docs" / "design.md").read_text()
    names = {name for layer in contract["layers"] for name in re.findall(r"\w+", layer)}
    assert {name for name in names if f"`{name}`" not in floors} == set()
