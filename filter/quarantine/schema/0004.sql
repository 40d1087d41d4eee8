-- What a search looks through, folded (see fold): of an entry what it has of the
-- message and of where it came from, of an item its recipient. Subjects are part of
-- the message: where messages are encrypted there are none here.
ALTER TABLE entry ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE entry ADD COLUMN words TEXT NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN mailbox TEXT NOT NULL DEFAULT '';

UPDATE entry SET words = lower(sender || char(10) || brand || char(10) || why || char(10) || client || char(10) ||
    client_name || char(10) || queue_id || char(10) || trace) WHERE erased = 0;
UPDATE item SET mailbox = lower(recipient);

-- Lists go by time, and over no item that is erased.
DROP INDEX item_stored;
DROP INDEX item_domain;
CREATE INDEX item_stored ON item (stored) WHERE state <> 'erased';
CREATE INDEX item_domain ON item (domain, stored) WHERE state <> 'erased';
CREATE INDEX item_mailbox ON item (mailbox, stored) WHERE state <> 'erased';
