-- Mail that is still to be sent. What a mail says is JSON, since every kind says something else.

CREATE TABLE outbox (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    customer   BLOB    NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    recipient  TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    letter     TEXT    NOT NULL,
    written_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_by_due ON outbox (due_at);
CREATE INDEX outbox_by_customer ON outbox (customer);
