-- By which browsers a customer signed in, as hashes; and when an attempt was last made, since they have to be apart.

CREATE TABLE browsers (
    customer   BLOB    NOT NULL CHECK (length(customer) = 12),
    browser    BLOB    NOT NULL CHECK (length(browser) = 32),
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (customer, browser)
) STRICT, WITHOUT ROWID;

CREATE INDEX browsers_by_expiry ON browsers (expires_at);

ALTER TABLE limits ADD COLUMN last_at INTEGER NOT NULL DEFAULT 0;
