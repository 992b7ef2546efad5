-- name: listed_deposits
-- The newest first. An empty parameter filters nothing; :states is ' ready held '; :after and
-- :before bound received_at.
SELECT deposit.id, deposit.state, deposit.kind, deposit.module, deposit.issuer, deposit.period,
       deposit.test, deposit.platform, deposit.profile, deposit.reference, file.source,
       deposit.received_at, deposit.deposited_at, deposit.updated_at, deposit.message,
       deposit.due_at, deposit.due_latest, deposit.doubts,
       (SELECT max(link.other_id) FROM link
        WHERE link.deposit_id = deposit.id AND link.relation <> 'duplicates') AS replaces,
       (SELECT max(link.deposit_id) FROM link JOIN deposit AS later ON later.id = link.deposit_id
        WHERE link.other_id = deposit.id
          AND (link.relation = 'corrects' AND later.state <> 'withdrawn'
               OR link.relation IN ('replaces', 'cancels')
                  AND later.state IN ('deposited', 'accepted', 'to_check'))) AS replaced_by,
       (SELECT link.relation FROM link JOIN deposit AS later ON later.id = link.deposit_id
        WHERE link.other_id = deposit.id
          AND (link.relation = 'corrects' AND later.state <> 'withdrawn'
               OR link.relation IN ('replaces', 'cancels')
                  AND later.state IN ('deposited', 'accepted', 'to_check'))
        ORDER BY link.deposit_id DESC, link.relation LIMIT 1) AS replaced_how
FROM deposit JOIN file ON file.id = deposit.file_id
WHERE (:states = '' OR :states LIKE '% ' || deposit.state || ' %')
  AND (:kind = '' OR deposit.kind = :kind)
  AND (:module = '' OR deposit.module = :module)
  AND (:issuer = '' OR deposit.issuer LIKE :issuer || '%')
  AND (:period = '' OR deposit.period = :period)
  AND (:outbox = '' OR deposit.outbox = :outbox)
  AND (:doubtful = 1 OR deposit.doubts = '')
  AND (:after = '' OR deposit.received_at >= :after)
  AND (:before = '' OR deposit.received_at < :before)
  AND (:blocking = 0 OR EXISTS (
        SELECT 1 FROM finding
        WHERE finding.deposit_id = deposit.id AND finding.severity = 'blocking'))
ORDER BY deposit.id DESC LIMIT :limit;

-- name: listed_deposit^
SELECT deposit.id, deposit.state, deposit.kind, deposit.module, deposit.issuer, deposit.period,
       deposit.test, deposit.platform, deposit.profile, deposit.reference, file.source,
       deposit.received_at, deposit.deposited_at, deposit.updated_at, deposit.message,
       deposit.due_at, deposit.due_latest, deposit.doubts,
       (SELECT max(link.other_id) FROM link
        WHERE link.deposit_id = deposit.id AND link.relation <> 'duplicates') AS replaces,
       (SELECT max(link.deposit_id) FROM link JOIN deposit AS later ON later.id = link.deposit_id
        WHERE link.other_id = deposit.id
          AND (link.relation = 'corrects' AND later.state <> 'withdrawn'
               OR link.relation IN ('replaces', 'cancels')
                  AND later.state IN ('deposited', 'accepted', 'to_check'))) AS replaced_by,
       (SELECT link.relation FROM link JOIN deposit AS later ON later.id = link.deposit_id
        WHERE link.other_id = deposit.id
          AND (link.relation = 'corrects' AND later.state <> 'withdrawn'
               OR link.relation IN ('replaces', 'cancels')
                  AND later.state IN ('deposited', 'accepted', 'to_check'))
        ORDER BY link.deposit_id DESC, link.relation LIMIT 1) AS replaced_how
FROM deposit JOIN file ON file.id = deposit.file_id
WHERE deposit.id = :id;

-- name: listed_returns
-- The newest first. An empty parameter, or a :deposit of 0, filters nothing.
SELECT id, deposit_id, platform, reference, nature, status,
       coalesce(nullif(organism, ''), author) AS organism, published_at, received_at, path, label,
       advice
FROM platform_return
-- A listed document that is the one already there is not shown twice.
WHERE fetch <> 'same'
  AND (:deposit = 0 OR deposit_id = :deposit)
  AND (:reference = '' OR reference = :reference)
  AND (:nature = '' OR nature = :nature)
  AND (:status = '' OR status = :status)
  AND (:after = '' OR received_at >= :after)
  AND (:before = '' OR received_at < :before)
ORDER BY id DESC LIMIT :limit;

-- name: findings_of_returns
-- The findings of all returns from :first to :last.
SELECT return_id, severity, code, rubrique, line, value, message, label, lines, count FROM finding
WHERE return_id BETWEEN :first AND :last ORDER BY id;

-- name: newest_event$
SELECT max(at) FROM event WHERE id = (SELECT max(id) FROM event);
