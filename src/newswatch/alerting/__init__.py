"""Alerting: who is told what and when, and how it reads. Pure."""
