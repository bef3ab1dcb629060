-- Developments in the order in which they were committed; what people say of them; and indexes that pages are read by.
DROP INDEX development_event;
ALTER TABLE development RENAME TO development_before;
CREATE TABLE development (
  seq {identity},
  development_id TEXT NOT NULL,
  event TEXT NOT NULL,
  story_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  topic TEXT NOT NULL,
  severity TEXT NOT NULL,
  summary TEXT NOT NULL,
  found BIGINT NOT NULL
);
INSERT INTO development (development_id, event, story_id, kind, outcome, topic, severity, summary, found)
  SELECT development_id, event, story_id, kind, outcome, topic, severity, summary, found
  FROM development_before ORDER BY found, development_id;
DROP TABLE development_before;
CREATE UNIQUE INDEX development_once ON development (development_id);
CREATE INDEX development_event ON development (event, found);
CREATE INDEX development_newest ON development (event, seq);
CREATE INDEX development_topic ON development (event, topic, seq);

CREATE TABLE feedback (
  seq {identity},
  label TEXT NOT NULL,
  event TEXT NOT NULL,
  story_id TEXT NOT NULL,
  development_id TEXT NOT NULL,
  made BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  note TEXT NOT NULL,
  version TEXT NOT NULL,
  weights TEXT NOT NULL,
  story TEXT NOT NULL,
  decision TEXT NOT NULL
);
CREATE INDEX feedback_story ON feedback (story_id, seq);

CREATE INDEX fact_story ON fact (event, story_id);
CREATE INDEX fact_told ON fact (event, told, seq);
CREATE INDEX pending_by_development ON pending (development_id);
CREATE INDEX held_by_development ON held (development_id);
CREATE INDEX delivery_alert ON delivery (alert_id);
