-- A finding that repeats is kept once: its first lines, and how often it comes.
ALTER TABLE finding ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN lines TEXT NOT NULL DEFAULT '';
ALTER TABLE finding ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
