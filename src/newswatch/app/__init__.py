"""The only place that gathers, decides and records: poll, deliver, digest, maintain.

One poll of one feed, as a pipe; `fetch` runs for many feeds at once, `parse` off the event loop, the rest in the one
thread that writes, and what it decides is one transaction:

    fetch | parse | unseen entries | stories | judge, event by event | route | commit

What is pending, recipient by recipient; what it decides is one transaction each:

    pending rows | release | alerts and deliveries, or held for the digest, or pending still

One delivery; channels run side by side, each in the order of its outbox:

    due rows | render | send | mark sent, or due again, or failed
"""

from newswatch.app.core import App
from newswatch.app.feedback import Opinion, as_label, correction
from newswatch.app.meter import Meter, Unmetered
from newswatch.app.polling import Poll
from newswatch.app.releasing import ReleaseReport, Waiting
from newswatch.app.reports import DeliverReport, FeedProblem, Judged, PollReport, Refusal, disabled_words, problems_log

__all__ = [
    "App", "DeliverReport", "FeedProblem", "Judged", "Meter", "Opinion", "Poll", "PollReport", "Refusal",
    "ReleaseReport", "Unmetered", "Waiting", "as_label", "correction", "disabled_words", "problems_log",
]  # fmt: skip
