-- Reports of held messages, to brands and to abuse desks. None has a copy of a message.
CREATE TABLE report (
    id       TEXT PRIMARY KEY,
    item     TEXT    NOT NULL, -- whose message is the evidence
    domain   TEXT    NOT NULL, -- of its recipient
    kind     TEXT    NOT NULL CHECK (kind IN ('brand', 'abuse')),
    target   TEXT    NOT NULL, -- address that it goes to
    about    TEXT    NOT NULL, -- reports to one target that say the same have the same
    state    TEXT    NOT NULL CHECK (state IN ('draft', 'approved', 'sending', 'sent', 'refused', 'dropped')),
    note     TEXT    NOT NULL, -- why it was not sent, or what is not known
    made     INTEGER NOT NULL,
    changed  INTEGER NOT NULL, -- when state was reached
    asked    TEXT    NOT NULL, -- by whom
    approved TEXT    NOT NULL, -- by whom; '' before
    sum      TEXT    NOT NULL, -- SHA-256 of what was approved, in hexadecimal; '' before
    gate     TEXT    NOT NULL, -- host that wrote what was approved, and can write the same again; '' before
    tries    INTEGER NOT NULL, -- that did not come to an end
    due      INTEGER NOT NULL, -- not tried before
    sent     INTEGER NOT NULL, -- when the last sending began that may have come to something: counts for the limits
    nonce    TEXT    NOT NULL, -- of its stamp
    expires  INTEGER NOT NULL, -- nothing passes by its stamp from then on
    used     INTEGER NOT NULL  -- when our own filter let it pass; 0 for not yet, -1 where it is not asked
) STRICT, WITHOUT ROWID;

CREATE INDEX report_same ON report (target, about, made);
CREATE INDEX report_state ON report (state, due);
CREATE INDEX report_made ON report (made, id);
CREATE INDEX report_sent ON report (sent, target) WHERE sent > 0;

-- The items behind a report: each counts once.
CREATE TABLE report_item (
    report TEXT NOT NULL,
    item   TEXT NOT NULL,
    PRIMARY KEY (report, item)
) STRICT, WITHOUT ROWID;

CREATE INDEX report_item_item ON report_item (item);

-- One row. Its key makes the words that stand for addresses in reports (RFC 6590), the
-- same ones on all hosts; and whoever counts reports before they write one takes it, so
-- that two of them do not count the same.
CREATE TABLE report_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key TEXT NOT NULL -- hexadecimal
) STRICT;
