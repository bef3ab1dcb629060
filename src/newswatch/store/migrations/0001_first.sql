-- The first schema. {identity} is the database's own way to number rows.
CREATE TABLE feed (
  feed_id TEXT NOT NULL PRIMARY KEY,
  url TEXT NOT NULL,
  configured_url TEXT NOT NULL,
  etag TEXT NOT NULL,
  last_modified TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  next_due BIGINT,
  failures INTEGER NOT NULL,
  last_polled BIGINT,
  last_success BIGINT,
  last_new BIGINT,
  last_error TEXT NOT NULL,
  last_status INTEGER,
  moved_to TEXT NOT NULL,
  moved_count INTEGER NOT NULL
);

CREATE TABLE entry (
  feed_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  story_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  link TEXT NOT NULL,
  source TEXT NOT NULL,
  seen BIGINT NOT NULL,
  PRIMARY KEY (feed_id, entry_id)
);
CREATE INDEX entry_story ON entry (story_id);

CREATE TABLE story (
  story_id TEXT NOT NULL PRIMARY KEY,
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  source TEXT NOT NULL,
  language TEXT NOT NULL,
  published BIGINT NOT NULL,
  first_seen BIGINT NOT NULL,
  revision INTEGER NOT NULL,
  near_copy_of TEXT NOT NULL,
  signature {blob} NOT NULL
);
CREATE INDEX story_url ON story (url);
CREATE INDEX story_first_seen ON story (first_seen);
CREATE INDEX story_near_copy_of ON story (near_copy_of);

CREATE TABLE revision (
  story_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (story_id, number)
);

CREATE TABLE band (
  band TEXT NOT NULL,
  story_id TEXT NOT NULL,
  PRIMARY KEY (band, story_id)
);
CREATE INDEX band_story ON band (story_id);

CREATE TABLE baseline (
  event TEXT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL
);

CREATE TABLE fact (
  seq {identity},
  event TEXT NOT NULL,
  fact_id TEXT NOT NULL,
  story_id TEXT NOT NULL,
  since BIGINT NOT NULL,
  told BOOLEAN NOT NULL,
  body TEXT NOT NULL
);
CREATE UNIQUE INDEX fact_event_id ON fact (event, fact_id);

CREATE TABLE decision (
  seq {identity},
  event TEXT NOT NULL,
  story_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  relevant BOOLEAN NOT NULL,
  severity TEXT NOT NULL,
  decided BIGINT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX decision_story ON decision (story_id, event);
CREATE INDEX decision_event ON decision (event, seq);
CREATE INDEX decision_decided ON decision (decided);

CREATE TABLE development (
  development_id TEXT NOT NULL PRIMARY KEY,
  event TEXT NOT NULL,
  story_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  topic TEXT NOT NULL,
  severity TEXT NOT NULL,
  summary TEXT NOT NULL,
  found BIGINT NOT NULL
);
CREATE INDEX development_event ON development (event, found);

CREATE TABLE alert (
  alert_id TEXT NOT NULL PRIMARY KEY,
  event TEXT NOT NULL,
  recipient TEXT NOT NULL,
  created BIGINT NOT NULL,
  digest BOOLEAN NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE delivery (
  delivery_id TEXT NOT NULL PRIMARY KEY,
  alert_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  created BIGINT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_due BIGINT,
  last_error TEXT NOT NULL,
  sent BIGINT
);
CREATE INDEX delivery_due ON delivery (state, channel, next_due);
CREATE INDEX delivery_created ON delivery (created);

CREATE TABLE held (
  recipient TEXT NOT NULL,
  development_id TEXT NOT NULL,
  event TEXT NOT NULL,
  event_title TEXT NOT NULL,
  since BIGINT NOT NULL,
  run_key TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (recipient, development_id)
);
CREATE INDEX held_waiting ON held (recipient, run_key, since);

CREATE TABLE digest_run (
  recipient TEXT NOT NULL,
  run_key TEXT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (recipient, run_key)
);
