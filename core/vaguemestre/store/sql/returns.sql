-- name: return_add<!
INSERT INTO platform_return
    (deposit_id, profile, platform, account, reference, nature, organism, delegate, version, status,
     label, family, effect, published_at, received_at, sha256, media_type, name)
VALUES
    (:deposit_id, :profile, :platform, :account, :reference, :nature, :organism, :delegate,
     :version, :status, :label, :family, :effect, :published_at, :received_at, :sha256, :media_type,
     :name)
ON CONFLICT (account, reference, nature, organism, delegate, version) DO NOTHING
RETURNING id;

-- name: return_known$
SELECT count(*) FROM platform_return
WHERE account = :account AND reference = :reference AND nature = :nature
  AND organism = :organism AND delegate = :delegate AND version = :version;

-- name: returns_to_write
SELECT * FROM platform_return WHERE path IS NULL AND id > :after ORDER BY id LIMIT :limit;

-- name: return_written!
UPDATE platform_return SET path = :path WHERE id = :id;

-- name: return_get^
SELECT * FROM platform_return WHERE id = :id;

-- name: returns_of_deposit
SELECT * FROM platform_return WHERE deposit_id = :deposit_id ORDER BY id;

-- name: returns_unmatched
SELECT * FROM platform_return
WHERE deposit_id IS NULL AND account = :account AND reference = :reference ORDER BY id;

-- name: return_adopt!
UPDATE platform_return SET deposit_id = :deposit_id WHERE id = :id;

-- name: cursor_get$
SELECT value FROM cursor WHERE profile = :profile;

-- name: cursor_set!
INSERT INTO cursor (profile, value, updated_at) VALUES (:profile, :value, :now)
ON CONFLICT (profile) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at;
