"""The scorer is its weights file: a logistic regression, and nothing hidden."""

import math
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.detect.ledger import Ledger
from newswatch.detect.novelty import features, judge_claim
from newswatch.detect.scorer import Scorer, parse_scorers, scorer
from newswatch.model import Sentence
from newswatch.reading import Reader

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
SET = "[{name}]\nbias = 0.5\ntell = 0.4\npush = 0.6\n[{name}.weights]\n'best' = -1.0\n"


def read(text: str) -> Sentence:
    (sentence,) = Reader({}).read("", text, "en", NOW)
    return sentence


@pytest.mark.parametrize("name", ["article", "short"])
def test_both_sets_of_weights_are_shipped_and_plain(name: str) -> None:
    found = scorer(name)
    assert 0 < found.tell <= found.push < 1
    assert all(math.isfinite(weight) for weight in found.weights.values())
    assert found.weights["best"] < 0, "what a known sentence holds speaks against news"


@pytest.mark.parametrize("name", ["article", "short"])
def test_every_weight_is_of_a_feature_that_is_computed(name: str) -> None:
    sentence = read("Police stormed the house, the ministry said, and 98 people were injured.")
    ledger = Ledger()
    overlap = ledger.overlap(sentence.terms)
    findings = tuple(judge_claim(claim, ledger, overlap, sentence.spelt) for claim in sentence.claims)
    assert set(scorer(name).weights) <= set(features(sentence, overlap, findings, ledger, alone=False))


def test_a_score_is_the_logistic_of_bias_and_weighted_features() -> None:
    one = Scorer(0.5, {"a": 2.0, "b": -1.0}, 0.4, 0.6)
    assert one.score({}) == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert one.score({"a": 1, "b": 3, "unknown": 100}) == pytest.approx(1 / (1 + math.exp(0.5)))


@given(st.dictionaries(st.sampled_from("abc"), st.floats(-1e300, 1e300)))
def test_any_features_give_a_probability(features: dict[str, float]) -> None:
    assert 0 < Scorer(0.0, {"a": 1.0, "b": -3.0}, 0.4, 0.6).score(features) < 1


def test_a_weights_file_is_read() -> None:
    (found,) = parse_scorers(SET.format(name="x")).values()
    assert found == Scorer(0.5, {"best": -1.0}, 0.4, 0.6)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [(SET.format(name="x").replace(f"{key} = ", f"{key}s = "), key) for key in ("bias", "tell", "push")]
    + [("[x]\nbias = 1\ntell = 0.4\npush = 0.6\n", "weights")],
)
def test_weights_that_lack_something_say_what(text: str, lacks: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"the weights lack '{lacks}'")):
        parse_scorers(text)
