"""Feeds: when to poll (pure), how to fetch (I/O), what a body holds (pure)."""
