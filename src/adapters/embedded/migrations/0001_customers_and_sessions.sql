-- Times are milliseconds since 1970 in UTC; ids and hashes are their bytes.

CREATE TABLE customers (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 12),
    name       TEXT    NOT NULL,
    email      TEXT    NOT NULL UNIQUE,
    password   TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A session may exist a moment before its customer does, so none refers to the other's table.
CREATE TABLE sessions (
    customer         BLOB    NOT NULL CHECK (length(customer) = 12),
    id               BLOB    NOT NULL CHECK (length(id) = 16),
    token            BLOB    NOT NULL CHECK (length(token) = 32),
    previous_token   BLOB    CHECK (length(previous_token) = 32),
    created_at       INTEGER NOT NULL,
    authenticated_at INTEGER NOT NULL,
    last_used_at     INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    ends_at          INTEGER NOT NULL,
    address          TEXT    NOT NULL,
    user_agent       TEXT    NOT NULL,
    PRIMARY KEY (customer, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE limits (
    name       TEXT    NOT NULL PRIMARY KEY,
    used       INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE form_state (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    data       TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the sweep looks for.
CREATE INDEX sessions_by_expiry   ON sessions (expires_at);
CREATE INDEX limits_by_expiry     ON limits (expires_at);
CREATE INDEX form_state_by_expiry ON form_state (expires_at);
