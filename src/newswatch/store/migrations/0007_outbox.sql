-- Since when a receiver puts a message off, what people did to deliveries, and which channels nothing goes through.
ALTER TABLE delivery ADD COLUMN failing_since BIGINT;

CREATE TABLE handling (
  seq {identity},
  delivery_id TEXT NOT NULL,
  action TEXT NOT NULL,
  made BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  why TEXT NOT NULL
);
CREATE INDEX handling_delivery ON handling (delivery_id, seq);

CREATE TABLE outage (
  channel TEXT NOT NULL PRIMARY KEY,
  since BIGINT,
  last_error TEXT NOT NULL,
  refused BOOLEAN NOT NULL,
  told BIGINT,
  told_over TEXT NOT NULL,
  last_told BIGINT
);
