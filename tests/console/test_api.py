"""The JSON API over real HTTP: every answer is as the OpenAPI document says, and no request breaks it."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from loopback.console import TOKEN, Served, serving
from newswatch.console.openapi import document


def valid(answer: httpx.Response, method: str, template: str) -> Any:
    """The body of an answer, which must be as the document says."""
    said = document()
    responses = said["paths"][template][method]["responses"]
    response = responses.get(str(answer.status_code), responses["default"])
    kind = answer.headers["content-type"].partition(";")[0]
    schema = {**response["content"][kind]["schema"], "components": said["components"]}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer.json())
    return answer.json()


async def got(served: Served, template: str, **values: str) -> Any:
    names = set(re.findall(r"\{(\w+)\}", template))
    path = template.format(**{name: values[name] for name in names})
    query = {name: value for name, value in values.items() if name not in names}
    answer = await served.client.get(f"/api/v1{path}", params=query)
    assert answer.status_code == 200, answer.text
    return valid(answer, "get", f"/api/v1{template}")


async def test_every_answer_is_as_the_document_says(open_config: Path) -> None:
    async with serving(open_config) as served:
        assert (await got(served, "/status"))["works"] is True
        assert [one["event"] for one in (await got(served, "/events"))["events"]] == ["velmora"]
        event = await got(served, "/events/{event}", event="velmora")
        assert event["ledger"]["known"]
        assert event["figures"]
        first = (await got(served, "/events/{event}/developments", event="velmora"))["developments"][0]
        story = await got(served, "/stories/{story}", story=first["story"])
        assert first["development"] in story["decisions"][0]["developments"]
        hits = (await got(served, "/search", q="injured"))["stories"]
        assert "⟦injured⟧" in hits[0]["excerpt"]
        assert (await got(served, "/search", q="injured", kind="developments"))["developments"]
        assert len((await got(served, "/feeds"))["feeds"]) == 4
        deliveries = (await got(served, "/deliveries", state="sent"))["deliveries"]
        alert = await got(served, "/alerts/{alert}", alert=deliveries[0]["alert"])
        assert deliveries[0]["delivery"] in alert["deliveries"]
        assert alert in (await got(served, "/alerts"))["alerts"]
        assert (await got(served, "/mutes"))["mutes"] == []


async def test_pages_follow_each_other_and_miss_nothing(open_config: Path) -> None:
    async with serving(open_config) as served:
        for template, rows, next_ in (
            ("/events/{event}/developments", "developments", "before"),
            ("/deliveries", "deliveries", "after"),
            ("/alerts", "alerts", "after"),
        ):
            values = {"event": "velmora"} if "{" in template else {}
            whole = (await got(served, template, **values))[rows]
            found, more = [], {"limit": "1"}
            while True:
                page = await got(served, template, **values, **more)
                found += page[rows]
                if page[next_] is None:
                    break
                more = {"limit": "1", next_: str(page[next_])}
            assert found == whole
            assert len(whole) > 1


async def test_a_program_retries_drops_acknowledges_mutes_and_says_what_was_wrong(open_config: Path) -> None:
    async with serving(open_config) as served:
        client = served.client
        with served.store.writing() as connection:
            connection.exec_driver_sql("UPDATE delivery SET state = 'failed'")
        delivery = (await got(served, "/deliveries"))["deliveries"][0]
        for action, state in (("retry", "due"), ("drop", "dropped")):
            answer = await client.post(f"/api/v1/deliveries/{delivery['delivery']}/{action}", json={"why": "told"})
            assert valid(answer, "post", f"/api/v1/deliveries/{{delivery}}/{action}")["state"] == state
        seen = (await got(served, "/deliveries", state="dropped"))["deliveries"][0]
        assert [(one["action"], one["by"]) for one in seen["handled"]] == [("retry", "api"), ("drop", "api")]
        for already in (False, True):
            answer = await client.post(f"/api/v1/alerts/{delivery['alert']}/acknowledge", json={"note": "on it"})
            assert answer.json() == {"alert": delivery["alert"], "already": already}
        assert (await got(served, "/alerts/{alert}", alert=delivery["alert"]))["acknowledged"]["note"] == "on it"
        answer = await client.post("/api/v1/mutes", json={"event": "velmora", "topic": "legal", "minutes": 5})
        made = valid(answer, "post", "/api/v1/mutes")
        assert (await got(served, "/mutes"))["mutes"] == [made]
        first = (await got(served, "/events/{event}/developments", event="velmora"))["developments"][0]
        answer = await client.post(
            f"/api/v1/stories/{first['story']}/feedback", json={"development": first["development"], "label": "wrong"}
        )
        assert valid(answer, "post", "/api/v1/stories/{story}/feedback")["done"].startswith("Noted as wrong.")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/nope", None, 404, "does not exist"),
        ("GET", "/events/nope", None, 404, "No event"),
        ("GET", "/events/nope/developments", None, 404, "No event"),
        ("GET", "/stories/sty_nope", None, 404, "No story"),
        ("GET", "/stories/%00", None, 404, "nothing of this name"),
        ("GET", "/alerts/alr_nope", None, 404, "No alert"),
        ("GET", "/events/velmora/developments?before=x", None, 400, "before"),
        ("GET", "/events/velmora/developments?limit=0", None, 400, "limit"),
        ("GET", "/events/velmora/developments?limit=9999", None, 400, "limit"),
        ("GET", "/status?what=1", None, 400, "what"),
        ("GET", "/search?q=a&q=b", None, 400, "twice"),
        ("GET", "/search?page=51", None, 400, "page"),
        ("GET", f"/search?q={'a' * 201}", None, 400, "q:"),
        ("GET", "/deliveries?after=1", None, 400, "after"),
        ("GET", "/deliveries?after=99999999999999999-x", None, 200, ""),
        ("GET", "/deliveries?state=lost", None, 400, "state"),
        ("POST", "/deliveries/dlv_nope/retry", "{}", 404, "No delivery"),
        ("POST", "/deliveries/dlv_nope/burn", "{}", 404, "does not exist"),
        ("POST", "/alerts/alr_nope/acknowledge", "{}", 404, "No alert"),
        ("POST", "/alerts/alr_nope/acknowledge", "", 400, "JSON"),
        ("POST", "/alerts/alr_nope/acknowledge", '{"note": "\\u0000"}', 400, "note"),
        ("POST", "/alerts/alr_nope/acknowledge", '{"note": "\\ud800"}', 400, ""),
        ("POST", "/mutes", "{}", 400, "minutes"),
        ("POST", "/mutes", '{"minutes": 5}', 400, "Say what"),
        ("POST", "/mutes", '{"minutes": 5, "event": "nope"}', 400, "No event"),
        ("POST", "/mutes", '{"minutes": 5, "topic": "nope"}', 400, "No topic"),
        ("POST", "/mutes", '{"minutes": 5, "recipient": "nope"}', 400, "No recipient"),
        ("POST", "/stories/sty_nope/feedback", '{"development": "x", "label": "wrong"}', 404, "not kept"),
        ("POST", "/mutes", "x" * 20_000, 413, "exceeded"),
        ("DELETE", "/mutes", "{}", 405, "request"),
    ],
)
async def test_what_is_wrong_is_said(
    open_config: Path, method: str, path: str, body: str | None, status: int, words: str
) -> None:
    async with serving(open_config) as served:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        answer = await served.client.request(method, f"/api/v1{path}", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.headers["content-type"].startswith("application/problem+json")
        said = answer.json()
        assert (said["status"], said["type"]) == (status, "about:blank")
        assert words in said["detail"]
        assert "Traceback" not in answer.text


async def test_what_was_sent_cannot_be_retried(open_config: Path) -> None:
    async with serving(open_config) as served:
        sent = (await got(served, "/deliveries", state="sent"))["deliveries"][0]["delivery"]
        answer = await served.client.post(f"/api/v1/deliveries/{sent}/retry", json={})
    assert answer.status_code == 409
    assert "was accepted" in answer.json()["detail"]


async def test_without_the_token_no_program_sees_or_does_anything(closed_config: Path) -> None:
    async with serving(closed_config) as served:
        for template, methods in document()["paths"].items():
            for method in methods:
                answer = await served.client.request(method.upper(), template.replace("{", "x").replace("}", ""))
                assert answer.status_code == 401, template
                assert answer.headers["www-authenticate"].startswith("Bearer")
        assert (await served.client.get("/api/openapi.json")).status_code == 401
        good = {"Authorization": f"Bearer {TOKEN}"}
        assert (await served.client.get("/api/v1/status", headers=good)).status_code == 200
        muted = await served.client.post("/api/v1/mutes", json={"topic": "legal", "minutes": 5}, headers=good)
        assert muted.status_code == 200


async def test_no_other_site_writes_with_a_browsers_session(open_config: Path) -> None:
    async with serving(open_config) as served:
        said = '{"topic": "legal", "minutes": 5}'
        json = {"Content-Type": "application/json"}
        for headers, status in (
            ({"Content-Type": "text/plain"}, 415),
            ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
            ({**json, "Origin": "https://evil.example"}, 403),
            ({**json, "Sec-Fetch-Site": "cross-site"}, 403),
        ):
            answer = await served.client.post("/api/v1/mutes", content=said, headers=headers)
            assert answer.status_code == status
        assert (await got(served, "/mutes"))["mutes"] == []


async def test_a_console_that_only_looks_does_nothing(open_config: Path) -> None:
    async with serving(open_config, writes=False) as served:
        answer = await served.client.post("/api/v1/mutes", json={"topic": "legal", "minutes": 5})
        assert answer.status_code == 403
        page = await served.client.get("/deliveries")
        assert "<button>Retry" not in page.text
