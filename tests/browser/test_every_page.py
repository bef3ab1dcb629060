"""Every page that the router knows, on a phone and a desktop, light and dark: nothing is wrong with it, for anybody."""

from importlib import resources
from typing import Any

import pytest

from browser.seeing import DESKTOP, PHONE, Eyes, Look, Scheme, World

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.asyncio(loop_scope="session")]
HEAVIEST = 150_000
BESIDE = ("/events/velmora?topic=casualties&severity=alert", "/events/velmora?before=2", "/events/velmora?topic=nope")
"""Pages beside those that the router names: with a filter, further down, with nothing on them."""
_FINDINGS = """async () => {
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const result = await axe.run(document, {resultTypes: ["violations"]});
  return result.violations.map((one) => [one.id, one.help, one.nodes.slice(0, 3).map((node) => node.html)]);
}"""


def pages(world: World) -> list[str]:
    return [*(one.address for one in world.found if one.is_page), *BESIDE]


def axe() -> str:
    """axe-core, out of the package that carries it."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


async def findings(look: Look) -> list[Any]:
    """What axe-core holds against the page, everything on it unfolded."""
    await look.page.evaluate(axe())  # not as a script of the page, which its policy forbids
    found: list[Any] = await look.page.evaluate(_FINDINGS)
    return found


async def overhang(look: Look) -> str:
    """What is wider than the window; empty when nothing is."""
    said: str = await look.page.evaluate("""() => {
      const wide = document.documentElement.scrollWidth, seen = document.documentElement.clientWidth;
      if (wide <= seen) return "";
      const over = [...document.querySelectorAll("body *")].find((one) => one.getBoundingClientRect().right > seen + 1);
      return `${wide} > ${seen}: ${over ? over.outerHTML.slice(0, 120) : "?"}`;
    }""")
    return said


async def test_every_route_has_an_address(world: World) -> None:
    """A page that no other one links to is none that anybody finds; or name an address in `loopback.routes`."""
    people = [one for one in world.found if not one.pattern.startswith(("/api/", "/static/"))]
    lost = [one.pattern for one in people if not one.address]
    assert lost == []
    assert {"/", "/events/{event}", "/stories/{story}"} <= {one.pattern for one in world.found if one.is_page}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_wrong_with_any_page(world: World, eyes: Eyes, scheme: Scheme) -> None:
    wrong: list[object] = []
    async with eyes.look(scheme, PHONE) as look:
        for path in pages(world):
            await look.page.set_viewport_size(PHONE)
            await look.go(path)
            wrong += [(path, scheme, *one) for one in await findings(look)]
            wrong += [(path, "too wide for a phone", over) for over in [await overhang(look)] if over]
            await look.page.set_viewport_size(DESKTOP)
            wrong += [(path, "too wide for a desktop", over) for over in [await overhang(look)] if over]
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_wrong_with_what_strangers_and_the_lost_see(eyes: Eyes, scheme: Scheme) -> None:
    async with eyes.look(scheme, PHONE, logged_in=False) as look:
        look.expected = (401, 404)
        await look.go("/login")
        assert (await findings(look), await overhang(look)) == ([], "")
        await look.page.get_by_label("The console's token").fill("wrong")
        await look.page.get_by_role("button", name="Log in").click()
        assert "That is not the token." in await look.page.get_by_role("alert").inner_text()
        assert (await findings(look), await overhang(look)) == ([], "")
    async with eyes.look(scheme, PHONE) as look:
        look.expected = (404,)
        await look.go("/nope")
        assert (await findings(look), await overhang(look)) == ([], "")


async def test_every_page_is_light(world: World, eyes: Eyes) -> None:
    """What goes over the wire, heads included, when a browser has kept nothing."""
    heavy = {}
    for path in pages(world):
        async with eyes.look() as look:
            sizes: list[float] = []
            wire = await look.page.context.new_cdp_session(look.page)
            await wire.send("Network.enable")
            await wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
            wire.on("Network.loadingFinished", lambda said, sizes=sizes: sizes.append(said["encodedDataLength"]))
            await look.go(path)
            assert sizes
            if sum(sizes) > HEAVIEST:
                heavy[path] = sum(sizes)
    assert heavy == {}


async def test_what_is_wrong_is_seen(eyes: Eyes) -> None:
    """The checks above can fail."""
    async with eyes.look(viewport=PHONE) as look:
        await look.go("/")
        await look.page.evaluate("""() => {
          document.querySelector("main").innerHTML += `<img src="/static/nope.png"><input><p id="wide">wide</p>`;
          document.getElementById("wide").style.width = "60rem";
          console.warn("mind the step");
          fetch("http://127.0.0.1:9/").catch(() => {});
        }""")
        seen = {one[0] for one in await findings(look)}
        assert seen >= {"image-alt", "label"}
        assert await overhang(look)
        await look.page.wait_for_load_state("networkidle")
        said = "\n".join(look.wrong)
        look.wrong.clear()
    assert "mind the step" in said
    assert "404: " in said
    assert "http://127.0.0.1:9/" in said
