"""Detecting: same article? about the event? known already? Pure."""
