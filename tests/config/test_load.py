"""Every mistake at once, with file, line and what to write instead."""

from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from newswatch.config.load import find_config, load_config, load_event
from newswatch.config.schema import SCHEMAS, documented, schema_text
from newswatch.config.secrets import read_secret
from newswatch.errors import ConfigError
from newswatch.scaffold import write_scaffold

ROOT = Path(__file__).parents[2]
EVENT = "event: e\ntitle: An event\nabout: {any: [Name]}\n"


def mistakes(folder: Path, text: str, event: str = EVENT) -> str:
    (folder / "events").mkdir(exist_ok=True)
    (folder / "events" / "e.yaml").write_text(event, encoding="utf-8")
    path = folder / "newswatch.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("polling: {intervall: 5m}", "newswatch.yaml:1: `intervall` is not a key here. Did you mean `interval`?"),
        ("polling: {interval: soon}", "`interval`: 'soon' is not a duration; write for example 30s, 10m, 2h or 1d."),
        ("polling: {max_bytes: big}", "is not a size; write for example 500kB or 10MB."),
        ("polling: {concurrency: many}", "`concurrency` must be a whole number; it is 'many'."),
        ("polling: {concurrency: 0}", "`concurrency` must be 1 or more."),
        ("feeds: nothing", "`feeds` must be a list: write [one, two], or one item a line after a dash"),
        ("feeds:\n  - {id: x}", "newswatch.yaml:2: `url` is missing in `feeds`. Add `url: …`."),
        ("feeds:\n  - {url: 'ftp://x/'}", "newswatch.yaml:2: `url` 'ftp://x/' is not an http or https address."),
        ("feeds:\n  - {url: 'http://'}", "`url` 'http://' names no host."),
        ("feeds:\n  - {url: 'http://a:b@c/'}", "holds a user name or password"),
        ("feeds:\n  - {url: 'http://a/'}\n  - {url: 'http://a/'}", "newswatch.yaml:3: http://a/ is here twice"),
        ("feeds:\n  - {url: 'http://a/', events: [no]}", "event `no` does not exist. There are: e."),
        ("channels: {m: {type: pigeon}}", "type 'pigeon' is unknown. Write email, webhook or folder."),
        ("channels: {m: {path: x}}", "has no `type`; write type: email, type: webhook or type: folder"),
        ("recipients: [{id: r, channels: [no]}]", "channel `no` does not exist. There are: none."),
        ("recipients: [{id: r, channels: []}]", "`channels` is empty. Name at least one."),
        (
            "channels: {f: {type: folder, path: x}}\nrecipients: [{id: r, channels: [f], timezone: Mars/Base}]",
            "newswatch.yaml:2: there is no time zone 'Mars/Base'.",
        ),
        (
            "channels: {f: {type: folder, path: x}}\nrecipients: [{id: r, channels: [f], digest: {cron: daily}}]",
            "`cron` 'daily' cannot be read",
        ),
        ("channels: {m: {type: email, host: h, from: a@b.c, to: [a@b.c], password: x}}", "secrets stay out of it"),
        (
            "channels: {m: {type: email, host: h, from: a@b.c, to: [a@b.c], username: u, password_env: NOPE}}",
            "the environment variable NOPE is not set, or is empty.",
        ),
        (
            "store: {url: x}\nstore: {url: y}",
            "newswatch.yaml:2: `store` stands here again (first in line 1). Keep one.",
        ),
        ("store: [", "newswatch.yaml:1: is not YAML"),
        ("store:\n\turl: x", "a tab stands where spaces belong. Indent with spaces."),
        ("", "newswatch.yaml: is empty. `newswatch init` writes one to start from."),
        ("- a", "must be a block of keys and values."),
        ("events: [nowhere/*.yaml]", "`nowhere/*.yaml` names no event file."),
    ],
)
def test_a_mistake_is_said_in_words(text: str, sentence: str, tmp_path: Path) -> None:
    assert sentence in mistakes(tmp_path, text)


def test_all_mistakes_of_all_files_are_said_at_once(tmp_path: Path) -> None:
    said = mistakes(tmp_path, "polling: {intervall: 5m}\nfeeds: [{url: 7}]", "event: e\nabout: {any: x}\n")
    assert len(said.splitlines()) == 4
    assert "events/e.yaml:1: `title` is missing. Add `title: …`." in said


@pytest.mark.parametrize("cron", ["0 7 * * 7", "0 7 * * 5-7", "*/15 6-22 * * mon-fri"])
def test_a_cron_that_sending_takes_is_a_good_one(cron: str, tmp_path: Path) -> None:
    text = "channels: {f: {type: folder, path: x}}\n"
    text += f"recipients: [{{id: r, channels: [f], digest: {{cron: '{cron}'}}}}]\n"
    write_scaffold(tmp_path)
    (tmp_path / "newswatch.yaml").write_text(text)
    assert load_config(tmp_path / "newswatch.yaml", {}).recipients[0].digest is not None


def test_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "it holds more than 200,000 values" in mistakes(tmp_path, "\n".join(lines))


def test_what_is_no_text_or_no_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    path.write_bytes(b"store: {}\n# \xff\n")
    with pytest.raises(ConfigError, match=r":2: is not UTF-8 text\. Save the file as UTF-8\."):
        load_config(path, {})
    with pytest.raises(ConfigError, match="there is no such file"):
        load_config(tmp_path / "none.yaml", {})
    with pytest.raises(ConfigError, match=r"is a folder\. Name the file in it\."):
        load_config(tmp_path, {})


def test_as_of_needs_a_time_zone(tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    path.write_text(EVENT + "baseline: {as_of: 2019-08-08T10:00:00, text: x}\n")
    assert "has no time zone" in mistakes(tmp_path, "store: {}", path.read_text())


def test_a_secret_is_never_in_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    for env, file in (("A", None), ("", Path("none")), ("", Path("empty")), ("B", Path("empty"))):
        with pytest.raises(ConfigError) as caught:
            read_secret(env=env, file=file, base=tmp_path, environ={"B": "hunter2"})
        assert "hunter2" not in str(caught.value)
    assert read_secret(env="B", file=None, base=tmp_path, environ={"B": "hunter2\n"}) == "hunter2"


def test_where_the_configuration_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="none found"):
        find_config(None, {"HOME": str(tmp_path)})
    (tmp_path / "newswatch.yaml").touch()
    assert find_config(None, {}) == Path("newswatch.yaml")
    assert find_config(None, {"NEWSWATCH_CONFIG": "/x"}) == Path("/x")


def test_what_is_shipped_loads_and_fits_its_schema(tmp_path: Path) -> None:
    write_scaffold(tmp_path)
    for base in (ROOT / "config", tmp_path):
        loaded = load_config(base / "newswatch.yaml", {})
        assert loaded.events
        yaml = YAML(typ="rt")
        jsonschema.validate(yaml.load(base / "newswatch.yaml"), SCHEMAS["newswatch.schema.json"].model_json_schema())
    assert len(load_event(ROOT / "config" / "events" / "koi-tash.yaml").baseline.facts) == 12


def test_schemas_and_tables_are_in_step_with_the_models() -> None:
    for name, model in SCHEMAS.items():
        assert (ROOT / "config" / "schemas" / name).read_text(encoding="utf-8") == schema_text(model), "make schemas"
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert documented(text) == text, "make schemas"


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    write_scaffold(tmp_path)
    with pytest.raises(Exception, match="overwrite with --force"):
        write_scaffold(tmp_path)
    assert len(write_scaffold(tmp_path, force=True)) == 2
