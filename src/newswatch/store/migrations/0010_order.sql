-- What is due over a channel is read in the order it was made, a hundred at a time, however much waits.

CREATE INDEX delivery_order ON delivery (state, channel, created, delivery_id);
