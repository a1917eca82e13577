-- Whether the shop keeps a customer out.

ALTER TABLE customers ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));
