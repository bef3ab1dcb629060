"""A webhook's body from a JSON template, ``NAME.json.j2``: newswatch's own for services, or the user's for anything.

A template is JSON with Jinja2 in it, sandboxed and strict: an unknown variable is a mistake, and ``tojson`` puts any
text into JSON. What it sees are the fields of `view.View`, and beside them ``subject``, ``link`` (the first story's
address, or empty), ``notice`` and ``payload`` (newswatch's own body).
"""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newswatch.alerting import markup
from newswatch.alerting.fit import Body, fitted
from newswatch.alerting.view import View, clip, plain

_FILE = "{}.json.j2"


@dataclass(frozen=True, slots=True)
class Mistake(Exception):  # noqa: N818 - it reads as what it is
    """Why a template gives no body.

    Attributes:
        file: the template's name.
        line: its line, or None where only what it gives is wrong.
        what: in words, without a full stop.
    """

    file: str
    line: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.file}{'' if self.line is None else f', line {self.line}'}: {self.what}"


def environment(folders: list[Path]) -> ImmutableSandboxedEnvironment:
    """The surroundings of JSON templates; the first folder that has a file wins."""
    jinja = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    jinja.filters |= {
        "tojson": _tojson,
        "clip": clip,
        "mrkdwn": markup.mrkdwn,
        "discord": markup.discord,
        "mattermost": markup.mattermost,
        "telegram": markup.telegram,
        "address": markup.address,
    }
    return jinja


def body(
    jinja: ImmutableSandboxedEnvironment, form: str, seen: View, *, subject: str, notice: str, payload: Body
) -> Body:
    """The body of a format, with as much of a view in it as its service takes.

    Raises:
        Mistake: the template is not there, is none, or gives something else than a JSON object that fits.
    """
    file = _FILE.format(form)
    links = [story.link for event in seen.events for story in event.stories if story.link]
    beside = {"subject": subject, "link": links[0] if links else "", "notice": notice, "payload": payload}

    def render(view: View) -> Body:
        context = {field.name: getattr(view, field.name) for field in fields(view)} | beside
        return _parsed(file, _text(jinja, file, context))

    try:
        return fitted(seen, render, form)
    except ValueError as error:
        raise Mistake(file, None, f"what it gives {error}") from error


def _text(jinja: ImmutableSandboxedEnvironment, file: str, context: dict[str, Any]) -> str:
    try:
        return jinja.get_template(file).render(context)
    except TemplateSyntaxError as error:
        raise Mistake(error.name or file, error.lineno, plain(error.message or "is no template")) from error
    except Exception as error:
        # A template is the user's code and may raise anything at all; jinja puts its lines into the traceback.
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
        name, line = (Path(frames[-1].filename).name, frames[-1].lineno) if frames else (file, None)
        if isinstance(error, TemplateNotFound):
            what = "there is no such template" if error.name == file else f"{error.name} is not there"
        else:
            what = plain(str(error)) or type(error).__name__
        raise Mistake(name, line, clip(what, 200)) from error


def _parsed(file: str, text: str) -> Body:
    try:
        value = json.loads(text)
    except ValueError as error:
        if not isinstance(error, json.JSONDecodeError):
            raise Mistake(file, None, f"gives no JSON ({error})") from error
        near = plain(text[max(error.pos - 40, 0) : error.pos + 40]) or "nothing"
        raise Mistake(file, None, f"gives no JSON ({error.msg.lower()} near “{near}”)") from error
    except RecursionError as error:
        raise Mistake(file, None, "gives JSON that nests too deeply") from error
    if not isinstance(value, dict):
        raise Mistake(file, None, "gives JSON that is no object; begin with { and end with }")
    return value


def _tojson(value: object) -> str:
    # What has no place in JSON is written as text; an unknown variable refuses that, by its name.
    return json.dumps(value, ensure_ascii=False, default=str)
