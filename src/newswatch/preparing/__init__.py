"""From a body to entries that are ready to be recorded, in processes of their own.

body | parse | canonical address, about which events? | rows for the one process that writes

All that needs no store is done here, off the process that fetches and writes: a second core is used, and a body that
hangs, crashes or swells its reader costs no more than its own feed.
"""

from newswatch.preparing.prepare import Job, Prepared, PreparedFeed
from newswatch.preparing.workshop import Workshop

__all__ = ["Job", "Prepared", "PreparedFeed", "Workshop"]
