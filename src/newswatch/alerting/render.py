"""Deliveries become messages: templates for the email's subject and two bodies, JSON for the webhook."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newswatch.alerting.body import Mistake, environment
from newswatch.alerting.body import body as json_body
from newswatch.alerting.chart import drawn
from newswatch.alerting.fit import Body
from newswatch.alerting.pages import Pages
from newswatch.alerting.payload import payload
from newswatch.alerting.sample import sample
from newswatch.alerting.view import View, clip, direction, plain, view
from newswatch.alerting.worded import worded
from newswatch.alerting.wording import Words, words
from newswatch.config.paths import data_dir
from newswatch.config.settings import Recipient
from newswatch.model import Delivery, Image, Message, make_id

# What a style block of a template says goes into the elements; media queries stay. Nothing is ever loaded.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
# A user's own subject may be longer than ours, but a header of kilobytes is a fault of the template.
LONGEST_SUBJECT = 250
NEWSWATCH = "newswatch"


class Renderer:
    """Renders with newswatch's own templates, of which files in the user's folder win over those of the same name.

    A template of the user that fails loses no alert: newswatch's own are used, and the message says why.
    """

    def __init__(self, user_templates: Path | None, *, public_url: str = "") -> None:
        """Keep where templates are.

        Args:
            user_templates: the user's folder, or None.
            public_url: see `Settings`; messages link to pages below it.
        """
        own = data_dir("templates")
        self._pages = Pages(public_url)
        self._folder = user_templates
        self._own = _environment(Environment, [own])
        self._users: Environment | None = None
        if user_templates is not None:
            self._users = _environment(ImmutableSandboxedEnvironment, [user_templates, own])
        self._own_json = environment([own])
        self._users_json = None if user_templates is None else environment([user_templates, own])

    def render(self, delivery: Delivery, *, recipient: Recipient, form: str | None = NEWSWATCH) -> Message:
        """Turn a delivery into a message for any channel; the same delivery always gives the same message.

        Args:
            delivery: what is told.
            recipient: to whom, for the zone of its times and the language of its words.
            form: a webhook's ``format``; None for another channel, which needs no ``payload``.

        Raises:
            Mistake: the format is the user's own, and its template gives no body; there is none to use instead.
        """
        seen, delivery, unspoken = self._view(delivery, recipient)
        seen = replace(seen, full=self._pages.alert(delivery.alert))
        subject, text, html, notice = self._bodies(seen)
        alert = delivery.alert
        body = {} if form is None else payload(delivery, subject=subject, pages=self._pages)
        if form not in (None, NEWSWATCH):
            body, notice = self._formed(form, seen, subject, notice, body)
        return Message(
            delivery_id=delivery.delivery_id,
            thread_id=make_id("thr", alert.event or "digest"),
            subject=subject,
            text=text,
            html=html,
            payload=body,
            created=alert.created,
            urgent=not alert.digest,
            list_name=seen.title or "newswatch digest",
            notice=notice or unspoken,
            taken=delivery.taken,
            images=_images(seen, html),
        )

    def _view(self, delivery: Delivery, recipient: Recipient) -> tuple[View, Delivery, str]:
        """What templates see, and the delivery, in the recipient's language; or in newswatch's own English, and why."""
        try:
            return *_in(words(recipient.language, self._folder), delivery, recipient), ""
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            said = clip(plain(str(error)), 300)
            notice = f"One of your own files of words failed, so English was used ({said})."
            return *_in(words(), delivery, recipient), notice

    def _formed(self, form: str, seen: View, subject: str, notice: str, whole: Body) -> tuple[Body, str]:
        """A webhook's body in a format, and what went wrong until now."""
        if self._users_json is not None:
            try:
                made = json_body(self._users_json, form, seen, subject=subject, notice=notice, payload=whole)
            except Mistake as error:
                if not (data_dir("templates") / f"{form}.json.j2").is_file():
                    raise
                notice = _sentence(error, seen)
            else:
                return made, notice
        return json_body(self._own_json, form, seen, subject=subject, notice=notice, payload=whole), notice

    def _bodies(self, seen: View) -> tuple[str, str, str, str]:
        if self._users is None:
            return _render(self._own, seen, notice="")
        try:
            return _render(self._users, seen, notice="")
        except Exception as error:  # noqa: BLE001 - a template is the user's code and may raise anything at all
            return _render(self._own, seen, notice=_sentence(error, seen))


def _in(spoken: Words, delivery: Delivery, recipient: Recipient) -> tuple[View, Delivery]:
    told = replace(delivery, alert=worded(delivery.alert, spoken))
    return view(told, recipient, spoken), told


def mistakes_of_template(user_templates: Path, form: str, *, now: datetime) -> tuple[Mistake, ...]:
    """What is wrong with the user's JSON template for a format, found by rendering samples with it; each once.

    Args:
        user_templates: the folder that has ``FORM.json.j2``.
        form: the format.
        now: the time of the samples.
    """
    jinja = environment([user_templates, data_dir("templates")])
    recipient = Recipient(id="test", channels=("test",))
    found: dict[str, Mistake] = {}
    for digest in (False, True):
        one = sample("test", recipient.id, now=now, digest=digest)
        whole = payload(one, subject="Test")
        try:
            json_body(jinja, form, view(one, recipient), subject="Test", notice="", payload=whole)
        except Mistake as error:
            found[str(error)] = error
    return tuple(found.values())


def _environment(kind: type[Environment], folders: Sequence[Path]) -> Environment:
    """Only the user's templates need the sandbox, which takes a third of the time of rendering."""
    environment = kind(
        loader=FileSystemLoader(folders),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"wrap": wrap, "direction": direction, "isolated": isolated}
    return environment


def _render(environment: Environment, seen: View, *, notice: str) -> tuple[str, str, str, str]:
    kind = "digest" if seen.digest else "alert"
    context = {field.name: getattr(seen, field.name) for field in fields(seen)} | {"notice": notice}
    subject, text, html = (
        environment.get_template(f"{kind}.{part}.j2").render(context) for part in ("subject.txt", "txt", "html")
    )
    subject = clip(plain(subject), LONGEST_SUBJECT)
    for name, body in ((f"{kind}.subject.txt.j2", subject), (f"{kind}.txt.j2", text), (f"{kind}.html.j2", html)):
        if not body.strip():
            raise TemplateError(f"{name} gave nothing")
    return subject, text, _INLINER.inline(html), notice


def _images(seen: View, html: str) -> tuple[Image, ...]:
    """The pictures that a body shows; a template of the user's may want none."""
    rows = [row for event in seen.figures for row in event.rows if row.chart and f"cid:{row.chart}" in html]
    return tuple(Image(row.chart, drawn(row.steps), row.alt) for row in rows)


def _sentence(error: Exception, seen: View) -> str:
    where = f"{error.name or 'template'}, line {error.lineno}: " if isinstance(error, TemplateSyntaxError) else ""
    what = plain(f"{where}{error}") or type(error).__name__
    return seen.words["template_failed"].format(what=clip(what, 300))


def wrap(text: str, indent: str = "", first: str | None = None, width: int = 76) -> str:
    """Fold a text at words, for mail readers that do not; addresses stay whole."""
    begin = indent if first is None else first
    if len(begin) + len(text) <= width and text.isprintable() and text.strip(" "):
        return begin + text.rstrip(" ")
    return textwrap.fill(
        text,
        width,
        initial_indent=begin,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def isolated(text: str) -> str:
    """A text that runs from right to left, kept from turning the line of ours it stands in (UAX #9: FSI and PDI)."""
    return f"\u2068{text}\u2069" if direction(text) == "rtl" else text
