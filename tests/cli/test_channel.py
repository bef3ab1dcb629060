"""``newswatch test-channel`` and what check-config and once say of channels, over real receivers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Ran
from loopback.feed_server import FeedServer, Route
from loopback.smtp_server import SmtpServer
from loopback.webhook_receiver import SECRET, Answer, WebhookReceiver
from loopback.world import MOMENTS, rss, write_config

Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)


def configured(folder: Path, channels: str, feed: str = "https://wire.example/rss") -> Path:
    recipients = "[{id: desk, channels: [one], timezone: Asia/Bishkek, alert_from: digest}]"
    return write_config(folder, {"wire": feed}, channels, recipients)


def webhook(hook: WebhookReceiver, extra: str = "secret_env: HOOK_SECRET") -> str:
    return f"{{one: {{type: webhook, url: '{hook.url}', allow_private: true, {extra}}}}}"


def test_a_sample_is_sent_and_what_the_server_said_is_printed(tmp_path: Path, run: Run) -> None:
    with WebhookReceiver() as hook:
        config = configured(tmp_path, webhook(hook))
        ran = run("test-channel", "one", "-c", config)
        again = run("test-channel", "one", "-c", config, "--digest", "--json")
    server = hook.url.removesuffix("/hook")
    assert (ran.code, ran.out, ran.err) == (0, f"channel one: {server} answered 200 thanks\n", "")
    assert json.loads(again.out) == {"channel": "one", "accepted": True, "message": f"{server} answered 200 thanks"}
    first, second = hook.calls
    assert first.verified
    assert "test" in first.data["data"]["subject"].lower()
    assert (first.data["data"]["kind"], second.data["data"]["kind"]) == ("alert", "digest")
    assert first.headers["webhook-id"] != second.headers["webhook-id"]
    # A test leaves nothing behind: no store is made for it.
    assert not (tmp_path / "newswatch.db").exists()


def test_the_sample_links_to_newswatch_where_it_can_be_reached(tmp_path: Path, run: Run) -> None:
    with WebhookReceiver() as hook:
        config = configured(tmp_path, webhook(hook))
        config.write_text(f"{config.read_text()}public_url: https://watch.example.org/\n")
        assert run("test-channel", "one", "-c", config).code == 0
    data = hook.calls[0].data["data"]
    assert data["links"]["full"] == f"https://watch.example.org/alerts/{data['alert_id']}"


def test_a_refusal_is_said_with_its_reason(tmp_path: Path, run: Run) -> None:
    with WebhookReceiver([Answer(401, body=b"who are you")]) as hook:
        config = configured(tmp_path, webhook(hook))
        ran = run("test-channel", "one", "-c", config, "--json")
    sentence = f"{hook.url.removesuffix('/hook')} answered 401 (who are you): check the secret and the headers"
    assert ran.code == 1
    assert ran.err == f"! channel one: {sentence} (authError)\n"
    assert json.loads(ran.out) == {"channel": "one", "accepted": False, "reason": "authError", "message": sentence}


def test_email_and_a_folder_are_tested_alike(tmp_path: Path, run: Run) -> None:
    with SmtpServer() as smtp:
        mail = (
            f"{{one: {{type: email, host: 127.0.0.1, port: {smtp.port}, security: none, "
            "from: watch@newswatch.example, to: [desk@desk.example]}}"
        )
        ran = run("test-channel", "one", "-c", configured(tmp_path, mail))
        assert (ran.code, ran.err) == (0, "")
        assert "said:" in ran.out
        [received] = smtp.received
        assert "test" in str(received.mail["subject"]).lower()
    ran = run("test-channel", "one", "-c", configured(tmp_path, mail))
    assert ran.code == 1
    assert "cannot be reached (Connection refused)" in ran.err
    assert ran.err.endswith("(connectionError)\n")
    ran = run("test-channel", "one", "-c", configured(tmp_path, "{one: {type: folder, path: out}}"))
    assert ran.out.startswith(f"channel one: written to {tmp_path / 'out'}")


def test_an_email_channel_is_tested_with_another_address(tmp_path: Path, run: Run) -> None:
    with SmtpServer(refuse={"desk@desk.example": "550 5.1.1 who"}) as smtp:
        mail = (
            f"{{one: {{type: email, host: 127.0.0.1, port: {smtp.port}, security: none, "
            "from: watch@newswatch.example, to: [desk@desk.example, chief@desk.example]}}"
        )
        config = configured(tmp_path, mail)
        ran = run("test-channel", "one", "--to", "Ada Lane <ada@desk.example>", "-c", config)
        assert (ran.code, ran.err) == (0, "")
        [received] = smtp.received
        assert received.recipients == ("ada@desk.example",)
        assert str(received.mail["to"]) == "Ada Lane <ada@desk.example>"
        ran = run("test-channel", "one", "--to", "nobody", "-c", config)
        assert ran.code == 2
        assert "--to: 'nobody' is not an email address" in ran.err
        assert len(smtp.received) == 1


def test_who_is_refused_among_others_is_said(tmp_path: Path, run: Run) -> None:
    with SmtpServer(refuse={"eve@desk.example": "550 5.1.1 who"}) as smtp:
        mail = (
            f"{{one: {{type: email, host: 127.0.0.1, port: {smtp.port}, security: none, "
            "from: watch@newswatch.example, to: [desk@desk.example, eve@desk.example]}}"
        )
        ran = run("test-channel", "one", "-c", configured(tmp_path, mail), "--json")
    said = json.loads(ran.out)
    assert said["accepted"]
    assert said["refused"] == [{"address": "eve@desk.example", "answer": "550 5.1.1 who – there is no such mailbox"}]
    assert said["message"].endswith("refused for good: eve@desk.example (550 5.1.1 who – there is no such mailbox)")


def test_an_address_for_another_channel_is_refused(tmp_path: Path, run: Run) -> None:
    with WebhookReceiver() as hook:
        ran = run("test-channel", "one", "--to", "ada@desk.example", "-c", configured(tmp_path, webhook(hook)))
    assert ran.code == 2
    assert "--to is for email channels; one is of type webhook, which sends where its settings say" in ran.err
    assert hook.calls == []


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_apprise_is_tested_alike(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with WebhookReceiver() as hook:
        monkeypatch.setenv("PAGER", hook.url.replace("http:", "json:"))
        ran = run("test-channel", "one", "-c", configured(tmp_path, "{one: {type: apprise, url_env: PAGER}}"))
    assert ran.out == "channel one: json:// by Apprise accepted it\n"


def test_wrong_usage_ends_with_2(tmp_path: Path, run: Run) -> None:
    config = configured(tmp_path, "{one: {type: folder, path: out}}")
    ran = run("test-channel", "two", "-c", config)
    assert ran.code == 2
    assert "no channel is called 'two'; configured: one" in ran.err
    config = configured(tmp_path, "{one: {type: webhook}}")
    assert run("test-channel", "one", "-c", config).code == 2


def test_an_own_template_is_checked_with_file_and_line(tmp_path: Path, run: Run) -> None:
    own = tmp_path / "own"
    own.mkdir()
    template = own / "pager.json.j2"
    with WebhookReceiver() as hook:
        config = configured(tmp_path, webhook(hook, "format: pager, secret_env: HOOK_SECRET"))
        config.write_text(f"{config.read_text()}templates: {{path: own}}\n")
        assert run("check-config", "-c", config).code == 2
        template.write_text('{\n  "text": {{ subjekt | tojson }}\n}\n')
        ran = run("check-config", "-c", config)
        assert ran.code == 2
        assert f"{template}:2: 'subjekt' is undefined. docs/webhooks.md names what it may use.\n" in ran.out
        ran = run("test-channel", "one", "-c", config)
        assert ran.code == 2
        assert "channels.one.format: your own template pager.json.j2, line 2: 'subjekt' is undefined." in ran.err
        template.write_text('{\n  "text": {{ subject | tojson }}\n}\n')
        assert run("check-config", "-c", config).code == 0
        assert run("test-channel", "one", "-c", config).code == 0
        assert list(hook.calls[0].data) == ["text"]


def test_a_broken_own_template_keeps_what_it_should_carry(tmp_path: Path, run: Run) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "pager.json.j2").write_text("{{ nothing }}")
    now = MOMENTS[1]
    with FeedServer({"/wire": Route(rss("wire", now))}) as feeds, WebhookReceiver() as hook:
        config = configured(tmp_path, webhook(hook, "format: pager, secret_env: HOOK_SECRET"), feeds.url("/wire"))
        config.write_text(f"{config.read_text()}templates: {{path: own}}\n")
        ran = run("once", "-c", config, "--now", now.isoformat())
        assert ran.code == 1
        assert "! channel one: your own template pager.json.j2, line 1: 'nothing' is undefined; mend it" in ran.err
        (own / "pager.json.j2").write_text('{"text": {{ subject | tojson }}}')
        later = now.replace(hour=now.hour + 1)
        assert run("once", "-c", config, "--now", later.isoformat()).code == 0
        assert hook.calls


def test_a_disabled_channel_is_named_until_a_test_is_accepted(tmp_path: Path, run: Run) -> None:
    now = MOMENTS[1]
    with FeedServer({"/wire": Route(rss("wire", now))}) as feeds, WebhookReceiver([Answer(410)]) as hook:
        config = configured(tmp_path, webhook(hook), feeds.url("/wire"))
        ran = run("once", "-c", config, "--now", now.isoformat(), "--json")
        assert ran.code == 1
        assert {refusal["reason"] for refusal in json.loads(ran.out)["refusals"]} == {"gone"}
        ran = run("check-config", "-c", config)
        assert ran.code == 0
        line = next(n for n, text in enumerate(config.read_text().splitlines(), 1) if text.startswith("channels:"))
        assert f"doubtful: {config}:{line}: channel `one` is disabled since 2031-03-02 20:00 UTC" in ran.out
        assert run("test-channel", "one", "-c", config).code == 1
        hook.answers = [Answer()]
        ran = run("test-channel", "one", "-c", config)
        assert ran.code == 0
        assert ran.err == "channel one was disabled; it is enabled again, and what waited for it is due\n"
        assert "is disabled" not in run("check-config", "-c", config).out
        told = len(hook.calls)
        assert run("once", "-c", config, "--now", now.replace(hour=21).isoformat()).code == 0
        assert len(hook.calls) > told
