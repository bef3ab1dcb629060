-- Why a mark was made as a code, for every language; and when a feed last failed and how, kept after it answers again.
ALTER TABLE mark ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE feed ADD COLUMN last_failure BIGINT;
ALTER TABLE feed ADD COLUMN failed_with TEXT NOT NULL DEFAULT '';
