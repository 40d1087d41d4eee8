-- One row for each attempt to send an item that has not come to a known end. An
-- attempt that proves itself by a stamp is used when our own filter let it pass;
-- one that does not counts as used from the start, since nobody tells us.
CREATE TABLE attempt (
    nonce   TEXT PRIMARY KEY,
    item    TEXT    NOT NULL,
    expires INTEGER NOT NULL, -- nothing passes by its stamp from then on
    used    INTEGER NOT NULL  -- when; 0 for not yet
) STRICT, WITHOUT ROWID;

CREATE INDEX attempt_item ON attempt (item);

-- Marked copies that have not gone out and away yet, the one longest left alone
-- first.
CREATE INDEX item_copy ON item (changed) WHERE verdict IN ('accept', 'tag') AND state <> 'erased';
