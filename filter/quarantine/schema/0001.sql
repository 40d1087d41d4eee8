-- One row per message that was put, one item per recipient. Times are
-- microseconds since 1970, UTC.
CREATE TABLE entry (
    id          TEXT PRIMARY KEY,
    sha256      TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    stored      INTEGER NOT NULL,
    received    INTEGER NOT NULL,
    sender      TEXT    NOT NULL,
    sender_args TEXT    NOT NULL, -- JSON list
    client      TEXT    NOT NULL,
    client_name TEXT    NOT NULL,
    helo        TEXT    NOT NULL,
    auth_user   TEXT    NOT NULL,
    queue_id    TEXT    NOT NULL,
    trace       TEXT    NOT NULL,
    brand       TEXT    NOT NULL,
    why         TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_sha256 ON entry (sha256);

CREATE TABLE item (
    id        TEXT PRIMARY KEY,
    entry     TEXT    NOT NULL REFERENCES entry (id),
    recipient TEXT    NOT NULL,
    domain    TEXT    NOT NULL, -- of the recipient, lower case
    policy    TEXT    NOT NULL,
    verdict   TEXT    NOT NULL,
    cause     TEXT    NOT NULL,
    state     TEXT    NOT NULL CHECK (state IN ('held', 'releasing', 'released')),
    stored    INTEGER NOT NULL, -- as in entry, here for the order of lists
    changed   INTEGER NOT NULL,
    note      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX item_entry ON item (entry);
CREATE INDEX item_stored ON item (stored);
CREATE INDEX item_domain ON item (domain, stored);
CREATE INDEX item_state ON item (state, stored);
