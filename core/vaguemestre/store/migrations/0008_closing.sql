-- closes: after due_latest the platform takes the deposit no longer, rather than calling it late.
ALTER TABLE deposit ADD COLUMN closes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deposit_closing ON deposit (profile, due_latest) WHERE state = 'ready' AND closes = 1;
