"""Emails as bytes: parsed again by the standard library's strict policy, whatever the texts hold."""

from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, strict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopback import news
from loopback.news import NOW, message
from newswatch.alerting.render import Renderer
from newswatch.channels.mime import Letterhead, one_line
from newswatch.config.settings import Recipient
from newswatch.config.values import mail_address as address
from newswatch.model import Development, Image, Message

STRICT = strict + SMTP.clone(raise_on_defect=True)
SENDER = address("Новости <news@example.org>")
READER = address("Ada Desk <ada@example.org>")
ANY = st.text(st.characters(codec=None), max_size=300)
LINES = st.text(st.sampled_from("ab ёж日\r\n\t\x00\x0b\u2028:;,.\"'<>()=?_-@"), max_size=200)


def raw(of: Message, sender: Address = SENDER) -> bytes:
    return Letterhead(sender, [READER]).write(of)


def parsed(data: bytes) -> EmailMessage:
    mail = message_from_bytes(data, policy=STRICT)
    assert isinstance(mail, EmailMessage)
    return mail


def test_the_headers_say_what_programs_look_for() -> None:
    mail = parsed(raw(message()))
    assert mail["Message-ID"] == "<dlv_0123456789abcdef0123@example.org>"
    assert mail["References"] == mail["In-Reply-To"] == "<thr_0123456789abcdef0123@example.org>"
    assert mail["List-Id"] == "Velmora the dam of Lake Arda <thr_0123456789abcdef0123.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "list"
    assert mail["X-Newswatch-Delivery"] == "dlv_0123456789abcdef0123"
    assert mail["Date"].datetime == NOW
    assert mail["From"] == "Новости <news@example.org>"
    assert mail["To"] == "Ada Desk <ada@example.org>"
    assert mail["Subject"] == message().subject
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "told", [news.INJURED, news.RUSSIAN, replace(news.DETAINED, summary="اعتقلت الشرطة مدير السد.")]
)
@pytest.mark.parametrize("kind", ["alert", "digest"])
def test_what_is_really_sent_is_read_back_by_the_strict_policy(told: Development, kind: str) -> None:
    period = (NOW, NOW) if kind == "digest" else None
    alert = replace(news.alert(news.item(told, others=news.OTHERS)), digest=kind == "digest", period=period)
    of = Renderer(None).render(news.delivery(alert), recipient=Recipient(id="desk", channels=("mail",)))
    data = raw(of)
    mail = parsed(data)
    assert mail["Subject"] == of.subject
    assert max(map(len, data.split(b"\r\n"))) <= 78
    for part, text in zip(mail.iter_parts(), (of.text, of.html), strict=True):
        assert part.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize("to", [["ада@новости.example"], ["a@straße.example", "Ада Лавлейс <ada@example.org>"]])
def test_addresses_in_other_letters_are_read_back(to: list[str]) -> None:
    letterhead = Letterhead(SENDER, [address(text) for text in to])
    mail = parsed(letterhead.write(message()))
    assert letterhead.utf8 == (not to[0].partition("@")[0].isascii())
    # The standard library's parser hands UTF-8 in a header on as half surrogates.
    read = [a.addr_spec.encode("utf-8", "surrogateescape").decode() for a in mail["To"].addresses]
    assert read == [address(text).addr_spec for text in to]


def test_the_list_id_stays_readable_for_programs_when_the_title_is_not_ascii() -> None:
    assert b"List-Id: <thr_0123456789abcdef0123.example.org>\r\n" in raw(message(list_name="Велмора: плотина"))


def test_the_same_message_gives_the_same_bytes() -> None:
    assert raw(message()) == raw(message())


@pytest.mark.parametrize("text", ["ё" * 5000, "x" * 5000, "строка\n" * 300, ".\n..\nFrom here\n", ""])
def test_lines_are_short_and_ascii_and_bodies_survive(text: str) -> None:
    data = raw(message(text=text, html=f"<p>{text}</p>"))
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert b"\n" not in data.replace(b"\r\n", b"")
    body = parsed(data).get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


HEADERS = {
    "content-type", "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "list-id",
    "auto-submitted", "precedence", "x-newswatch-delivery", "mime-version",
}  # fmt: skip


@given(subject=ANY | LINES, title=ANY | LINES, text=ANY | LINES, html=ANY | LINES, ident=LINES)
def test_no_text_can_add_a_header_or_break_the_message(
    subject: str, title: str, text: str, html: str, ident: str
) -> None:
    of = message(subject=subject, list_name=title, text=text, html=html, delivery_id=ident, thread_id=ident)
    data = raw(of)
    mail = parsed(data)
    assert {name.lower() for name in mail} == HEADERS
    assert len(mail.keys()) == len(HEADERS)
    assert len(list(mail.iter_parts())) == 2
    assert max(map(len, data.split(b"\r\n"))) <= 998


@given(ANY | LINES)
def test_subjects_survive_the_way(text: str) -> None:
    assert parsed(raw(message(subject=text)))["Subject"] == one_line(text)


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=80))
def test_names_of_senders_survive_or_are_refused(name: str) -> None:
    try:
        sender = address(f'"{name}" <news@example.org>')
    except ValueError:
        return
    assert parsed(raw(message(), sender))["From"].addresses[0].addr_spec == "news@example.org"


def test_a_domain_in_other_letters_becomes_ascii() -> None:
    assert address("Почта <news@новости.example>").addr_spec == "news@xn--b1amnebsh.example"


@pytest.mark.parametrize(
    "text", ["", "plain", "@example.org", "a@", "a b@example.org", "a@b@c", "<a@example.org", "a@exa mple"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an email address; write"):
        address(text)


@pytest.mark.parametrize(
    "subject",
    [
        "Digest, Koi-Tash: Guns & stones: how the siege of Koi-Tash ended (+3 more)",
        "Велмора: силовики во второй раз за два дня штурмовали дом, и это длинная тема письма (+3 more)",
        "word " * 40,
        "w" * 200,
    ],
)
def test_a_subject_comes_back_as_it_was_with_no_empty_first_line(subject: str) -> None:
    [line] = [h for h in raw(message(subject=subject)).split(b"\r\n") if h.startswith(b"Subject:")]
    assert line.strip() != b"Subject:"
    assert parsed(raw(message(subject=subject)))["subject"] == one_line(subject)


def test_pictures_stand_beside_the_html_that_shows_them() -> None:
    images = tuple(Image(f"dlv_1.figure{n}@newswatch", bytes([n]) * 300, "Injured: 98") for n in (1, 2))
    mail = parsed(raw(message(html='<img src="cid:dlv_1.figure1@newswatch" alt="Injured: 98">', images=images)))
    text, related = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert related.get_content_type() == "multipart/related"
    html, *pictures = related.iter_parts()
    assert "cid:dlv_1.figure1@newswatch" in html.get_content()
    assert [picture["Content-ID"] for picture in pictures] == [f"<{image.cid}>" for image in images]
    assert [picture.get_content() for picture in pictures] == [image.png for image in images]
    assert all(picture.get_content_disposition() == "inline" for picture in pictures)
    body = mail.get_body(("html",))
    assert body is not None
    assert body.get_content() == html.get_content()
