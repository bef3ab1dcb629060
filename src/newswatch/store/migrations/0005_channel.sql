-- Channels whose receivers said that they want no more messages. A row goes when the channel works again.
CREATE TABLE channel (
  name TEXT NOT NULL PRIMARY KEY,
  address TEXT NOT NULL,
  disabled BIGINT NOT NULL,
  reason TEXT NOT NULL
);
