-- What people corrected in the ledgers, and who else says what is known.
CREATE TABLE correction (
  seq {identity},
  event TEXT NOT NULL,
  fact_id TEXT NOT NULL,
  action TEXT NOT NULL,
  other_id TEXT NOT NULL,
  sentence TEXT NOT NULL,
  made BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX correction_event ON correction (event, seq);

CREATE TABLE origin (
  event TEXT NOT NULL,
  fact_id TEXT NOT NULL,
  source TEXT NOT NULL,
  origin TEXT NOT NULL,
  story_id TEXT NOT NULL,
  seen BIGINT NOT NULL,
  PRIMARY KEY (event, fact_id, source)
);
