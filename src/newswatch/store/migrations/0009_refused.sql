-- Which addresses of a channel were refused for good while the others have the message, and which the operator knows of.
ALTER TABLE delivery ADD COLUMN refused TEXT NOT NULL DEFAULT '';

CREATE TABLE refusal (
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  answer TEXT NOT NULL,
  since BIGINT NOT NULL,
  told BIGINT,
  PRIMARY KEY (channel, address)
);
