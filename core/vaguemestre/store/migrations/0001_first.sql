-- Documents: payloads and returns, compressed, addressed by the SHA-256 of their plain bytes.
CREATE TABLE document (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    encoding TEXT NOT NULL,
    content BLOB NOT NULL
);

-- Files: everything that was taken from an outbox. source is for people; source_path and
-- target_path are the bytes that the system knows the places by, whatever their encoding.
-- moved_at: when the source was out of the outbox for sure.
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    outbox TEXT NOT NULL,
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES document (sha256),
    size INTEGER NOT NULL,
    source_path BLOB NOT NULL,
    target_path BLOB NOT NULL,
    taken_at TEXT NOT NULL,
    moved_at TEXT,
    duplicate_of INTEGER REFERENCES file (id)
);
CREATE INDEX file_by_bytes ON file (sha256);
CREATE INDEX file_to_move ON file (outbox, id) WHERE moved_at IS NULL;

CREATE TABLE deposit (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES file (id),
    part INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES document (sha256),
    state TEXT NOT NULL,
    outbox TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT '',
    module TEXT NOT NULL DEFAULT '',
    issuer TEXT NOT NULL DEFAULT '',
    company TEXT NOT NULL DEFAULT '',
    period TEXT NOT NULL DEFAULT '',
    test INTEGER,
    declaration TEXT,
    platform TEXT NOT NULL DEFAULT '',
    profile TEXT NOT NULL DEFAULT '',
    account TEXT NOT NULL DEFAULT '',
    reference TEXT,
    released INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,
    message TEXT NOT NULL DEFAULT '',
    received_at TEXT NOT NULL,
    deposited_at TEXT,
    updated_at TEXT NOT NULL,
    -- The end of its journal: number and hash of the last event.
    event_seq INTEGER NOT NULL DEFAULT 0,
    event_hash TEXT NOT NULL DEFAULT ''
);
CREATE INDEX deposit_by_state ON deposit (state, id);
CREATE INDEX deposit_by_file ON deposit (file_id);
CREATE INDEX deposit_by_lane ON deposit (profile, next_try_at, id) WHERE state = 'ready';
-- One deposit of the platform belongs to one deposit of ours.
CREATE UNIQUE INDEX deposit_by_reference ON deposit (account, reference)
    WHERE reference IS NOT NULL;

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    deposit_id INTEGER NOT NULL REFERENCES deposit (id),
    number INTEGER NOT NULL,
    profile TEXT NOT NULL,
    account TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT,
    evidence TEXT NOT NULL DEFAULT '{}',
    UNIQUE (deposit_id, number)
);
CREATE INDEX attempt_open ON attempt (deposit_id) WHERE ended_at IS NULL;
CREATE INDEX attempt_by_account ON attempt (account, started_at);

-- The journal. hash covers the previous one: a deposit's history shows tampering.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    deposit_id INTEGER NOT NULL REFERENCES deposit (id),
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    data TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (deposit_id, seq)
);

-- fetch: pending, stored, gone (no longer at the platform), refused (must not be fetched),
-- same (the bytes are those of an earlier version). path: its place in the inbox folder.
CREATE TABLE platform_return (
    id INTEGER PRIMARY KEY,
    deposit_id INTEGER REFERENCES deposit (id),
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    reference TEXT NOT NULL,
    nature TEXT NOT NULL,
    organism TEXT NOT NULL,
    delegate TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL,
    label TEXT NOT NULL,
    family TEXT NOT NULL,
    effect TEXT NOT NULL,
    published_at TEXT,
    received_at TEXT NOT NULL,
    sha256 TEXT REFERENCES document (sha256),
    media_type TEXT NOT NULL,
    name TEXT NOT NULL,
    locator TEXT NOT NULL,
    fetch TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,
    path TEXT,
    UNIQUE (account, reference, nature, organism, delegate, version)
);
CREATE INDEX platform_return_by_deposit ON platform_return (deposit_id);
CREATE INDEX platform_return_by_reference ON platform_return (account, reference);
CREATE INDEX platform_return_to_fetch ON platform_return (account, id) WHERE fetch = 'pending';
CREATE INDEX platform_return_to_write ON platform_return (id)
    WHERE fetch = 'stored' AND path IS NULL;

CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    deposit_id INTEGER REFERENCES deposit (id),
    return_id INTEGER REFERENCES platform_return (id),
    severity TEXT NOT NULL,
    code TEXT NOT NULL,
    rubrique TEXT NOT NULL,
    line INTEGER,
    value TEXT NOT NULL,
    message TEXT NOT NULL
);
CREATE INDEX finding_by_deposit ON finding (deposit_id) WHERE deposit_id IS NOT NULL;
CREATE INDEX finding_by_return ON finding (return_id) WHERE return_id IS NOT NULL;

CREATE TABLE cursor (
    account TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

-- Notices wait here until each notifier has told them.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    level TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    deposit_id INTEGER,
    profile TEXT NOT NULL,
    count INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    told_at TEXT
);
CREATE INDEX notice_by_key ON notice (key, id);
CREATE INDEX notice_to_tell ON notice (id) WHERE told_at IS NULL;

-- Which notifier told which notice: one that fails does not make the others repeat themselves.
CREATE TABLE notice_told (
    notice_id INTEGER NOT NULL REFERENCES notice (id),
    notifier TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (notice_id, notifier)
);

CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    updated_at TEXT NOT NULL
);

-- A suspended account is not used again before its secret changed or a person tested it.
CREATE TABLE suspension (
    account TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    since TEXT NOT NULL,
    secret_updated_at TEXT NOT NULL
);

-- What the command line asks of the running daemon.
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    argument TEXT NOT NULL,
    created_at TEXT NOT NULL,
    started INTEGER NOT NULL DEFAULT 0,
    done_at TEXT,
    answer TEXT
);
CREATE INDEX request_open ON request (id) WHERE started = 0;
