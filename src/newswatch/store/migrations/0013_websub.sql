-- Subscriptions to the hubs of feeds: where they call us, what they sign with, until when, and when they are asked next.
CREATE TABLE subscription (
  feed_id TEXT NOT NULL PRIMARY KEY,
  topic TEXT NOT NULL,
  hub TEXT NOT NULL,
  token TEXT NOT NULL,
  secret TEXT NOT NULL,
  lease_until BIGINT,
  ask_at BIGINT,
  attempts INTEGER NOT NULL
);
