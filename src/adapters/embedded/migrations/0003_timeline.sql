-- What happened to accounts. Failed attempts of one hour are one row.

CREATE TABLE timeline (
    id         INTEGER PRIMARY KEY,
    customer   BLOB    NOT NULL CHECK (length(customer) = 12),
    event      TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    address    TEXT,
    browser    TEXT,
    system     TEXT,
    -- The hour since 1970 of failed attempts, by which they are summed.
    hour       INTEGER,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX timeline_of_customer     ON timeline (customer, at);
CREATE UNIQUE INDEX timeline_failures ON timeline (customer, hour) WHERE hour IS NOT NULL;
CREATE INDEX timeline_by_expiry       ON timeline (expires_at);
