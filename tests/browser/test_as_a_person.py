"""What a person does at the console: watches, filters, goes through it with the keyboard, presses the buttons."""

from datetime import timedelta

import pytest

from browser.seeing import Eyes, Look, World
from loopback.console import TOKEN, opened
from loopback.feed_server import Route
from loopback.world import MOMENTS, Item, rss
from newswatch.model import Action, Label

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]
NOW = MOMENTS[-1] + timedelta(minutes=10)


SURGE = Item(
    "herald", NOW, "h9", "Velmora dam: 212 people injured",
    "Hospitals have treated 212 people injured in the Velmora dam break, the ministry said.",
)  # fmt: skip


def arrives(world: World, item: Item) -> None:
    """The feed has one story more from now on."""
    world.feeds.routes[f"/{item.feed}"] = Route(rss(item.feed, NOW, (item,)))


async def focused(look: Look) -> str:
    """What has the focus, in words."""
    said: str = await look.page.evaluate(
        "() => (document.activeElement.innerText || document.activeElement.tagName).trim()"
    )
    return said


async def tab_to(look: Look, words: str, most: int = 60) -> None:
    """Tab until something with these words has the focus, which has to be seen."""
    for _ in range(most):
        await look.page.keyboard.press("Tab")
        if words in await focused(look):
            break
    else:
        raise AssertionError(f"no {words!r} is reached with Tab")
    seen = await look.page.evaluate("""() => {
      const style = getComputedStyle(document.activeElement), box = document.activeElement.getBoundingClientRect();
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        && box.width > 0 && box.left >= 0 && box.top >= 0 && box.top < innerHeight;
    }""")
    assert seen, f"the focus on {words!r} is not seen"


async def test_what_happens_comes_without_a_reload(world: World, eyes: Eyes) -> None:
    async with eyes.look() as look:
        await look.go("/events/velmora")
        await look.page.get_by_text("Live", exact=True).wait_for()
        assert await look.page.locator("#fresh").is_hidden()
        await look.page.evaluate("() => { window.stayed = true; }")
        arrives(world, SURGE)
        fresh = look.page.locator("#live .development")
        await fresh.first.wait_for()
        assert "212" in await fresh.first.inner_text()
        said = look.page.locator("#said")
        assert (await said.get_attribute("aria-live"), await said.get_attribute("role")) == ("polite", "status")
        assert "212" in await said.inner_text()
        assert await look.page.locator("#fresh").is_visible()
        assert await look.page.evaluate("() => window.stayed") is True
        # Whoever opens the page afterwards has it among the others, and not twice.
        await look.page.reload()
        await look.page.locator(".columns .development", has_text="212").first.wait_for()
        assert await look.page.locator("#live .development").count() == 0


async def test_a_filter_is_an_address_and_comes_back(eyes: Eyes) -> None:
    async with eyes.look() as look:
        await look.go("/events/velmora")
        everything = await look.page.locator(".main-column .development").count()
        await look.page.get_by_label("Topic").select_option("legal")
        await look.page.get_by_role("button", name="Show").click()
        await look.page.wait_for_url("**topic=legal**")
        some = await look.page.locator(".main-column .development").count()
        assert 0 < some < everything
        assert await look.page.get_by_label("Topic").input_value() == "legal"
        await look.page.get_by_role("link", name="Show all").click()
        assert await look.page.locator(".main-column .development").count() == everything
        await look.page.go_back()
        assert await look.page.locator(".main-column .development").count() == some


async def test_older_ones_are_a_page_further(world: World, eyes: Eyes) -> None:
    async with eyes.look() as look:
        await look.go("/events/velmora?before=3")
        older = await look.page.locator(".main-column .development").count()
        assert 0 < older < 3
        await look.page.get_by_role("link", name="Newest").click()
        assert look.page.url == f"{world.base}/events/velmora"


async def test_the_keyboard_is_enough(eyes: Eyes) -> None:
    async with eyes.look() as look:
        await look.go("/")
        await look.page.keyboard.press("Tab")
        assert await focused(look) == "Skip to the content"
        box = await look.page.locator(".skip").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        await look.page.keyboard.press("Enter")
        assert await look.page.evaluate("() => document.activeElement.id") == "main"
        await tab_to(look, "Velmora: the dam")
        await look.page.keyboard.press("Enter")
        await look.page.wait_for_url("**/events/velmora")
        await tab_to(look, "Killed")
        await look.page.keyboard.press("Enter")
        await look.page.wait_for_url("**/stories/**")
        await tab_to(look, "Wrong")


@pytest.mark.parametrize(("button", "label"), [("Not new", "not-new"), ("Wrong", "wrong"), ("Mute", "mute")])
async def test_the_buttons_change_the_ledger(world: World, eyes: Eyes, button: str, label: str) -> None:
    async with eyes.look() as look:
        await look.go("/events/velmora?topic=casualties")
        words = {"not-new": "9", "wrong": "57", "mute": "57"}[label]
        await look.page.locator(".summary a", has_text=words).first.click()
        form = look.page.locator("form.buttons").first
        await form.get_by_label("Note").fill("seen in a browser")
        await form.get_by_role("button", name=button).click()
        await look.page.get_by_role("status").wait_for()
        assert label.partition("-")[0] in (await look.page.get_by_role("status").inner_text()).lower()
        await look.page.get_by_text("seen in a browser").first.wait_for()
    with opened(world.config, NOW) as (_, store):
        said = [one for one in store.feedback() if one.label is Label(label)]
        assert [(one.made_by, one.note) for one in said] == [("console", "seen in a browser")]
        if label == "wrong":
            assert {one.action for one in store.corrections("velmora")} >= {Action.REJECT}
        if label == "mute":
            assert [one.topic for one in store.mutes(NOW)] == ["casualties"]


async def test_who_logs_out_is_out(world: World, eyes: Eyes) -> None:
    async with eyes.look(logged_in=False) as look:
        await look.go("/events/velmora")
        assert "/login?to=" in look.page.url
        await look.page.get_by_label("The console's token").fill(TOKEN)
        await look.page.keyboard.press("Enter")
        await look.page.wait_for_url("**/events/velmora")
        await look.page.get_by_role("button", name="Log out").click()
        await look.page.wait_for_url("**/login")
        await look.go("/")
        assert "/login" in look.page.url
