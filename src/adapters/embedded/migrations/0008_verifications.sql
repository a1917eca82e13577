-- What is awaited of a customer whose address is not verified: a link of this hash, best in the browser of this ticket.
-- Customers from before count as verified.

ALTER TABLE customers ADD COLUMN verification_hash BLOB CHECK (length(verification_hash) = 32);
ALTER TABLE customers ADD COLUMN verification_expires_at INTEGER;
ALTER TABLE customers ADD COLUMN verification_ticket BLOB CHECK (length(verification_ticket) = 32);
