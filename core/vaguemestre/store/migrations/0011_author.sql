-- Who wrote the document, as its reader says. `organism` is the listing's word: it is a part of what
-- names a return, and must stay what it was when the platform lists it again.
ALTER TABLE platform_return ADD COLUMN author TEXT NOT NULL DEFAULT '';
