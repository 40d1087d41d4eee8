-- As in the sixth step of SQLite, where the columns are explained.
CREATE TABLE report (
    id       TEXT COLLATE "C" PRIMARY KEY,
    item     TEXT COLLATE "C" NOT NULL,
    domain   TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL CHECK (kind IN ('brand', 'abuse')),
    target   TEXT COLLATE "C" NOT NULL,
    about    TEXT COLLATE "C" NOT NULL,
    state    TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'approved', 'sending', 'sent', 'refused', 'dropped')),
    note     TEXT COLLATE "C" NOT NULL,
    made     BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    asked    TEXT COLLATE "C" NOT NULL,
    approved TEXT COLLATE "C" NOT NULL,
    sum      TEXT COLLATE "C" NOT NULL,
    gate     TEXT COLLATE "C" NOT NULL,
    tries    BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    sent     BIGINT NOT NULL,
    nonce    TEXT COLLATE "C" NOT NULL,
    expires  BIGINT NOT NULL,
    used     BIGINT NOT NULL
);

CREATE INDEX report_same ON report (target, about, made);
CREATE INDEX report_state ON report (state, due);
CREATE INDEX report_made ON report (made, id);
CREATE INDEX report_sent ON report (sent, target) WHERE sent > 0;

CREATE TABLE report_item (
    report TEXT COLLATE "C" NOT NULL,
    item   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (report, item)
);

CREATE INDEX report_item_item ON report_item (item);

CREATE TABLE report_key (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    key TEXT COLLATE "C" NOT NULL
);
