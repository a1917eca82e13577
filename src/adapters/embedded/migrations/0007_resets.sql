-- One permission a customer to choose a new password without the old one, for whoever shows the link of this hash.

ALTER TABLE customers ADD COLUMN reset_hash BLOB CHECK (length(reset_hash) = 32);
ALTER TABLE customers ADD COLUMN reset_expires_at INTEGER;
