"""`benchmarks/kills.py` in small: a few kills; the five hundred are in docs/reliability.md."""

from pathlib import Path

from benchmarks.kills import measure


def test_killed_at_random_moments_nothing_is_lost(tmp_path: Path) -> None:
    outcome = measure(5, 7, tmp_path, stories=(1, 3))
    assert outcome.faults == ()
    assert outcome.stories >= 5
    assert outcome.messages >= 4
    assert outcome.taken >= outcome.messages
