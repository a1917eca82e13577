-- The keys that sign access tokens, sealed under the shop's secret.

CREATE TABLE signing_keys (
    number     INTEGER NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    sealed     BLOB    NOT NULL
) STRICT;
