"""How likely a sentence tells something new: a logistic regression over `newswatch.detect.novelty.features`.

Its weights are a data file, `weights.toml`, that a person can read and review; `benchmarks/train_scorer.py` made it
from labelled coverage of several events, and says how well it does on events that it was not trained on. Two sets of
weights: for articles, and for stories of a sentence or two, whose place and tone say nothing.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Scorer:
    """One set of weights.

    Attributes:
        bias, weights: log-odds are ``bias`` and the sum of weight times feature.
        tell: the probability from which a sentence is news.
        push: the probability from which urgent news is told at once.
    """

    bias: float
    weights: Mapping[str, float]
    tell: float
    push: float

    def score(self, features: Mapping[str, float]) -> float:
        """The probability that a sentence tells something new, from 0 to 1."""
        weights = self.weights
        odds = self.bias + sum(weights.get(name, 0.0) * value for name, value in features.items() if value)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def parse_scorers(text: str) -> dict[str, Scorer]:
    """Read the weights.

    Raises:
        ValueError: it is no TOML, or a set lacks its bias or thresholds.
    """
    data = tomllib.loads(text)
    try:
        return {
            name: Scorer(float(one["bias"]), dict(one["weights"]), float(one["tell"]), float(one["push"]))
            for name, one in data.items()
        }
    except (KeyError, TypeError) as error:
        raise ValueError(f"the weights lack {error}") from error


def _text() -> str:
    return files("newswatch.detect").joinpath("weights.toml").read_text(encoding="utf-8")


@cache
def weights_print() -> str:
    """A print of the weights: the same as long as they judge the same."""
    return hashlib.blake2b(_text().encode(), digest_size=8).hexdigest()


@cache
def scorer(name: str) -> Scorer:
    """The weights for ``article`` or ``short`` stories, loaded on first use."""
    return parse_scorers(_text())[name]
