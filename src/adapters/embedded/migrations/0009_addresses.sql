-- The address that a customer wants to have, the one that they had before, and when they said that something was not them.

ALTER TABLE customers ADD COLUMN change_email TEXT;
ALTER TABLE customers ADD COLUMN change_hash BLOB CHECK (length(change_hash) = 32);
ALTER TABLE customers ADD COLUMN change_expires_at INTEGER;
ALTER TABLE customers ADD COLUMN change_session BLOB CHECK (length(change_session) = 16);
ALTER TABLE customers ADD COLUMN former_email TEXT;
ALTER TABLE customers ADD COLUMN former_until INTEGER;
ALTER TABLE customers ADD COLUMN secured_at INTEGER;
