"""What a news text must not do in each service: become markup, a link that was not meant, or a call to somebody. Pure.

Each function takes one line of plain text (`view.plain`) and gives it as that service shows it, letter for letter.
"""

from __future__ import annotations

import html
import re

# Of no width, and no part of a name: "@" before it calls nobody.
_JOINER = "\u2060"
_DISCORD = re.compile(r"[\\`*_~|\[\]()<>#+-]")
_ENDS_A_LINK = re.compile(r"""[()<>|"'`\\{}^]""")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#+!|~>-]")


def mrkdwn(text: str) -> str:
    """Slack: ``&``, ``<`` and ``>`` are all that has to be escaped; calls and links need the latter two."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def discord(text: str) -> str:
    """Discord's markdown: a backslash before what means something. Who may be called, ``allowed_mentions`` says."""
    return _DISCORD.sub(r"\\\g<0>", text)


def mattermost(text: str) -> str:
    """Mattermost's markdown; ``@all`` and ``@name`` call nobody."""
    return _MARKDOWN.sub(r"\\\g<0>", text).replace("@", f"@{_JOINER}")


def telegram(text: str) -> str:
    """Telegram's HTML, in text and in attributes; ``@name`` calls nobody."""
    return html.escape(text).replace("@", f"@{_JOINER}")


def address(url: str) -> str:
    """An address that may stand in a link of any markup: what could end the link is percent-encoded."""
    return _ENDS_A_LINK.sub(lambda found: f"%{ord(found[0]):02X}", url)
