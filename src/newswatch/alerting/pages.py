"""Where newswatch's own pages are found, for messages that link to them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from newswatch.alerting.notices import EVENT
from newswatch.model import Alert, AlertItem


@dataclass(frozen=True, slots=True)
class Pages:
    """The addresses of pages below ``public_url``; every one is empty where that is.

    Attributes:
        public_url: http(s) address without a slash at its end, or empty.
    """

    public_url: str = ""

    def alert(self, alert: Alert) -> str:
        """All of an alert or digest."""
        return self._page("alerts", alert.alert_id)

    def story(self, item: AlertItem) -> str:
        """The story that brought a development; what newswatch tells of itself has none."""
        return "" if item.development.event == EVENT else self._page("stories", item.story.story_id)

    def _page(self, kind: str, name: str) -> str:
        return f"{self.public_url}/{kind}/{quote(name, safe='')}" if self.public_url else ""


NOWHERE = Pages()
"""There are none that anybody could open."""
