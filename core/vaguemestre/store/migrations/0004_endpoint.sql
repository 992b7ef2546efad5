-- Where an attempt went, as the adapter names it: a doubt is not settled at another place. Empty for
-- the attempts of before, of which nobody knows.
ALTER TABLE attempt ADD COLUMN endpoint TEXT NOT NULL DEFAULT '';
