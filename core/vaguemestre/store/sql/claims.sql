-- name: claims_clear!
DELETE FROM claim WHERE deposit_id = :deposit_id;

-- name: claim_add*!
INSERT INTO claim (deposit_id, digest, own, replaced, rank)
VALUES (:deposit_id, :digest, :own, :replaced, :rank);

-- name: claims_of_deposit
SELECT digest, own, replaced, rank FROM claim WHERE deposit_id = :deposit_id ORDER BY digest;

-- name: claims_of_others
-- The deposits that take the place or have the subject, and what replaced each of them for good:
-- first those that can be in the way, then the others, each from the newest on.
SELECT claim.rank, deposit.id, deposit.file_id, deposit.state, deposit.name, deposit.reference,
       deposit.received_at, deposit.deposited_at, deposit.doubts,
       (SELECT max(link.deposit_id) FROM link JOIN deposit AS later ON later.id = link.deposit_id
        WHERE link.other_id = deposit.id AND link.relation IN ('replaces', 'cancels')
          AND later.state IN ('accepted', 'to_check')) AS replaced_by
FROM claim JOIN deposit ON deposit.id = claim.deposit_id
WHERE claim.digest = :digest AND (claim.own = 1 OR claim.replaced = 0)
  AND claim.deposit_id <> :deposit_id
ORDER BY CASE WHEN deposit.state IN ('rejected', 'refused', 'failed', 'withdrawn', 'manual')
              THEN 1 ELSE 0 END,
         claim.deposit_id DESC
LIMIT :limit;

-- name: links_clear!
DELETE FROM link WHERE deposit_id = :deposit_id;

-- name: link_add*!
INSERT INTO link (deposit_id, other_id, relation) VALUES (:deposit_id, :other_id, :relation);

-- name: links_around
-- What the deposit follows on, what follows on it, and the other parts of its file.
SELECT link.other_id AS id, link.relation, deposit.state, deposit.name, deposit.reference
FROM link JOIN deposit ON deposit.id = link.other_id WHERE link.deposit_id = :deposit_id
UNION ALL
SELECT link.deposit_id AS id, link.relation || '_by' AS relation, deposit.state, deposit.name,
       deposit.reference
FROM link JOIN deposit ON deposit.id = link.deposit_id WHERE link.other_id = :deposit_id
UNION ALL
SELECT other.id, 'sibling' AS relation, other.state, other.name, other.reference
FROM deposit JOIN deposit AS other ON other.file_id = deposit.file_id AND other.id <> deposit.id
WHERE deposit.id = :deposit_id
ORDER BY 1, 2;

-- name: deposit_doubt!
UPDATE deposit SET doubts = :doubts WHERE id = :id;

-- name: deposit_override!
UPDATE deposit SET overridden = trim(overridden || ' ' || doubts), doubts = '' WHERE id = :id;

-- name: deposit_due!
UPDATE deposit SET due_at = :due_at, due_latest = :due_latest, closes = :closes WHERE id = :id;

-- name: deposits_to_remind
-- Real deposits with a deadline between the bounds that are not where they should be, unless
-- another one took their place or corrects them, or they changed only just now.
SELECT deposit.id, deposit.name, deposit.state, deposit.message, deposit.due_at, deposit.due_latest,
       deposit.due_told
FROM deposit
WHERE deposit.due_at IS NOT NULL
  AND deposit.state NOT IN
        ('received', 'manual', 'depositing', 'deposited', 'accepted', 'to_check', 'withdrawn')
  AND deposit.due_at >= :after AND deposit.due_at <= :before
  AND deposit.due_told < :stages AND deposit.test = 0 AND deposit.updated_at <= :quiet_since
  AND NOT EXISTS (
        SELECT 1 FROM link JOIN deposit AS other ON other.id = link.other_id
        WHERE link.deposit_id = deposit.id AND link.relation = 'duplicates'
          AND other.state IN ('ready', 'depositing', 'in_doubt', 'handed_over', 'deposited',
                              'accepted', 'to_check'))
  AND NOT EXISTS (
        SELECT 1 FROM link JOIN deposit AS later ON later.id = link.deposit_id
        WHERE link.other_id = deposit.id AND link.relation = 'corrects'
          AND later.state <> 'withdrawn')
ORDER BY deposit.due_at, deposit.id LIMIT :limit;

-- name: deposit_reminded!
UPDATE deposit SET due_told = :stage WHERE id = :id;

-- name: deposits_doubtful
SELECT id, name, message, doubts FROM deposit
WHERE state = 'held' AND doubts <> '' ORDER BY id;

-- name: deposit_say!
UPDATE deposit SET message = :message WHERE id = :id;

-- name: finding_drop!
DELETE FROM finding WHERE deposit_id = :deposit_id AND code = :code;

-- name: deposits_closed
-- What is ready and what the platform takes no longer.
SELECT id FROM deposit
WHERE state = 'ready' AND closes = 1 AND profile = :profile AND due_latest <= :now ORDER BY id;
