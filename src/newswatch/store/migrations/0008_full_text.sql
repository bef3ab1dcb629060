-- Whether a story's text was read from its own page, and not from a feed: a feed's excerpt is then no edit of it.
ALTER TABLE story ADD COLUMN full_text BOOLEAN NOT NULL DEFAULT FALSE;
