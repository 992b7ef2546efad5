-- name: event_last^
SELECT seq, hash FROM event WHERE deposit_id = :deposit_id ORDER BY seq DESC LIMIT 1;

-- name: event_add!
INSERT INTO event (deposit_id, seq, at, kind, state, data, hash)
VALUES (:deposit_id, :seq, :at, :kind, :state, :data, :hash);

-- name: events_of_deposit
SELECT seq, at, kind, state, data, hash FROM event WHERE deposit_id = :deposit_id ORDER BY seq;
