-- The language that a customer is written to in, and that of a mail: a code of BCP 47.

ALTER TABLE customers ADD COLUMN language TEXT;
ALTER TABLE outbox ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
