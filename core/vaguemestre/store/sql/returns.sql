-- name: return_add<!
INSERT INTO platform_return
    (deposit_id, profile, platform, account, reference, nature, organism, delegate, version, status,
     label, family, effect, published_at, received_at, media_type, name, locator, fetch, next_try_at)
VALUES
    (:deposit_id, :profile, :platform, :account, :reference, :nature, :organism, :delegate,
     :version, :status, '', '', 'none', :published_at, :now, '', '', :locator, :fetch, :now)
ON CONFLICT (account, reference, nature, organism, delegate, version) DO NOTHING
RETURNING id;

-- name: receipt_add<!
INSERT INTO platform_return
    (deposit_id, profile, platform, account, reference, nature, organism, delegate, version, status,
     label, advice, family, effect, received_at, sha256, media_type, name, locator, fetch,
     next_try_at)
VALUES
    (:deposit_id, :profile, :platform, :account, :reference, :nature, '', '', :version, :status,
     :label, :advice, :family, 'none', :now, :sha256, :media_type, '', '', 'stored', :now)
ON CONFLICT (account, reference, nature, organism, delegate, version) DO NOTHING
RETURNING id;

-- name: return_complete!
UPDATE platform_return SET
    fetch = :fetch, sha256 = :sha256, media_type = :media_type, name = :name, status = :status,
    author = :author, label = :label, advice = :advice, family = :family, effect = :effect,
    received_at = :now
WHERE id = :id;

-- name: return_postpone!
UPDATE platform_return SET tries = tries + 1, next_try_at = :next_try_at WHERE id = :id;

-- name: return_same$
SELECT count(*) FROM platform_return
WHERE account = :account AND reference = :reference AND nature = :nature AND sha256 = :sha256
  AND id <> :id;

-- name: return_is_receipt$
-- Whether the listed return is the platform's immediate answer, which is here already.
SELECT count(*) FROM platform_return
WHERE account = :account AND reference = :reference AND nature = :nature AND status = :status
  AND version = 'receipt';

-- name: returns_to_fetch
SELECT * FROM platform_return
WHERE fetch = 'pending' AND account = :account AND next_try_at <= :now ORDER BY id LIMIT :limit;

-- name: returns_next_fetch$
SELECT min(next_try_at) FROM platform_return WHERE fetch = 'pending' AND account = :account;

-- name: returns_to_write
SELECT * FROM platform_return
WHERE fetch = 'stored' AND path IS NULL AND id > :after ORDER BY id LIMIT :limit;

-- name: return_written!
UPDATE platform_return SET path = :path WHERE id = :id;

-- name: return_get^
SELECT * FROM platform_return WHERE id = :id;

-- name: returns_of_deposit
SELECT * FROM platform_return WHERE deposit_id = :deposit_id ORDER BY id;

-- name: returns_unmatched
SELECT * FROM platform_return
WHERE deposit_id IS NULL AND account = :account AND reference = :reference ORDER BY id;

-- name: returns_without_deposit
SELECT * FROM platform_return
WHERE deposit_id IS NULL AND account = :account AND fetch IN ('stored', 'same')
  AND received_at >= :since
ORDER BY id LIMIT 500;

-- name: return_adopt!
UPDATE platform_return SET deposit_id = :deposit_id, profile = :profile, path = NULL
WHERE id = :id;

-- name: cursor_get$
SELECT value FROM cursor WHERE account = :account;

-- name: collected_until$
-- When the returns of the account were all here for the last time; null while one is to be fetched.
SELECT updated_at FROM cursor
WHERE account = :account AND NOT EXISTS (
    SELECT 1 FROM platform_return r WHERE r.account = cursor.account AND r.fetch = 'pending'
);

-- name: cursor_set!
INSERT INTO cursor (account, value, updated_at) VALUES (:account, :value, :now)
ON CONFLICT (account) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at;

-- name: returns_unwritten$
SELECT count(*) FROM platform_return
WHERE fetch = 'pending' OR (fetch = 'stored' AND path IS NULL);

-- name: returns_to_export
-- The latest version of each return that is here, with what its deposit says. Oldest first.
SELECT r.*, d.issuer AS issuer, d.company AS company, d.period AS period, d.name AS deposit_name
FROM platform_return r LEFT JOIN deposit d ON d.id = r.deposit_id
WHERE r.fetch = 'stored' AND r.id > :after_id
  AND (:ids = '' OR :ids LIKE '% ' || r.id || ' %')
  AND (:nature = '' OR r.nature = :nature)
  AND (:profile = '' OR r.profile = :profile)
  AND (:company = '' OR d.issuer LIKE :company || '%' OR d.company LIKE :company || '%')
  AND (:period = '' OR d.period = :period)
  AND (:after = '' OR r.received_at >= :after)
  AND (:before = '' OR r.received_at < :before)
  AND NOT EXISTS (
    SELECT 1 FROM platform_return later
    WHERE later.account = r.account AND later.reference = r.reference
      AND later.nature = r.nature AND later.organism = r.organism
      AND later.delegate = r.delegate AND later.id > r.id AND later.fetch = 'stored')
ORDER BY r.id LIMIT :limit;
