"""A small web console of the service: what happens, why, and whether it works.

    request | guards (`web`) | one moment of the store, read and rendered in a thread (`pages`, `…view`) | answer
    commit  | wake (`server`) | read once, render once (`live`)                                        | every open page

It reads over connections that the database keeps from writing, so no page holds up the service; what a person says
goes to the one thread that writes, through `newswatch.app`.
"""

from newswatch.console.meters import Meters
from newswatch.console.server import Console, serve_alone

__all__ = ["Console", "Meters", "serve_alone"]
