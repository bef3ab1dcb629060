"""A week of real coverage in two languages, labelled by an analyst, where it lies beside the project."""

import pytest
from benchmarks.judgement import ROOT, load_scorer, scored

from newswatch.config.load import load_event

BENCH = ROOT.parent / "shared" / "bench"
LABELLED = BENCH / "koi-tash" / "mixed"
COVERAGE = 0.80
SILENCE = 0.70


@pytest.mark.skipif(not LABELLED.is_dir(), reason="the labelled events are not beside the project")
def test_both_languages_as_one_stream_keep_their_coverage_and_silence() -> None:
    event = load_event(ROOT / "config" / "events" / "koi-tash.yaml")
    found = scored(load_scorer(BENCH), LABELLED, event, assume_relevant=False)
    assert found["coverage"] >= COVERAGE, found
    assert found["silence"] >= SILENCE, found
