-- The same tables as in SQLite after its second step. Texts are kept in the
-- order of their bytes. Times are microseconds since 1970, UTC.
CREATE TABLE entry (
    id          TEXT COLLATE "C" PRIMARY KEY,
    sha256      TEXT COLLATE "C" NOT NULL, -- '' once the message is removed
    size        BIGINT NOT NULL,
    stored      BIGINT NOT NULL,
    received    BIGINT NOT NULL,
    sender      TEXT COLLATE "C" NOT NULL,
    sender_args TEXT COLLATE "C" NOT NULL, -- JSON list
    client      TEXT COLLATE "C" NOT NULL,
    client_name TEXT COLLATE "C" NOT NULL,
    helo        TEXT COLLATE "C" NOT NULL,
    auth_user   TEXT COLLATE "C" NOT NULL,
    queue_id    TEXT COLLATE "C" NOT NULL,
    trace       TEXT COLLATE "C" NOT NULL,
    brand       TEXT COLLATE "C" NOT NULL,
    why         TEXT COLLATE "C" NOT NULL,
    erased      BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX entry_erased ON entry (erased) WHERE erased > 0;
CREATE INDEX entry_unfreed ON entry (sha256) WHERE erased > 0 AND sha256 <> '';

CREATE TABLE item (
    id        TEXT COLLATE "C" PRIMARY KEY,
    entry     TEXT COLLATE "C" NOT NULL REFERENCES entry (id),
    recipient TEXT COLLATE "C" NOT NULL, -- '' once erased
    domain    TEXT COLLATE "C" NOT NULL,
    policy    TEXT COLLATE "C" NOT NULL,
    verdict   TEXT COLLATE "C" NOT NULL,
    cause     TEXT COLLATE "C" NOT NULL,
    state     TEXT COLLATE "C" NOT NULL CHECK (state IN ('held', 'releasing', 'released', 'erased')),
    stored    BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    note      TEXT COLLATE "C" NOT NULL,
    expires   BIGINT NOT NULL, -- 0 for never
    release   TEXT COLLATE "C" NOT NULL, -- JSON list of roles
    findings  TEXT COLLATE "C" NOT NULL  -- JSON list of names
);

CREATE INDEX item_entry ON item (entry);
CREATE INDEX item_stored ON item (stored);
CREATE INDEX item_domain ON item (domain, stored);
CREATE INDEX item_state ON item (state, stored);
CREATE INDEX item_expires ON item (expires) WHERE expires > 0;

CREATE TABLE feedback (
    item   TEXT COLLATE "C" NOT NULL,
    kind   TEXT COLLATE "C" NOT NULL CHECK (kind IN ('released', 'not-phishing', 'phishing')),
    domain TEXT COLLATE "C" NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL,
    who    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (item, kind)
);

CREATE TABLE feedback_finding (
    at      BIGINT NOT NULL,
    item    TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    finding TEXT COLLATE "C" NOT NULL,
    policy  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (at, item, kind, finding)
);

CREATE INDEX feedback_finding_item ON feedback_finding (item, kind);

CREATE TABLE feedback_day (
    day     BIGINT NOT NULL,
    finding TEXT COLLATE "C" NOT NULL,
    policy  TEXT COLLATE "C" NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    items   BIGINT NOT NULL,
    PRIMARY KEY (day, finding, policy, kind)
);

CREATE FUNCTION feedback_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO feedback_day AS d VALUES (new.at / 86400000000, new.finding, new.policy, new.kind, 1)
        ON CONFLICT (day, finding, policy, kind) DO UPDATE SET items = d.items + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER feedback_said AFTER INSERT ON feedback_finding FOR EACH ROW EXECUTE FUNCTION feedback_said();

CREATE FUNCTION feedback_unsaid() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE feedback_day SET items = items - 1
        WHERE day = old.at / 86400000000 AND finding = old.finding AND policy = old.policy AND kind = old.kind;
    RETURN NULL;
END $$;

CREATE TRIGGER feedback_unsaid AFTER DELETE ON feedback_finding FOR EACH ROW EXECUTE FUNCTION feedback_unsaid();
