-- name: listed_deposit_put!
INSERT INTO listed_deposit
    (account, reference, profile, platform, recorded_at, status, first_seen_at)
VALUES (:account, :reference, :profile, :platform, :recorded_at, :status, :now)
ON CONFLICT (account, reference) DO UPDATE SET status = excluded.status
WHERE listed_deposit.status <> excluded.status;

-- name: foreign_deposits
-- What was deposited by other hands, the newest first; with what its returns say of it. One that
-- was recorded while a deposit of ours is in doubt may turn out to be that one.
SELECT l.account, l.reference, l.profile, l.platform, l.recorded_at, l.status, l.first_seen_at,
       (SELECT count(*) FROM platform_return r
        WHERE r.account = l.account AND r.reference = l.reference AND r.fetch <> 'same') AS returns,
       (SELECT min(CASE r.effect WHEN 'report_ko' THEN 1 WHEN 'report_ano' THEN 2
                                 WHEN 'certificate' THEN 3 ELSE 4 END) FROM platform_return r
        WHERE r.account = l.account AND r.reference = l.reference) AS rank,
       EXISTS (SELECT 1 FROM deposit d
               WHERE d.account = l.account AND d.state IN ('depositing', 'in_doubt')
       ) AS perhaps_ours
FROM listed_deposit l
WHERE NOT EXISTS (SELECT 1 FROM deposit d
                  WHERE d.account = l.account AND d.reference = l.reference)
  AND (:after = '' OR coalesce(l.recorded_at, l.first_seen_at) >= :after)
  AND (:before = '' OR coalesce(l.recorded_at, l.first_seen_at) < :before)
ORDER BY coalesce(l.recorded_at, l.first_seen_at) DESC, l.reference LIMIT :limit;

-- name: foreign_count$
SELECT count(*) FROM listed_deposit l
WHERE NOT EXISTS (SELECT 1 FROM deposit d
                  WHERE d.account = l.account AND d.reference = l.reference);
