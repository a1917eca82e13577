-- The attempts that a limit counts, so that each is counted once and given back once. `turn` is when an attempt was made,
-- `previous` when the one before it was.
CREATE TABLE attempts (
    name       TEXT    NOT NULL,
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    turn       INTEGER NOT NULL,
    previous   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (name, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_by_expiry ON attempts (expires_at);
