-- As in the third step of SQLite.
CREATE TABLE attempt (
    nonce   TEXT COLLATE "C" PRIMARY KEY,
    item    TEXT COLLATE "C" NOT NULL,
    expires BIGINT NOT NULL, -- nothing passes by its stamp from then on
    used    BIGINT NOT NULL  -- when; 0 for not yet
);

CREATE INDEX attempt_item ON attempt (item);
CREATE INDEX item_copy ON item (changed) WHERE verdict IN ('accept', 'tag') AND state <> 'erased';
