"""Articles from files and addresses: what they hold, and what is said when they hold nothing."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from newswatch.config.settings import Polling
from newswatch.drafting import Article, is_address, read_articles
from newswatch.drafting.articles import article
from newswatch.errors import NewswatchError

TEXT = "Dam breaks\n\nThree people were\nkilled in Velmora.\n"
PAGE = "<html><head><title>Плотина</title></head><body><p>Погибли три человека.</p></body></html>"
LOCAL = Polling(allow_private=True)


async def test_files_and_addresses_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(TEXT)
    body = gzip.compress(PAGE.encode("cp1251"))
    route = Route(body, content_type="text/html; charset=windows-1251", headers={"content-encoding": "gzip"})
    with FeedServer({"/page": route}) as server:
        url = server.url("/page")
        found = await read_articles([str(file), url, str(file)], LOCAL)
    assert found == (
        Article(str(file), "Dam breaks", "Three people were killed in Velmora."),
        Article(url, "Плотина", "Погибли три человека.", url, "127.0.0.1"),
    )


async def refusal(names: Sequence[str], polling: Polling = LOCAL) -> list[str]:
    with pytest.raises(NewswatchError) as caught:
        await read_articles(names, polling)
    return str(caught.value).splitlines()


async def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    with FeedServer({"/gone": Route(status=410), "/no": Route(status=403)}) as server:
        url = server.url
        said = await refusal([str(tmp_path / "none.txt"), url("/none"), url("/gone"), url("/no"), str(tmp_path)])
    assert said == [
        f"{tmp_path}/none.txt: there is no such file",
        f"{url('/none')} answered 404: there is no such page; look for its new address",
        f"{url('/gone')} answered 410: there is no such page; look for its new address",
        f"{url('/no')} answered 403 (Forbidden); open it in a browser, save the page, and name that file",
        f"{tmp_path} is a folder; name the articles in it",
    ]


async def test_private_addresses_and_silent_servers_are_refused_as_for_feeds() -> None:
    with FeedServer() as server:
        (said,) = await refusal([server.url("/page")], Polling())
    assert "is at a private address; set polling.allow_private" in said
    assert await refusal(["http://127.0.0.1:9/x"]) == ["http://127.0.0.1:9/x cannot be reached (Connection refused)"]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "a is empty"),
        (b" \n\t", "a is empty"),
        (b"%PDF-1.7 ...", "a is a PDF; copy its text into a file, and name that"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a is not text, or not in UTF-8; save it as UTF-8 text or as a web page"),
        ("Погибли".encode("cp1251"), "a is not text, or not in UTF-8; save it as UTF-8 text or as a web page"),
        (b"<?xml version='1.0'?><rss version='2.0'></rss>", "a is a feed, not an article; name one of its articles"),
        (b"<html><body><script>app()</script></body></html>", "a holds no text"),
        (b"12 34 ...", "a holds no text"),
    ],
)
def test_what_is_no_article_is_said(body: bytes, sentence: str) -> None:
    with pytest.raises(NewswatchError) as caught:
        article("a", body)
    assert str(caught.value) == sentence


async def test_a_file_too_large_is_no_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newswatch.drafting.articles.MAX_FILE", 10)
    (tmp_path / "a").write_text("x" * 11)
    assert await refusal([str(tmp_path / "a")]) == [f"{tmp_path}/a is larger than 1e-05 MB; that is no article"]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_codings_of_text(coding: str) -> None:
    assert article("a", "Плотина\n\nПогибли трое.".encode(coding)).title == "Плотина"
    page = "<meta charset='koi8-r'><p>Погибли трое.</p>".encode("koi8-r")
    assert article("a", page).text == "Погибли трое."


def test_a_text_that_begins_with_a_sentence_has_no_title() -> None:
    assert article("a", b"Three died.\n\nMore is not known.").title == ""
    assert article("a", b"Three died").text == "Three died"


def test_what_an_address_is() -> None:
    assert is_address("HTTPS://example.org/x")
    assert not is_address("http.txt")
