-- What a link was used for, and whether that came to an end: where a gate died on the
-- way, the same may be asked for again.
ALTER TABLE link ADD COLUMN action TEXT NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN done INTEGER NOT NULL DEFAULT 1;
