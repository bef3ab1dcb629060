"""The settings of newswatch as frozen models: the shape of newswatch.yaml.

The models are the only place where a key, its type, its default and its explanation are written; the JSON Schema
that editors use and the tables in docs/configuration.md are generated from them. Durations are seconds inside and
``30s``, ``10m``, ``2h``, ``1d`` in the file.
"""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from newswatch.config.values import (
    Rate,
    base_address,
    cron_fields,
    header_fields,
    http_address,
    language_code,
    listening_address,
    mailbox,
    one_or_many,
    optional_address,
    parse_chat,
    parse_clock,
    parse_duration,
    parse_names,
    parse_rate,
    parse_reach,
    parse_size,
    parse_wait,
    proxy_address,
    server_name,
    store_address,
    time_zone,
    token_address,
    variable_name,
)


def _duration_text(value: timedelta) -> str:
    return f"{value.total_seconds():g}s"


def _pattern(text: str) -> Any:
    """What a schema can check of a text that we check better, and say better: for editors only."""
    return Field(json_schema_extra={"pattern": text})


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(_duration_text),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^[0-9.]+[smhdw]$"}, {"type": "number", "minimum": 0}]}),
]
Wait = Annotated[
    timedelta,
    BeforeValidator(parse_wait),
    PlainSerializer(_duration_text),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^[0-9.]+[smhdw]$"}, {"type": "number", "minimum": 0}]}),
]
AtMost = Annotated[
    Rate,
    BeforeValidator(parse_rate),
    PlainSerializer(str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\s*[0-9]+\s+(per|an?|every)\s+(minute|hour|day|[0-9.]+[smhdw])\s*$"}
    ),
]
Clock = Annotated[
    time,
    BeforeValidator(parse_clock),
    PlainSerializer(lambda value: f"{value:%H:%M}"),
    WithJsonSchema({"type": "string", "pattern": r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$"}),
]
Size = Annotated[
    int,
    BeforeValidator(parse_size),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^[0-9.]+ ?([kKmMgG]?[bB])$"}, {"type": "integer", "minimum": 1}]}
    ),
]
Reached = Annotated[
    bool | tuple[str, ...],
    BeforeValidator(parse_reach),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]}),
]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Address = Annotated[str, AfterValidator(http_address), _pattern("^[hH][tT][tT][pP][sS]?://")]
Mailbox = Annotated[str, AfterValidator(mailbox), _pattern("@")]
Headers = Annotated[dict[str, str], AfterValidator(header_fields)]
ProxyAddress = Annotated[
    str, AfterValidator(proxy_address), _pattern("^(direct|([hH][tT][tT][pP][sS]?|socks5h?)://.+)?$")
]
Variable = Annotated[str, AfterValidator(variable_name), _pattern("^([A-Za-z_][A-Za-z0-9_]*)?$")]
Names = Annotated[
    tuple[Identifier, ...],
    BeforeValidator(parse_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
ChatId = Annotated[
    str, BeforeValidator(parse_chat), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})
]
Concurrency = Annotated[int, Field(ge=1, le=100)]
SeverityName = Literal["alert", "digest", "silent"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Model(BaseModel):
    """Base of all settings: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Store(Model):
    """Where newswatch keeps what it knows."""

    url: Annotated[str, AfterValidator(store_address), _pattern(r"^(sqlite|postgresql)(\+[a-z0-9_]+)?://.+")] = (
        "sqlite:///newswatch.db"
    )
    """SQLAlchemy URL. ``sqlite:///relative.db`` is relative to this file; ``sqlite:////var/lib/…`` is absolute."""


class Timeouts(Model):
    """How long one fetch may take."""

    connect: Duration = timedelta(seconds=10)
    """To reach the server, TLS included."""
    read: Duration = timedelta(seconds=15)
    """Between two pieces of the answer."""
    total: Duration = timedelta(seconds=45)
    """For the whole answer, redirects included."""


class Polling(Model):
    """How feeds are polled."""

    interval: Duration = timedelta(minutes=10)
    """How often a feed is polled before its habit is known. A feed's own ``interval`` is kept to as it is."""
    min_interval: Duration | None = None
    """The most often that a feed with much news is polled. None: twice as often as ``interval``."""
    max_interval: Duration | None = None
    """The least often that a feed without news is polled. None: a third as often as ``interval``."""
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 50
    """How many feeds are fetched at once."""
    per_host: Annotated[int, Field(ge=1, le=100)] = 4
    """How many feeds of one host are fetched at once."""
    host_delay: Wait | None = None
    """The least time between two requests to one host. None: 1 s, and nothing between those to private addresses."""
    robots: Literal["crawl-delay", "ignore"] | None = None
    """Whether the Crawl-delay of a host's robots.txt is kept. None: it is, but not asked for at private addresses."""
    timeout: Timeouts = Timeouts()
    """See Timeouts."""
    max_bytes: Size = 10_000_000
    """Cap on one answer as it comes over the wire."""
    max_decoded_bytes: Size = 50_000_000
    """Cap on one answer after decompression."""
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    """Redirects followed for one fetch."""
    max_backoff: Duration = timedelta(days=1)
    """The longest a failing feed waits; it is never dropped."""
    tell_after: Annotated[int, Field(ge=1, le=1000)] = 5
    """Failures of a feed in a row after which the operator is told of it, once; one that is gone (410) at once."""
    max_age: Duration = timedelta(days=14)
    """Entries older than this when first seen are taken as known, not as news."""
    user_agent: str = ""
    """Sent to every server; empty means ``newswatch/VERSION (+contact)``."""
    contact: str = ""
    """A URL or address for the owner of a feed, put into the User-Agent."""
    allow_private: Reached = False
    """Which private and loopback addresses may be reached: ``true`` for all, or a list of hosts and networks, as
    ``[intranet.example, 10.0.0.0/8]``."""
    full_text: Literal["never", "auto", "always"] = "never"
    """Read the pages of stories about an event: ``never``, ``always``, or ``auto``, where the feed gives little."""
    ca_file: Path | None = None
    """Extra certificate authority for feeds, PEM; relative to this file."""
    proxy: ProxyAddress = ""
    """Proxy that feeds are fetched through (``http://``, ``socks5://`` …). The environment's is not used."""
    proxy_env: Variable = ""
    """Environment variable that holds its address, where that holds a password."""
    proxy_file: Path | None = None
    """File that holds it."""


class WebSub(Model):
    """Subscriptions to the hubs that feeds name, which push what is new. They need an address that hubs can reach."""

    callback: Address
    """Where hubs reach this service (``https://news.example.org/websub``); a web server passes it on to ``listen``."""
    listen: Annotated[str, AfterValidator(listening_address)] = "127.0.0.1:8765"
    """Where this service listens for them."""


class Feed(Model):
    """One feed to poll."""

    url: Address
    """http or https address of an RSS, Atom or RDF feed."""
    id: Identifier | None = None
    """Short name for logs and commands; made from the host when left out."""
    title: str = ""
    """The publisher as alerts name it; the feed's own title when left out."""
    events: tuple[Identifier, ...] = ()
    """Events this feed is read for; all when left out."""
    language: str = ""
    """``en``, ``ru`` …, when the feed does not state it rightly."""
    interval: Duration | None = None
    """How often it is polled, always; overrides polling.interval and its bounds."""
    headers: Headers = {}
    """Extra request headers, sent to this feed's own scheme, host and port only. Secrets do not belong here."""
    headers_env: dict[str, Variable] = {}
    """The same, each with the environment variable that holds its value, as ``{X-Token: FEED_TOKEN}``."""
    username: str = ""
    """Login name (HTTP basic authentication), sent where the headers are."""
    password_env: Variable = ""
    """Environment variable that holds the password."""
    password_file: Path | None = None
    """File that holds the password."""
    user_agent: str = ""
    """Overrides polling.user_agent."""
    proxy: ProxyAddress = ""
    """Overrides polling.proxy; ``direct`` for none."""
    proxy_env: Variable = ""
    """Environment variable that holds its address, where that holds a password."""
    proxy_file: Path | None = None
    """File that holds it."""
    full_text: Literal["never", "auto", "always"] | None = None
    """Overrides polling.full_text."""


class OAuth2(Model):
    """Login to a mail server with an access token (XOAUTH2): one that is given, or one fetched with a refresh token."""

    token_env: Variable = ""
    """Environment variable that holds an access token."""
    token_file: Path | None = None
    """File that another program keeps an access token in; read at each login."""
    token_url: Annotated[str, AfterValidator(token_address)] = ""
    """Where an access token is fetched, as in ``https://oauth2.googleapis.com/token``."""
    client_id: str = ""
    """What the provider calls this client; for ``token_url``."""
    client_secret_env: Variable = ""
    """Environment variable that holds the client's secret, where it has one."""
    client_secret_file: Path | None = None
    """File that holds it."""
    refresh_token_env: Variable = ""
    """Environment variable that holds the refresh token; for ``token_url``."""
    refresh_token_file: Path | None = None
    """File that holds it."""
    scope: str = ""
    """What the token is asked for, where the provider wants it said."""


class EmailChannel(Model):
    """Email over SMTP."""

    type: Literal["email"]
    """``email``."""
    host: Annotated[str, AfterValidator(server_name)]
    """The SMTP server."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """587 for starttls, 465 for tls, 25 for none when left out."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """``starttls`` refuses to go on without it; ``tls`` is TLS from the first byte."""
    ca_file: Path | None = None
    """Extra certificate authority, PEM."""
    username: str = ""
    """Login name; no login when empty."""
    password_env: Variable = ""
    """Environment variable that holds the password."""
    password_file: Path | None = None
    """File that holds the password; ``$CREDENTIALS_DIRECTORY/name`` works under systemd."""
    oauth2: OAuth2 | None = None
    """Login with an access token in place of a password; see OAuth2."""
    sender: Mailbox = Field(alias="from")
    """``Name <address>`` that emails come from."""
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    """Addresses; each of them sees the others. For people who shall not, write a channel each."""
    concurrency: Concurrency = 1
    """How many messages are sent at once, each over a connection of its own; of one recipient never more than one."""
    timeout: Duration = timedelta(seconds=30)
    """For each step of the conversation."""


class WebhookChannel(Model):
    """A JSON POST: newswatch's own body, signed by the Standard Webhooks specification, or one made for a service."""

    type: Literal["webhook"]
    """``webhook``."""
    url: Address = ""
    """Where to post. Needed, here or by ``url_env`` or ``url_file``; ``telegram`` needs none."""
    url_env: Variable = ""
    """Environment variable that holds the address, where the address itself is a secret (Slack, Discord, Teams …)."""
    url_file: Path | None = None
    """File that holds it."""
    format: Identifier = "newswatch"
    """``newswatch``, ``slack``, ``discord``, ``teams``, ``telegram``, ``mattermost``, ``ntfy``, or NAME for your own
    template ``NAME.json.j2``."""
    chat_id: ChatId = ""
    """The chat that ``telegram`` posts to: a number, or ``@name`` of a public channel."""
    token_env: Variable = ""
    """Environment variable that holds a token: the bot's for ``telegram``, else sent as ``Authorization: Bearer …``."""
    token_file: Path | None = None
    """File that holds it."""
    secret_env: Variable = ""
    """Environment variable that holds the ``whsec_…`` secret that calls are signed with."""
    secret_file: Path | None = None
    """File that holds it."""
    previous_secret_env: Variable = ""
    """Environment variable that holds the secret before; calls are signed with both while receivers change over."""
    previous_secret_file: Path | None = None
    """File that holds it."""
    headers: Headers = {}
    """Extra headers. Secrets do not belong here."""
    ca_file: Path | None = None
    """Extra certificate authority, PEM."""
    concurrency: Concurrency = 4
    """How many messages are posted at once; of one recipient never more than one."""
    timeout: Duration = timedelta(seconds=15)
    """For the whole call."""
    allow_private: bool = False
    """Allow private and loopback addresses."""


class AppriseChannel(Model):
    """Any service that the library Apprise knows; needs ``pip install 'newswatch[apprise]'``."""

    type: Literal["apprise"]
    """``apprise``."""
    url_env: Variable = ""
    """Environment variable that holds the Apprise URL; such URLs hold secrets."""
    url_file: Path | None = None
    """File that holds it."""
    concurrency: Concurrency = 1
    """How many messages are handed over at once; of one recipient never more than one."""
    timeout: Duration = timedelta(seconds=30)
    """For the whole call."""


class FolderChannel(Model):
    """``.eml`` files in a folder: what is used when no channel is configured."""

    type: Literal["folder"]
    """``folder``."""
    path: Path
    """Made when missing; relative to this file."""


Channel = Annotated[EmailChannel | WebhookChannel | AppriseChannel | FolderChannel, Field(discriminator="type")]


class Digest(Model):
    """When a recipient gets what was not told at once."""

    cron: Annotated[str, AfterValidator(cron_fields)] = "0 7 * * *"
    """Five cron fields (minute hour day month weekday) in the recipient's time zone."""
    send_empty: bool = False
    """Send a digest that says that nothing happened."""


class Quiet(Model):
    """When a recipient is not to be disturbed: what would be told at once waits for the end, and is told as one."""

    from_: Clock = Field(alias="from")
    """Time of day in the recipient's time zone, as ``"22:00"``."""
    until: Clock
    """Time of day; one that is earlier than ``from`` is the next day's."""
    days: tuple[Weekday, ...] = ()
    """Weekdays on which it begins (``[sat, sun]``); every day when left out."""
    except_: Names = Field(alias="except", default=())
    """What is told all the same: ``alert`` for all of that severity, or a list of topics."""


Spans = Annotated[
    tuple[Quiet, ...], BeforeValidator(one_or_many, json_schema_input_type=Quiet | tuple[Quiet, ...] | None)
]
"""Quiet hours as they are written: one span, a list of them, or none."""


class Escalate(Model):
    """Who is told when an urgent alert is not acknowledged."""

    to: Identifier
    """Another recipient."""
    after: Duration = timedelta(minutes=15)
    """How long after the alert."""


class Recipient(Model):
    """A route: who is told of what, over which channels, when at once and when later."""

    id: Identifier
    """Short name."""
    channels: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Names of channels; every one gets each message."""
    events: tuple[Identifier, ...] = ()
    """Events to be told of; all when left out."""
    topics: tuple[Identifier, ...] = ()
    """Topics to be told of; all when left out."""
    alert_from: SeverityName = "alert"
    """Told at once from this severity on; below it, in the digest. ``digest`` means everything at once."""
    timezone: Annotated[str, AfterValidator(time_zone)] = "UTC"
    """IANA name, for quiet hours, the digest and the times in messages."""
    language: Annotated[str, AfterValidator(language_code), _pattern("^[a-z]{2,3}$")] = "en"
    """Language of the fixed words and dates of messages. The news itself stays as it was written."""
    group_wait: Wait = timedelta(seconds=30)
    """How long an alert waits for more of the same event, to tell it as one. ``newswatch once`` does not wait."""
    at_most: AtMost | None = Rate(20, timedelta(hours=1))
    """Alerts that one flood may bring: ``6 per hour``. The rest is merged, and told as soon as the rate allows it."""
    quiet: Spans = ()
    """See Quiet; one, or a list (nights and weekends). It is quiet whenever it is by one of them."""
    escalate: Escalate | None = None
    """See Escalate."""
    digest: Digest | None = Digest()
    """``null`` for no digest."""


class Templates(Model):
    """Your own templates."""

    path: Path | None = None
    """A folder whose files win over newswatch's own; relative to this file."""


class Publish(Model):
    """Each event's developments as an Atom feed and a JSON Feed, in files that a web server can hand out."""

    folder: Path | None = None
    """Where ``EVENT.atom`` and ``EVENT.json`` are written, made when missing; relative to this file. None: no feeds."""
    url: Annotated[str, AfterValidator(optional_address), _pattern("^([hH][tT][tT][pP][sS]?://.*)?$")] = ""
    """Where the folder is found on the web (``https://news.example.org/feeds``); the feeds name themselves by it."""
    entries: Annotated[int, Field(ge=1, le=1000)] = 50
    """How many developments a feed holds; the oldest leave it."""
    language: Annotated[str, AfterValidator(language_code), _pattern("^[a-z]{2,3}$")] = "en"
    """Language of newswatch's own words in the feeds. The news itself stays as it was written."""


class Settings(Model):
    """All of newswatch.yaml."""

    store: Store = Store()
    """See Store."""
    polling: Polling = Polling()
    """See Polling."""
    events: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = ("events/*.yaml",)
    """Event files, as paths or patterns relative to this file."""
    feeds: tuple[Feed, ...] = ()
    """See Feed."""
    channels: dict[Identifier, Channel] = {}
    """See the channels. None: messages become files in ``outbox/`` beside this file."""
    recipients: tuple[Recipient, ...] = ()
    """See Recipient. None: one recipient who gets everything over every channel."""
    operator: Identifier | None = None
    """The recipient who is told of feeds in trouble, and, over another channel, of one that does not work.
    None: whoever has the first channel that can be used."""
    dead_after: Duration = timedelta(minutes=30)
    """How long nothing may go through a channel before that is told; a final refusal is told at once."""
    templates: Templates = Templates()
    """See Templates."""
    websub: WebSub | None = None
    """See WebSub. None: feeds are polled only."""
    publish: Publish = Publish()
    """See Publish."""
    public_url: Annotated[
        str, AfterValidator(base_address), Field(max_length=500), _pattern("^([hH][tT][tT][pP][sS]?://[^?#]*)?$")
    ] = ""
    """Where newswatch's pages are reached from outside (``https://watch.example.org``); messages link to them then."""
    retention: Duration = timedelta(days=365)
    """Stories and deliveries older than this are removed by maintenance; the ledger stays."""
