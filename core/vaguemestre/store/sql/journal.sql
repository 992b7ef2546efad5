-- name: event_last^
SELECT event_seq, event_hash FROM deposit WHERE id = :deposit_id;

-- name: event_last_set!
UPDATE deposit SET event_seq = :seq, event_hash = :hash WHERE id = :deposit_id;

-- name: event_add!
INSERT INTO event (deposit_id, seq, at, kind, state, data, hash)
VALUES (:deposit_id, :seq, :at, :kind, :state, :data, :hash);

-- name: events_of_deposit
SELECT seq, at, kind, state, data, hash FROM event WHERE deposit_id = :deposit_id ORDER BY seq;
