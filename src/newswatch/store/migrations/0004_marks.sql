-- What stories made of facts that were known: confirmed, disputed, retracted.
CREATE TABLE mark (
  seq {identity},
  event TEXT NOT NULL,
  fact_id TEXT NOT NULL,
  status TEXT NOT NULL,
  story_id TEXT NOT NULL,
  source TEXT NOT NULL,
  made BIGINT NOT NULL,
  reason TEXT NOT NULL,
  said_by TEXT NOT NULL
);
CREATE INDEX mark_event ON mark (event, seq);
