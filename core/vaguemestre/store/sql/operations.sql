-- name: notice_open^
SELECT id, count FROM notice WHERE key = :key AND updated_at >= :since ORDER BY id DESC LIMIT 1;

-- name: notice_add<!
INSERT INTO notice
    (key, level, title, text, deposit_id, profile, count, created_at, updated_at)
VALUES (:key, :level, :title, :text, :deposit_id, :profile, 1, :now, :now)
RETURNING id;

-- name: notice_repeat!
UPDATE notice SET count = count + 1, updated_at = :now, title = :title, text = :text
WHERE id = :id;

-- name: notices_to_tell
SELECT * FROM notice WHERE told_at IS NULL ORDER BY id LIMIT :limit;

-- name: notice_tellers
SELECT notice_id, notifier FROM notice_told
WHERE notice_id IN (SELECT id FROM notice WHERE told_at IS NULL);

-- name: notice_told_by!
INSERT INTO notice_told (notice_id, notifier, at) VALUES (:id, :notifier, :now)
ON CONFLICT (notice_id, notifier) DO NOTHING;

-- name: notice_told!
UPDATE notice SET told_at = :now WHERE id = :id;

-- name: notices_all
SELECT * FROM notice ORDER BY id DESC LIMIT :limit;

-- name: secret_set!
INSERT INTO secret (name, sealed, updated_at) VALUES (:name, :sealed, :now)
ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at;

-- name: secret_get^
SELECT sealed, updated_at FROM secret WHERE name = :name;

-- name: secret_rewrap!
-- The same secret under another key: not a change that anybody need notice.
UPDATE secret SET sealed = :sealed WHERE name = :name;

-- name: secret_remove!
DELETE FROM secret WHERE name = :name;

-- name: secrets_all
SELECT name, sealed, updated_at FROM secret ORDER BY name;

-- name: suspension_set!
INSERT INTO suspension (account, reason, since, secret_updated_at)
VALUES (:account, :reason, :now, :secret_updated_at)
ON CONFLICT (account) DO UPDATE SET
    reason = excluded.reason, since = excluded.since,
    secret_updated_at = excluded.secret_updated_at;

-- name: suspension_lift!
DELETE FROM suspension WHERE account = :account;

-- name: suspension_get^
SELECT * FROM suspension WHERE account = :account;

-- name: suspensions_all
SELECT * FROM suspension ORDER BY account;

-- name: request_add<!
INSERT INTO request (kind, argument, created_at) VALUES (:kind, :argument, :now) RETURNING id;

-- name: requests_open
SELECT id, kind, argument FROM request WHERE started = 0 ORDER BY id;

-- name: request_started!
UPDATE request SET started = 1 WHERE id = :id;

-- name: request_done!
UPDATE request SET done_at = :now, answer = :answer WHERE id = :id;

-- name: request_get^
SELECT kind, argument, done_at, answer FROM request WHERE id = :id;

-- name: returns_count$
SELECT count(*) FROM platform_return;
