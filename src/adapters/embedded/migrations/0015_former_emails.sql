-- The addresses that a customer had before, the oldest first: a JSON list of {"email", "until"}, the time in milliseconds.
-- Before, one was kept.
ALTER TABLE customers ADD COLUMN former TEXT;
UPDATE customers
SET former = json_array(json_object('email', former_email, 'until', former_until))
WHERE former_email IS NOT NULL;
ALTER TABLE customers DROP COLUMN former_email;
ALTER TABLE customers DROP COLUMN former_until;
