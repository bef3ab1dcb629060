"""Our signatures, verified by the official packages of Standard Webhooks: Python's, and JavaScript's where node has it.

The JavaScript package is looked for in the folder that STANDARDWEBHOOKS_JS names (``npm i standardwebhooks`` there), or
above this checkout.
"""

import base64
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from loopback.webhook_receiver import OTHER_SECRET, SECRET
from newswatch.channels.webhook import signatures
from newswatch.config.secrets import signing_key

BODIES = (b"{}", '{"text":"Пострадавших больше – 98 🙂"}'.encode(), b'{"n":"' + b"x" * 19_000 + b'"}')
VERIFY = """\
const { Webhook } = require("standardwebhooks");
const calls = JSON.parse(require("fs").readFileSync(0, "utf8"));
const outcomes = calls.map(({ secret, headers, body }) => {
  try { new Webhook(secret).verify(body, headers); return true; } catch (error) { return String(error.message); }
});
process.stdout.write(JSON.stringify(outcomes));
"""


def headers(body: bytes, *secrets: str, signed: bytes | None = None) -> dict[str, str]:
    """What goes out with a body; ``signed`` is what was signed in its place."""
    now = int(datetime.now(UTC).timestamp())
    keys = tuple(signing_key(secret) for secret in secrets)
    signature = signatures(keys, "dlv_1", now, body if signed is None else signed)
    return {"webhook-id": "dlv_1", "webhook-timestamp": str(now), "webhook-signature": signature}


@given(st.binary(max_size=500), st.binary(min_size=24, max_size=64))
def test_python_verifies_any_body_and_any_key(body: bytes, key: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    text = json.dumps({"body": body.hex()})
    Webhook(secret).verify(text, headers(text.encode(), secret))


@pytest.mark.parametrize("body", BODIES, ids=["small", "letters", "large"])
@pytest.mark.parametrize("known", [SECRET, OTHER_SECRET], ids=["new secret", "old secret"])
def test_python_verifies_while_secrets_change(body: bytes, known: str) -> None:
    Webhook(known).verify(body, headers(body, SECRET, OTHER_SECRET))


def test_python_refuses_what_is_not_ours() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(b"{}", headers(b"{}", OTHER_SECRET))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(b"{}", headers(b"{}", SECRET, signed=b"{ }"))


def _package() -> Path:
    """The folder whose node_modules has the package; skips, and says why, where node or the package is missing."""
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    named = os.environ.get("STANDARDWEBHOOKS_JS")
    folders = [Path(named)] if named else list(Path(__file__).resolve().parents)
    found = next((folder for folder in folders if (folder / "node_modules" / "standardwebhooks").is_dir()), None)
    if found is None:
        pytest.skip("the npm package standardwebhooks is not at hand: see docs/webhooks.md, Verifying")
    return found


def test_javascript_verifies_too() -> None:
    folder = _package()
    good = [
        {"secret": known, "headers": headers(body, *secrets), "body": body.decode()}
        for body in BODIES
        for known, secrets in (
            (SECRET, [SECRET]),
            (SECRET, [SECRET, OTHER_SECRET]),
            (OTHER_SECRET, [SECRET, OTHER_SECRET]),
        )
    ]
    bad = [
        {"secret": SECRET, "headers": headers(b"{}", OTHER_SECRET), "body": "{}"},
        {"secret": SECRET, "headers": headers(b"{}", SECRET, signed=b"{ }"), "body": "{}"},
    ]
    ran = subprocess.run(
        ["node", "-e", VERIFY], input=json.dumps(good + bad), cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    outcomes = json.loads(ran.stdout)
    assert outcomes[: len(good)] == [True] * len(good)
    assert outcomes[len(good) :] == ["No matching signature found"] * len(bad)
