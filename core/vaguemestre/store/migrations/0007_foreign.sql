-- Deposits that a platform lists for an account, whoever made them.
CREATE TABLE listed_deposit (
    account TEXT NOT NULL,
    reference TEXT NOT NULL,
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    recorded_at TEXT,
    status TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    PRIMARY KEY (account, reference)
);
