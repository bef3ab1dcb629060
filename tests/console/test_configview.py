"""The configuration in force: every value, and of secrets only where they come from."""

from pathlib import Path

from loopback.world import write_config
from newswatch.config.load import load_config
from newswatch.console.configview import Value, config_page

SECRET = "hunter2"
CHANNELS = (
    "{hook: {type: webhook, url: 'https://hooks.example.org/services/hunter2/x', secret_env: HOOK_SECRET, "
    "headers: {X-Thing: hunter2}}, chat: {type: webhook, format: slack, url_env: SLACK_URL}, "
    "mail: {type: email, host: mail.example.org, username: ann, password_env: MAIL, from: a@a.example, "
    "to: [b@b.example]}}"
)
ENVIRON = {
    "HOOK_SECRET": "whsec_bG9vcGJhY2stc2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXM=",
    "SLACK_URL": "https://hooks.slack.example/hunter2",
    "MAIL": SECRET,
    "FEED": SECRET,
}


def shown(folder: Path) -> dict[str, Value]:
    address, recipients = "https://wire.example/rss?token=hunter2", "[{id: desk, channels: [hook, mail]}]"
    config = write_config(folder, {"wire": address}, CHANNELS, recipients)
    text = config.read_text(encoding="utf-8")
    extra = "', headers: {Authorization: hunter2}, headers_env: {X-Token: FEED}}"
    config.write_text(text.replace("token=hunter2'}", f"token=hunter2{extra}"), encoding="utf-8")
    page = config_page(load_config(config, ENVIRON), None)
    assert SECRET not in repr(page)
    assert ENVIRON["HOOK_SECRET"] not in repr(page)
    return {f"{block.title}.{one.key}": one for _, blocks in page.parts for block in blocks for one in block.values}


def test_secrets_are_named_by_where_they_come_from_and_never_shown(tmp_path: Path) -> None:
    found = shown(tmp_path)
    assert found["hook.secret_env"].text == "set from $HOOK_SECRET"
    assert found["hook.url"].text == "https://hooks.example.org/•••"
    assert found["chat.url_env"].text == "set from $SLACK_URL"
    assert found["mail.password_env"].text == "set from $MAIL"
    assert found["mail.username"].text == "ann"
    assert found["wire.headers"].text == "Authorization: •••"
    assert found["wire.headers_env"].text == "X-Token: set from $FEED"


def test_what_nobody_wrote_is_told_from_what_somebody_did(tmp_path: Path) -> None:
    found = shown(tmp_path)
    assert not found["newswatch.yaml.polling.interval"].default
    assert found["newswatch.yaml.retention"].default
    assert found["newswatch.yaml.retention"].text == "365d"
