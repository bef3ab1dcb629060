-- What waits to be told at once, who does not want to be told for a while, and who has seen what.
CREATE TABLE pending (
  seq {identity},
  recipient TEXT NOT NULL,
  development_id TEXT NOT NULL,
  event TEXT NOT NULL,
  event_title TEXT NOT NULL,
  since BIGINT NOT NULL,
  settled TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE UNIQUE INDEX pending_development ON pending (recipient, development_id);
CREATE INDEX pending_waiting ON pending (settled, recipient);

CREATE TABLE mute (
  mute_id TEXT NOT NULL PRIMARY KEY,
  event TEXT NOT NULL,
  topic TEXT NOT NULL,
  recipient TEXT NOT NULL,
  until BIGINT NOT NULL,
  made BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  why TEXT NOT NULL,
  ended BIGINT,
  ended_by TEXT NOT NULL
);

CREATE TABLE acknowledgement (
  alert_id TEXT NOT NULL PRIMARY KEY,
  made BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  note TEXT NOT NULL
);

CREATE TABLE escalation (
  alert_id TEXT NOT NULL PRIMARY KEY,
  due BIGINT NOT NULL,
  outcome TEXT NOT NULL
);
CREATE INDEX escalation_due ON escalation (outcome, due);
CREATE INDEX alert_recipient ON alert (recipient, created);
