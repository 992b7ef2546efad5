-- name: deposit_add<!
INSERT INTO deposit
    (file_id, part, parts, name, sha256, state, outbox, message, received_at, updated_at)
VALUES
    (:file_id, :part, :parts, :name, :sha256, :state, :outbox, :message, :now, :now)
RETURNING id;

-- name: deposit_get^
SELECT * FROM deposit WHERE id = :id;

-- name: deposits_of_file
SELECT * FROM deposit WHERE file_id = :file_id ORDER BY part;

-- name: deposit_split!
UPDATE deposit SET part = :part, parts = :parts, name = :name, sha256 = :sha256 WHERE id = :id;

-- name: deposit_declare!
UPDATE deposit SET
    kind = :kind, module = :module, issuer = :issuer, company = :company, period = :period,
    test = :test, declaration = :declaration
WHERE id = :id;

-- name: deposit_route!
UPDATE deposit SET platform = :platform, profile = :profile, account = :account WHERE id = :id;

-- name: deposit_move!
UPDATE deposit SET
    state = :state, message = :message, updated_at = :now, next_try_at = :next_try_at,
    tries = :tries, event_seq = :seq, event_hash = :hash
WHERE id = :id;

-- name: deposit_refer!
UPDATE deposit SET
    reference = :reference,
    deposited_at = CASE WHEN :deposited_at IS NULL THEN deposited_at ELSE :deposited_at END
WHERE id = :id;

-- name: deposit_release!
UPDATE deposit SET released = 1 WHERE id = :id;

-- name: deposits_to_control
SELECT deposit.id, document.size FROM deposit
JOIN document ON document.sha256 = deposit.sha256
WHERE state = 'received' AND (next_try_at IS NULL OR next_try_at <= :now)
ORDER BY deposit.id LIMIT :limit;

-- name: deposits_ready
SELECT * FROM deposit
WHERE state = 'ready' AND profile = :profile AND (next_try_at IS NULL OR next_try_at <= :now)
ORDER BY id LIMIT :limit;

-- name: deposits_due_now!
UPDATE deposit SET next_try_at = NULL WHERE state = 'ready' AND profile = :profile;

-- name: deposits_waiting
-- Deposits of the account that wait for their report.
SELECT id, declaration, deposited_at FROM deposit
WHERE state = 'deposited' AND account = :account AND deposited_at IS NOT NULL ORDER BY id;

-- name: deposits_carried
-- Deposits that the platform has, the newest first.
SELECT id, name, declaration, sha256, deposited_at FROM deposit
WHERE account = :account AND reference IS NOT NULL AND deposited_at IS NOT NULL
ORDER BY deposited_at DESC, id DESC LIMIT :limit;

-- name: deposits_in_state
SELECT id, profile FROM deposit WHERE state = :state ORDER BY id;

-- name: deposits_in_doubt
SELECT deposit.*, attempt.number AS attempt_number, attempt.started_at AS attempt_started,
       attempt.ended_at AS attempt_ended, attempt.endpoint AS attempt_endpoint
FROM deposit JOIN attempt ON attempt.deposit_id = deposit.id
WHERE deposit.state = 'in_doubt' AND deposit.account = :account
  AND attempt.number = (SELECT max(number) FROM attempt a WHERE a.deposit_id = deposit.id)
ORDER BY deposit.id;

-- name: accounts_in_doubt
SELECT account, min(next_try_at) AS due FROM deposit WHERE state = 'in_doubt' GROUP BY account;

-- name: next_due$
SELECT min(next_try_at) FROM deposit
WHERE state = :state AND next_try_at > :now;

-- name: next_ready$
-- When the next deposit of the lane is due, which may be by now.
SELECT min(next_try_at) FROM deposit WHERE state = 'ready' AND profile = :profile;

-- name: references_near
SELECT deposit.reference FROM attempt JOIN deposit ON deposit.id = attempt.deposit_id
WHERE attempt.account = :account AND attempt.started_at >= :since
  AND deposit.reference IS NOT NULL;

-- name: deposit_by_reference^
SELECT * FROM deposit WHERE account = :account AND reference = :reference;

-- name: deposit_states
SELECT state, count(*) AS deposits FROM deposit GROUP BY state;

-- name: attempt_add<!
INSERT INTO attempt (deposit_id, number, profile, account, started_at, endpoint)
SELECT :deposit_id, count(*) + 1, :profile, :account, :started_at, :endpoint
FROM attempt WHERE deposit_id = :deposit_id
RETURNING number;

-- name: attempt_end!
UPDATE attempt SET ended_at = :ended_at, outcome = :outcome, evidence = :evidence
WHERE deposit_id = :deposit_id AND ended_at IS NULL;

-- name: attempts_open
SELECT deposit_id, profile FROM attempt WHERE ended_at IS NULL ORDER BY deposit_id;

-- name: attempts_of_deposit
SELECT number, profile, account, started_at, ended_at, outcome, evidence FROM attempt
WHERE deposit_id = :deposit_id ORDER BY number;

-- name: finding_add*!
INSERT INTO finding
    (deposit_id, return_id, severity, code, rubrique, line, value, message, label, lines, count)
VALUES (
    :deposit_id, :return_id, :severity, :code, :rubrique, :line, :value, :message, :label, :lines,
    :count
);

-- name: findings_clear!
DELETE FROM finding WHERE deposit_id = :deposit_id;

-- name: findings_of_deposit
SELECT severity, code, rubrique, line, value, message, label, lines, count FROM finding
WHERE deposit_id = :deposit_id ORDER BY id;

-- name: findings_of_return
SELECT severity, code, rubrique, line, value, message, label, lines, count FROM finding
WHERE return_id = :return_id ORDER BY id;
