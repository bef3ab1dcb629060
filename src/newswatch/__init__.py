"""newswatch follows running news events and tells people once, with proof, what is new."""

__version__ = "0.1.0"
