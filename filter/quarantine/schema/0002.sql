-- What the policy said when a message was held, how an item ends, and what
-- people said about it. SQLite cannot widen a CHECK: the table is made again.
CREATE TABLE item_2 (
    id        TEXT PRIMARY KEY,
    entry     TEXT    NOT NULL REFERENCES entry (id),
    recipient TEXT    NOT NULL, -- '' once erased
    domain    TEXT    NOT NULL, -- of the recipient, lower case
    policy    TEXT    NOT NULL,
    verdict   TEXT    NOT NULL,
    cause     TEXT    NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('held', 'releasing', 'released', 'erased')),
    stored    INTEGER NOT NULL, -- as in entry, here for the order of lists
    changed   INTEGER NOT NULL,
    note      TEXT    NOT NULL,
    expires   INTEGER NOT NULL, -- 0 for never
    release   TEXT    NOT NULL, -- JSON list of roles; an empty one leaves it to the admin
    findings  TEXT    NOT NULL  -- JSON list of names
) STRICT, WITHOUT ROWID;

INSERT INTO item_2 SELECT id, entry, recipient, domain, policy, verdict, cause, state, stored, changed, note, 0, '[]', '[]' FROM item;
DROP TABLE item;
ALTER TABLE item_2 RENAME TO item;

CREATE INDEX item_entry ON item (entry);
CREATE INDEX item_stored ON item (stored);
CREATE INDEX item_domain ON item (domain, stored);
CREATE INDEX item_state ON item (state, stored);
CREATE INDEX item_expires ON item (expires) WHERE expires > 0;

-- When the last item of an entry was erased, and with it all that the entry
-- knows of people; 0 while there is one. Its sha256 stays until the file is
-- removed or found to belong to others too, and is '' from then on.
ALTER TABLE entry ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;

CREATE INDEX entry_erased ON entry (erased) WHERE erased > 0;
CREATE INDEX entry_unfreed ON entry (sha256) WHERE erased > 0 AND sha256 <> '';

-- What people said about an item, once for each kind. No reference to item:
-- these rows outlive it, and hold no address.
CREATE TABLE feedback (
    item   TEXT    NOT NULL,
    kind   TEXT    NOT NULL CHECK (kind IN ('released', 'not-phishing', 'phishing')),
    domain TEXT    NOT NULL,
    policy TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    who    TEXT    NOT NULL,
    PRIMARY KEY (item, kind)
) STRICT, WITHOUT ROWID;

-- The same for each finding of the item, in the order of time, with all that
-- counting needs.
CREATE TABLE feedback_finding (
    at      INTEGER NOT NULL,
    item    TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    finding TEXT    NOT NULL,
    policy  TEXT    NOT NULL,
    PRIMARY KEY (at, item, kind, finding)
) STRICT, WITHOUT ROWID;

-- Sums of feedback_finding by day (of 86400 seconds since 1970), so that counting
-- a long time reads few rows. Kept by the database.
CREATE TABLE feedback_day (
    day     INTEGER NOT NULL,
    finding TEXT    NOT NULL,
    policy  TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    items   INTEGER NOT NULL,
    PRIMARY KEY (day, finding, policy, kind)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER feedback_said AFTER INSERT ON feedback_finding BEGIN
    INSERT INTO feedback_day VALUES (new.at / 86400000000, new.finding, new.policy, new.kind, 1)
        ON CONFLICT DO UPDATE SET items = items + 1;
END;

CREATE TRIGGER feedback_unsaid AFTER DELETE ON feedback_finding BEGIN
    UPDATE feedback_day SET items = items - 1
        WHERE day = old.at / 86400000000 AND finding = old.finding AND policy = old.policy AND kind = old.kind;
END;
