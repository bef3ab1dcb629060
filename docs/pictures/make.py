"""Remakes the picture of a real alert email: `make demo`, then `python docs/pictures/make.py`. Needs chromium.

python docs/pictures/make.py [EMAIL.html] [--dark]
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
WIDTH = 760
EMAILS = HERE.parents[1] / "demo-output" / "emails"
# The alert that is shown, by words in it: which number it bears depends on which feed answered first.
SHOWN = "Atambayev surrenders after second raid"
_MEASURE = "<script>document.documentElement.dataset.height = document.querySelector('.page').offsetHeight</script>"


def main() -> int:
    """Photograph an email at its full height."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("email", nargs="?", type=Path, default=shown())
    parser.add_argument("--output", type=Path, default=HERE / "alert-email.png")
    parser.add_argument("--dark", action="store_true", help="as a reader in the dark sees it")
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("make.py: no chromium here; install Debian's package chromium")
    if not given.email.is_file():
        sys.exit(f"make.py: {given.email} is not there; run  make demo  first, or name an email's HTML file")
    with tempfile.TemporaryDirectory() as profile:
        photograph(chromium, Path(profile), given.email.resolve(), given.output.resolve(), dark=given.dark)
    print(f"{given.output} ({given.output.stat().st_size // 1000} kB)")
    return 0


def shown() -> Path:
    """The alert of the demo that the README shows."""
    emails = sorted(EMAILS.glob("*.html"))
    return next((email for email in emails if SHOWN in email.read_text(encoding="utf-8")), EMAILS / "01.html")


def photograph(chromium: str, profile: Path, email: Path, output: Path, *, dark: bool) -> None:
    """Measure the page, then take its picture; the `.page` table is as high as the email.

    Raises:
        subprocess.CalledProcessError: chromium did not start.
    """
    measured = profile / "measured.html"
    measured.write_text(email.read_text(encoding="utf-8").replace("</body>", f"{_MEASURE}</body>"), encoding="utf-8")
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--hide-scrollbars", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={profile / 'profile'}",
        *(["--blink-settings=preferredColorScheme=0"] if dark else []),
    ]  # fmt: skip
    dom = _run([*command, f"--window-size={WIDTH},600", "--dump-dom", measured.as_uri()])
    found = re.search(r'data-height="(\d+)"', dom)
    height = int(found[1]) if found else 900
    _run([*command, f"--window-size={WIDTH},{height}", f"--screenshot={output}", email.as_uri()])


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


if __name__ == "__main__":
    sys.exit(main())
