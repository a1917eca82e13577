-- What a customer recognises a session by, in the place of what the browser said of itself.

ALTER TABLE sessions DROP COLUMN user_agent;
ALTER TABLE sessions ADD COLUMN browser      TEXT    NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN system       TEXT    NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET last_seen_at = last_used_at;
