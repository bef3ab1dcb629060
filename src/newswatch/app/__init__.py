"""The only place that gathers, decides and records: poll, deliver, digest, maintain.

One poll of one feed, as a pipe; `fetch` runs for many feeds at once, `prepare` in processes of its own, the rest in the
one thread that writes, for all feeds that are ready together, in one transaction:

    fetch | prepare: parse, match | unseen entries | stories | judge, event by event | route | commit

What is pending, recipient by recipient; what it decides is one transaction each:

    pending rows | release | alerts and deliveries, or held for the digest, or pending still

One delivery; channels run side by side, each in the order of its outbox:

    due rows | render | send | mark sent, or due again, or failed
"""

from newswatch.app.core import IN_FLIGHT, App
from newswatch.app.feedback import Opinion, as_label, correction
from newswatch.app.meter import Meter, Unmetered
from newswatch.app.polling import Poll
from newswatch.app.releasing import ReleaseReport, Waiting
from newswatch.app.reports import DeliverReport, FeedProblem, Judged, PollReport, Refusal, disabled_words, problems_log

__all__ = [
    "IN_FLIGHT", "App", "DeliverReport", "FeedProblem", "Judged", "Meter", "Opinion", "Poll", "PollReport", "Refusal",
    "ReleaseReport", "Unmetered", "Waiting", "as_label", "correction", "disabled_words", "problems_log",
]  # fmt: skip
