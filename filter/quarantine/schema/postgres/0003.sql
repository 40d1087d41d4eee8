-- As in the fourth step of SQLite, whose indexes end in the id by themselves.
ALTER TABLE entry ADD COLUMN subject TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN words TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN mailbox TEXT COLLATE "C" NOT NULL DEFAULT '';

UPDATE entry SET words = lower(sender || chr(10) || brand || chr(10) || why || chr(10) || client || chr(10) ||
    client_name || chr(10) || queue_id || chr(10) || trace) WHERE erased = 0;
UPDATE item SET mailbox = lower(recipient);

DROP INDEX item_stored;
DROP INDEX item_domain;
DROP INDEX item_state;
CREATE INDEX item_stored ON item (stored, id) WHERE state <> 'erased';
CREATE INDEX item_domain ON item (domain, stored, id) WHERE state <> 'erased';
CREATE INDEX item_mailbox ON item (mailbox, stored, id) WHERE state <> 'erased';
CREATE INDEX item_state ON item (state, stored, id);
