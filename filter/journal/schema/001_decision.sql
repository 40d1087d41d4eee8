-- One row per decision about a message, one row per recipient of it. Times are
-- microseconds since 1970, UTC; texts that are not known are ''.
CREATE TABLE decision (
    id         INTEGER PRIMARY KEY, -- in the order in which they were recorded
    time       INTEGER NOT NULL,    -- that the policies were asked at
    trace      TEXT    NOT NULL,
    queue_id   TEXT    NOT NULL,
    message_id TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    policies   INTEGER NOT NULL REFERENCES policies (id),
    stored     TEXT    NOT NULL,    -- quarantine entry
    failure    TEXT    NOT NULL,    -- why we could not do our job
    persons    INTEGER NOT NULL,    -- 0: made without what people wrote or are called
    recipients INTEGER NOT NULL,    -- rows in recipient
    form       INTEGER NOT NULL,    -- of facts
    facts      BLOB    NOT NULL     -- JSON, zstd with one of the dictionaries
) STRICT;

CREATE INDEX decision_time ON decision (time);
CREATE INDEX decision_trace ON decision (trace);
CREATE INDEX decision_queue_id ON decision (queue_id) WHERE queue_id <> '';
CREATE INDEX decision_message_id ON decision (message_id) WHERE message_id <> '';

CREATE TABLE recipient (
    decision       INTEGER NOT NULL REFERENCES decision (id),
    number         INTEGER NOT NULL, -- in the order of the envelope
    address        TEXT    NOT NULL,
    policy         TEXT    NOT NULL,
    verdict        TEXT    NOT NULL,
    points         INTEGER NOT NULL,
    finding        TEXT    NOT NULL, -- that decided
    place          TEXT    NOT NULL, -- file:line that decided
    observed       TEXT    NOT NULL, -- verdict that was not carried out, because the policy only observes
    findings       TEXT    NOT NULL, -- names that the policy decided on, with blanks between
    softened       TEXT    NOT NULL, -- names of those that had stepped down, over their budget
    forwarder      TEXT    NOT NULL, -- JSON: trusted path that failures were put down to
    exceptions     TEXT    NOT NULL, -- JSON: entries that had an effect
    shadow_policy  TEXT    NOT NULL, -- the same by the candidate policies; '' when none were there
    shadow_verdict TEXT    NOT NULL,
    shadow_points  INTEGER NOT NULL,
    shadow_finding TEXT    NOT NULL,
    shadow_place   TEXT    NOT NULL,
    shadow_observed TEXT   NOT NULL,
    PRIMARY KEY (decision, number)
) STRICT, WITHOUT ROWID;

-- Digests of the policy files that judged.
CREATE TABLE policies (
    id     INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
) STRICT;
