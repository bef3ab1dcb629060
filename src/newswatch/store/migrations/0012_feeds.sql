-- How a feed does and what it does by habit, what the operator was told of it, and what servers asked of us.
ALTER TABLE feed ADD COLUMN failing_since BIGINT;
ALTER TABLE feed ADD COLUMN items INTEGER;
ALTER TABLE feed ADD COLUMN newest BIGINT;
ALTER TABLE feed ADD COLUMN habit {double} NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN pace {double} NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN repeats {double};
ALTER TABLE feed ADD COLUMN latency {double} NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN latency_mean {double} NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN day TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN polls_today INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN failures_today INTEGER NOT NULL DEFAULT 0;

CREATE TABLE feed_notice (
  feed_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  told BIGINT NOT NULL,
  PRIMARY KEY (feed_id, kind)
);

CREATE TABLE host (
  host TEXT NOT NULL PRIMARY KEY,
  held_until BIGINT,
  crawl_delay {double},
  robots_checked BIGINT
);
