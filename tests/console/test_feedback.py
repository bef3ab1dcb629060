"""The buttons, over real HTTP: the ledger follows, a label is kept, and the command line gives it out."""

import json
import re
from pathlib import Path

from click.testing import CliRunner

from loopback.console import TOKEN, Served, serving
from newswatch import __version__
from newswatch.cli import cli
from newswatch.detect.corrections import standing
from newswatch.detect.scorer import weights_print
from newswatch.model import Action, FactStatus, Label


async def pressed(served: Served, words: str, **form: str) -> tuple[str, str]:
    """Press a button on the page of the story that a development's words lead to; its page, and what came."""
    event = (await served.client.get("/events/velmora")).text
    found = re.search(rf'href="(/stories/[^"]+)">[^<]*{words}', event)
    assert found, words
    page = (await served.client.get(found[1])).text
    forms = re.findall(r'<form method="post" action="([^"]+)" class="buttons">(.*?)</form>', page, re.DOTALL)
    assert forms
    fields = dict(re.findall(r'name="(csrf|development)" value="([^"]+)"', forms[0][1]))
    answer = await served.client.post(forms[0][0], data={**fields, **form})
    assert answer.status_code == 303, answer.text
    return found[1], (await served.client.get(answer.headers["location"])).text


async def test_wrong_makes_it_unknown_and_is_kept(open_config: Path) -> None:
    async with serving(open_config) as served:
        _, page = await pressed(served, "Injured", label="wrong", note="the ministry says 47")
        assert "Noted as wrong" in page
        assert "Wrong, says console" in page
        assert "the ministry says 47" in page
        (said,) = served.store.feedback()
        assert said.label is Label.WRONG
        assert said.version == __version__
        assert said.weights == weights_print()
        assert "57" in said.story.text
        assert said.development_id in {one.development_id for one in said.decision.developments}
        corrections = served.store.corrections("velmora")
        assert {one.action for one in corrections} == {Action.REJECT}
        assert corrections[0].note == "the ministry says 47"
        facts = served.store.facts("velmora")
        stands = standing(facts, served.store.marks("velmora"), corrections)
        wrong = {f.claim.evidence.sentence for f in facts if stands[f.fact_id] is FactStatus.RETRACTED}
        assert any("57" in sentence for sentence in wrong)
        assert (
            "Hospitals have treated 57" in (await served.client.get("/events/velmora")).text.split("Corrected</h3>")[1]
        )


async def test_not_new_is_another_wording_of_what_was_known(open_config: Path) -> None:
    async with serving(open_config) as served:
        await pressed(served, "(?:etained|адержан)", label="not-new")
        (said,) = served.store.feedback()
        assert said.label is Label.NOT_NEW
        for one in served.store.corrections("velmora"):
            assert one.action is Action.MERGE


async def test_a_changed_number_that_is_not_new_is_no_other_wording_of_the_old_one(open_config: Path) -> None:
    async with serving(open_config) as served:
        await pressed(served, "Injured", label="not-new")
        assert len(served.store.feedback()) == 1
        assert served.store.corrections("velmora") == ()


async def test_mute_sends_the_topic_into_the_digest_for_a_while(open_config: Path) -> None:
    async with serving(open_config) as served:
        await pressed(served, "Injured", label="mute", length="1h")
        (said,) = served.store.feedback()
        (mute,) = served.store.mutes(said.made)
        assert (mute.event, mute.topic, mute.recipient) == ("velmora", "casualties", "")
        assert (mute.until - mute.made).total_seconds() == 3600


async def test_enter_in_the_note_presses_nothing(open_config: Path) -> None:
    """A browser takes the first button of a form then; one that is disabled sends nothing."""
    async with serving(open_config) as served:
        event = (await served.client.get("/events/velmora")).text
        page = (await served.client.get(re.findall(r'href="(/stories/[^"]+)"', event)[0])).text
    buttons = re.findall(r"<button[^>]*>", page.split('class="buttons"')[1])
    assert buttons[0] == "<button disabled hidden>"


async def test_what_the_form_cannot_say_is_refused(open_config: Path) -> None:
    async with serving(open_config) as served:
        page = (await served.client.get("/login")).text
        csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
        for form, status in (
            ({"label": "loud"}, 400),
            ({"label": "mute", "length": "9y"}, 400),
            ({"label": "wrong", "development": "dev_nope"}, 404),
        ):
            answer = await served.client.post("/stories/sty_nope/feedback", data={"csrf": csrf, **form})
            assert answer.status_code == status, form
        assert served.store.feedback() == ()


async def test_a_console_that_only_looks_has_no_buttons_and_takes_none(open_config: Path) -> None:
    async with serving(open_config, writes=False) as served:
        event = (await served.client.get("/events/velmora")).text
        story = re.findall(r'href="(/stories/[^"]+)"', event)[0]
        page = (await served.client.get(story)).text
        assert "feedback" not in page
        csrf = re.findall(r'name="csrf" value="(\w+)"', (await served.client.get("/login")).text)[0]
        answer = await served.client.post(f"{story}/feedback", data={"csrf": csrf, "label": "wrong"})
        assert answer.status_code == 403
        assert "only looks" in answer.text


async def test_a_program_says_it_with_its_token(closed_config: Path) -> None:
    async with serving(closed_config) as served:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        page = (await served.client.get("/events/velmora", headers=bearer)).text
        story = re.findall(r'href="(/stories/[^"]+)"', page)[0]
        told = served.store.decisions(story.rpartition("/")[2])[0].developments[0]
        form = {"label": "wrong", "development": told.development_id}
        assert (await served.client.post(f"{story}/feedback", data=form)).status_code == 401
        answer = await served.client.post(f"{story}/feedback", data=form, headers=bearer)
        assert answer.json()["done"].startswith("Noted as wrong.")


async def test_labels_are_listed_and_given_out(open_config: Path) -> None:
    async with serving(open_config) as served:
        await pressed(served, "Injured", label="wrong", note="no")
        await pressed(served, "Killed: 3", label="not-new")
    listed = CliRunner().invoke(cli, ["feedback", "list", "-c", str(open_config)], env={"TOKEN": TOKEN})
    assert listed.exit_code == 0, listed.output
    assert re.search(r"wrong +console: Injured: more than 20 → 57 \(no\)", listed.stdout)
    exported = CliRunner().invoke(cli, ["feedback", "export", "-c", str(open_config)], env={"TOKEN": TOKEN})
    first, second = (json.loads(line) for line in exported.stdout.splitlines())
    assert (first["label"], second["label"]) == ("wrong", "not-new")
    assert first["story"]["text"].startswith("Hospitals have treated 57")
    assert first["weights"] == weights_print()
    assert first["development"] in {one["id"] for one in first["decision"]["developments"]}
    assert first["note"] == "no"
    assert second["note"] is None


def test_nothing_said_yet(world: Path) -> None:
    listed = CliRunner().invoke(cli, ["feedback", "list", "-c", str(world)])
    assert listed.stdout == ""
    assert "the buttons are on the console's story pages" in listed.stderr
