"""Channels: one module each, one method: send(message)."""
