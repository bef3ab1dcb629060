"""From a story and a ledger to a decision: one pure function, shared by the service and by replay.

story | about the event? | sentences, claims | each held against the ledger | how likely news | how urgent | decision
"""

from newswatch.judging.judge import Judge

__all__ = ["Judge"]
