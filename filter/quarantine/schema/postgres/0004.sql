-- As in the fifth step of SQLite.
ALTER TABLE item ADD COLUMN digest TEXT COLLATE "C" NOT NULL DEFAULT '';

CREATE INDEX item_untold ON item (domain, lower(recipient)) WHERE digest = '' AND state = 'held';
CREATE INDEX item_digest ON item (digest) WHERE digest <> '';

CREATE TABLE digest (
    id      TEXT COLLATE "C" PRIMARY KEY,
    nonce   TEXT COLLATE "C" NOT NULL, -- of its stamp
    expires BIGINT NOT NULL,           -- nothing passes by its stamp from then on
    used    BIGINT NOT NULL            -- when our own filter let it pass; 0 for not yet
);

CREATE TABLE link (
    id      TEXT COLLATE "C" PRIMARY KEY,
    expires BIGINT NOT NULL
);

CREATE INDEX link_expires ON link (expires);
