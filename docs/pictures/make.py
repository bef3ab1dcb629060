"""Remakes the pictures of real emails: `make demo`, then `python docs/pictures/make.py`. Needs chromium.

An alert and a digest of the demo at the width of a phone and of a desktop, light and dark, for docs/emails.md, and the
picture in the README. With a file, only that email is photographed, into the folder given.

    python docs/pictures/make.py [EMAIL.html --output FOLDER]
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
EMAILS = HERE.parents[1] / "demo-output" / "emails"
PHONE, DESKTOP = 390, 900
# The alert and the digest that are shown, by words in them: their numbers depend on which feed answered first.
SHOWN = {"alert": "98 injured in clashes", "digest": "data:image/png"}
# Chromium lays out no page narrower than 500 when it only dumps it; a frame in it can be as narrow as a phone.
_MEASURE = "<script>onload = () => parent.postMessage(document.querySelector('td.frame').offsetHeight, '*')</script>"
_FRAME = """<body><script>onmessage = (said) => document.body.dataset.height = said.data</script>
<iframe src="{page}" style="border:0; width:{width}px; height:600px"></iframe></body>"""


def main() -> int:
    """Photograph the emails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("email", nargs="?", type=Path)
    parser.add_argument("--output", type=Path, default=HERE)
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("make.py: no chromium here; install Debian's package chromium")
    emails = {given.email.stem: given.email} if given.email else {name: shown(words) for name, words in SHOWN.items()}
    for name, email in emails.items():
        if not email.is_file():
            sys.exit(f"make.py: {email} is not there; run  make demo  first, or name an email's HTML file")
        for where, width in (("phone", PHONE), ("desktop", DESKTOP)):
            for dark in (False, True):
                output = given.output / f"{name}-{where}-{'dark' if dark else 'light'}.png"
                with tempfile.TemporaryDirectory() as folder:
                    photograph(chromium, Path(folder), email.resolve(), output.resolve(), width=width, dark=dark)
                print(f"{output} ({output.stat().st_size // 1000} kB)")
    return 0


def shown(words: str) -> Path:
    """The first email of the demo that holds these words."""
    emails = sorted(EMAILS.glob("*.html"))
    return next((email for email in emails if words in email.read_text(encoding="utf-8")), EMAILS / "01.html")


def photograph(chromium: str, folder: Path, email: Path, output: Path, *, width: int, dark: bool) -> None:
    """Measure the email at the width, then take its picture at its full height.

    Raises:
        subprocess.CalledProcessError: chromium did not start.
    """
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--hide-scrollbars", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={folder / 'profile'}",
        *(["--blink-settings=preferredColorScheme=0"] if dark else []),
    ]  # fmt: skip
    measured, frame = folder / "measured.html", folder / "frame.html"
    measured.write_text(email.read_text(encoding="utf-8").replace("</body>", f"{_MEASURE}</body>"), encoding="utf-8")
    frame.write_text(_FRAME.format(page=measured.as_uri(), width=width), encoding="utf-8")
    dom = _run([*command, "--virtual-time-budget=3000", "--dump-dom", frame.as_uri()])
    found = re.search(r'data-height="(\d+)"', dom)
    height = int(found[1]) if found else 900
    _run([*command, f"--window-size={width},{height}", f"--screenshot={output}", email.as_uri()])


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


if __name__ == "__main__":
    sys.exit(main())
