-- Of which items their recipients have been told: the digest that did, '' for none.
ALTER TABLE item ADD COLUMN digest TEXT NOT NULL DEFAULT '';

CREATE INDEX item_untold ON item (domain, lower(recipient)) WHERE digest = '' AND state = 'held';
CREATE INDEX item_digest ON item (digest) WHERE digest <> '';

-- One row for each digest whose sending has begun and has not come to a known end.
CREATE TABLE digest (
    id      TEXT PRIMARY KEY,
    nonce   TEXT    NOT NULL, -- of its stamp
    expires INTEGER NOT NULL, -- nothing passes by its stamp from then on
    used    INTEGER NOT NULL  -- when our own filter let it pass; 0 for not yet
) STRICT, WITHOUT ROWID;

-- Links of digests that were used, until they would have expired.
CREATE TABLE link (
    id      TEXT PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX link_expires ON link (expires);
