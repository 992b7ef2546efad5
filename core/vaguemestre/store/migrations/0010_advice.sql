-- What people are told to do about a return, as its reader said when it came.
ALTER TABLE platform_return ADD COLUMN advice TEXT NOT NULL DEFAULT '';
