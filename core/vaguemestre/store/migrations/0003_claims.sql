-- The places that a declaration takes at the platform (own), and those whose present declaration it
-- takes away (replaced); often the same. digest: of format, test or real, and the format's key.
CREATE TABLE claim (
    deposit_id INTEGER NOT NULL REFERENCES deposit (id),
    digest TEXT NOT NULL,
    own INTEGER NOT NULL,
    replaced INTEGER NOT NULL,
    rank INTEGER,
    PRIMARY KEY (deposit_id, digest)
);
CREATE INDEX claim_by_digest ON claim (digest, deposit_id) WHERE own = 1;

-- How a deposit follows on an earlier one. relation: duplicates, replaces, cancels, corrects.
CREATE TABLE link (
    deposit_id INTEGER NOT NULL REFERENCES deposit (id),
    other_id INTEGER NOT NULL REFERENCES deposit (id),
    relation TEXT NOT NULL,
    PRIMARY KEY (deposit_id, other_id, relation)
);
CREATE INDEX link_by_other ON link (other_id, deposit_id);

-- doubts: why it is held, as codes; overridden: those that a person released it in spite of.
ALTER TABLE deposit ADD COLUMN doubts TEXT NOT NULL DEFAULT '';
ALTER TABLE deposit ADD COLUMN overridden TEXT NOT NULL DEFAULT '';
-- By when it must be at the platform. due_latest is later where it depends on the employer and is
-- not known. due_told: the last stage that people were reminded of.
ALTER TABLE deposit ADD COLUMN due_at TEXT;
ALTER TABLE deposit ADD COLUMN due_latest TEXT;
ALTER TABLE deposit ADD COLUMN due_told INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deposit_by_due ON deposit (due_at) WHERE due_at IS NOT NULL;
