"""The emails against what mail programs support, by npm's caniemail and htmlhint; a check for development.

``npm install --no-save caniemail htmlhint`` in the checkout makes it run; without node or the packages it is skipped.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from loopback import news
from newswatch.alerting.render import Renderer
from newswatch.config.settings import Recipient
from newswatch.model import Alert

LINT = Path(__file__).with_name("mail_lint.mjs")
MODULES = LINT.parents[2] / "node_modules"
# What some programs do not know, and why the email does without it there.
ACCEPTED = {
    # Light colours and wide padding, which is what they draw then.
    "@media": {"outlook.windows", "thunderbird.macos"},
    # They put its contents into a page of their own; the outer table bears the same colour.
    "<body> element": {
        "fastmail.desktop-webmail",
        "mail-ru.desktop-webmail",
        "outlook.macos",
        "protonmail.desktop-webmail",
        "protonmail.ios",
        "yahoo.android",
        "yahoo.ios",
    },
    "overflow": {"outlook.windows"},  # of the hidden preview, which mso-hide hides there
    "border-radius": {"outlook.windows"},  # square corners
    "height property": {
        "yahoo.desktop-webmail",
        "yahoo.ios",
        "yahoo.android",
    },  # of bars whose line-height says the same
    "word-break": {"yahoo.desktop-webmail", "yahoo.ios", "yahoo.android"},  # a word longer than the screen
    "text-decoration": {"protonmail.ios"},  # the button's words are underlined
}


def emails() -> dict[str, Alert]:
    five = (news.INJURED, news.DETAINED, news.DENIED, news.RESIGNS, news.EVACUATED)
    return {
        "alert": news.alert(*(news.item(told, others=news.OTHERS) for told in five)),
        "russian": news.alert(news.item(news.RUSSIAN, news.RUSSIAN_STORY)),
    }


@pytest.mark.skipif(
    shutil.which("node") is None,
    reason="the emails are not held against mail programs: node is not installed; it is needed for this check alone",
)
@pytest.mark.skipif(
    not (MODULES / "caniemail").is_dir() or not (MODULES / "htmlhint").is_dir(),
    reason="the emails are not held against mail programs: run  npm install --no-save caniemail htmlhint",
)
def test_mail_programs_can_draw_the_emails(tmp_path: Path) -> None:
    desk, renderer = Recipient(id="desk", channels=("mail",)), Renderer(None, public_url="https://watch.example.org")
    for name, alert in emails().items():
        message = renderer.render(news.delivery(alert), recipient=desk)
        (tmp_path / f"{name}.html").write_text(message.html, encoding="utf-8")
    command = ["node", str(LINT), *map(str, sorted(tmp_path.glob("*.html")))]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    assert found["html"] == []
    assert found["unknown"] == {}
    more = {feature: set(programs) - ACCEPTED.get(feature, set()) for feature, programs in found["unsupported"].items()}
    assert {feature: programs for feature, programs in more.items() if programs} == {}
