"""An archive through the decisions of the service: what is printed, and what cannot be read."""

import json
from pathlib import Path

import pytest

from loopback.watch import load
from newswatch.errors import NewswatchError
from newswatch.replay import read_stories, replay


def test_replay_prints_one_line_a_story_by_the_contract(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    rows = [
        {"id": "b", "published": "2031-03-02T12:00:00Z", "title": "Velmora", "text": "Nine people were killed."},
        {"id": "a", "published": "2031-03-02T11:00:00Z", "title": "Other", "text": None, "more": 1},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    lines = list(replay(load(tmp_path), read_stories(path)))
    assert [line["id"] for line in lines] == ["a", "b"]
    assert (lines[0]["relevant"], lines[0]["decision"]) == (False, "none")
    assert lines[1]["decision"] == "alert"
    assert {"kind", "summary", "topic", "severity", "evidence", "figure", "speaker", "against"} <= set(
        json.loads(json.dumps(lines[1]))["developments"][0]
    )


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "s.jsonl:1: is not JSON"),
        ("[]", 's.jsonl:1: a story needs at least "id" and "published"'),
        ('{"id": "a", "published": "soon"}', "s.jsonl:1: \"published\" 'soon' is not a time"),
    ],
)
def test_an_archive_that_cannot_be_read_says_where(line: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(line)
    with pytest.raises(NewswatchError) as caught:
        read_stories(path)
    assert sentence in str(caught.value)
