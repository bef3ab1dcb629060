"""Whatever stands in the files, reading them ends in settings or in sentences, and one mistake hides no other."""

import copy
import json
import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from newswatch.config.read import Read, read_config, read_event
from newswatch.config.yamlfile import parse_yaml
from newswatch.errors import ConfigError

GOOD: dict[str, Any] = {
    "store": {"url": "sqlite:///newswatch.db"},
    "polling": {"interval": "5m", "timeout": {"connect": "5s"}, "max_bytes": "10MB", "allow_private": False},
    "events": ["events/*.yaml"],
    "feeds": [
        {"id": "a", "url": "https://a.example/rss", "events": ["flood"], "headers": {"X-Token": "a"}},
        {"id": "b", "url": "https://b.example/rss", "interval": "10m", "language": "en", "title": "B"},
    ],
    "channels": {
        "mail": {"type": "email", "host": "mail.example", "from": "a@b.example", "to": ["c@d.example"]},
        "hook": {"type": "webhook", "url": "https://h.example/", "secret_env": "SECRET"},
        "out": {"type": "folder", "path": "out"},
    },
    "recipients": [
        {
            "id": "desk", "channels": ["mail", "hook", "out"], "events": ["flood"], "topics": ["rescue"],
            "timezone": "Asia/Bishkek", "digest": {"cron": "0 7 * * *"},
        },
    ],
    "retention": "365d",
}  # fmt: skip
EVENT: dict[str, Any] = {
    "event": "flood",
    "title": "The flood",
    "about": {"any": ["Exampleville"], "none": ["film"]},
    "baseline": {"as_of": "2019-08-08T10:00:00Z", "facts": [{"id": "one", "text": "One person died."}]},
    "entities": [{"id": "ada", "name": "Ada Lovelace", "names": ["Ада Лавлейс"], "roles": ["mayor"]}],
    "topics": [{"id": "rescue", "severity": "alert", "any": ["rescue*"]}],
}
ENVIRON = {"SECRET": "whsec_bG9vcGJhY2stc2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXM="}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.floats() | st.text(max_size=12) | st.just("https://[x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(inner for key, child in children for inner in places(child, (*place, key)))]


def changed(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    whole = copy.deepcopy(value)
    block = whole
    for part in place[:-1]:
        block = block[part]
    block[place[-1]] = new
    return whole


def read(folder: Path, config: Any = GOOD, event: Any = EVENT) -> Read:
    (folder / "events").mkdir(exist_ok=True)
    (folder / "events" / "flood.yaml").write_text(json.dumps(event, indent=1, ensure_ascii=True))
    path = folder / "newswatch.yaml"
    path.write_text(json.dumps(config, indent=1, ensure_ascii=True))
    return read_config(path, ENVIRON)


def test_the_good_files_are_good(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.mistakes, found.doubts) == ((), ())


@given(place=st.sampled_from(places(GOOD)), new=ANYTHING)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_value_anywhere_ends_in_settings_or_in_sentences(place: tuple[Any, ...], new: Any, tmp_path: Path) -> None:
    found = read(tmp_path, changed(GOOD, place, new))
    assert (found.settings is None) <= bool(found.mistakes)
    for problem in (*found.mistakes, *found.doubts):
        assert problem.where.startswith(f"{tmp_path}/newswatch.yaml")
        assert problem.what.endswith(".")


@given(place=st.sampled_from(places(EVENT)), new=ANYTHING)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_value_in_an_event_ends_in_an_event_or_in_sentences(
    place: tuple[Any, ...], new: Any, tmp_path: Path
) -> None:
    read(tmp_path, event=changed(EVENT, place, new))
    found = read_event(tmp_path / "events" / "flood.yaml")
    assert (found.event is None) == bool(found.mistakes)


@given(place=st.sampled_from([place for place in places(GOOD) if place]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_one_mistake_hides_no_other(place: tuple[Any, ...], tmp_path: Path) -> None:
    """A wrong value anywhere leaves the mistakes said that stand elsewhere, and makes up none."""
    broken = changed(GOOD, ("recipients", 0, "topics"), ["tolls"])
    alone = read(tmp_path, broken).mistakes
    assert [problem.what for problem in alone] == ["topic `tolls` does not exist."]
    wrong: list[Any] = [[]]  # right nowhere
    both = read(tmp_path, changed(broken, place, wrong)).mistakes
    if place[0] not in {"recipients", "events"}:
        assert alone[0].what in [problem.what for problem in both]
    ours = read(tmp_path, changed(GOOD, place, wrong)).mistakes
    assert len({problem.where for problem in ours}) == 1, ours


@given(st.text(max_size=200) | st.text("{}[]:,-&*!|>'\"#%@ \n\tabc0", max_size=60))
@example("!!binary x")
@example("? [a]\n: b")
@example("{a: b}: c")
@example("<<: 5")
@example("<<: [*a]")
@example("a: &a {b: 1}\nc: {<<: *a, d: 2}")
@example("[" * 5000)
@example("a: !!float x")
@example("%YAML 3.0\n---\na: b")
@settings(max_examples=200, deadline=None)
def test_any_text_is_yaml_or_is_told_why_not(text: str) -> None:
    try:
        parse_yaml(text, Path("a.yaml"))
    except ConfigError as error:
        for problem in error.problems:
            assert re.match(r"a\.yaml(:\d+)?$", problem.where)
            assert problem.what.endswith(".")
