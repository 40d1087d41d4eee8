-- What was done with the message, and how long it took. A record of before has
-- '' and 0.
ALTER TABLE decision ADD COLUMN reply  TEXT    NOT NULL DEFAULT ''; -- the final answer to the MTA
ALTER TABLE decision ADD COLUMN hold   INTEGER NOT NULL DEFAULT 0;  -- 1: the MTA was asked to put it on hold
ALTER TABLE decision ADD COLUMN took   INTEGER NOT NULL DEFAULT 0;  -- microseconds until the answer
ALTER TABLE decision ADD COLUMN stages TEXT    NOT NULL DEFAULT ''; -- JSON: microseconds of each stage
