-- The credential epoch of an account, and the epoch in which a session or a known browser was issued: it is void once the
-- account has a later one.
ALTER TABLE customers ADD COLUMN epoch               INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN password_changed_at INTEGER;
ALTER TABLE browsers  ADD COLUMN epoch               INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions  ADD COLUMN epoch               INTEGER NOT NULL DEFAULT 0;
-- The browser that signed in, as a hash, and the network of the last use of a refresh token.
ALTER TABLE sessions  ADD COLUMN browser_hash BLOB CHECK (length(browser_hash) = 32);
ALTER TABLE sessions  ADD COLUMN network      TEXT;

-- Events that can repeat are summed by group; before, failed attempts were summed by the hour.
ALTER TABLE timeline ADD COLUMN group_key TEXT;
UPDATE timeline SET group_key = hour || ' attempt_failed' WHERE hour IS NOT NULL;
DROP INDEX timeline_failures;
ALTER TABLE timeline DROP COLUMN hour;
CREATE UNIQUE INDEX timeline_groups ON timeline (customer, group_key) WHERE group_key IS NOT NULL;
