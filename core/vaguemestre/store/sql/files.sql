-- name: file_add<!
INSERT INTO file (outbox, source, name, sha256, size, target, taken_at, duplicate_of)
VALUES (:outbox, :source, :name, :sha256, :size, :target, :taken_at, :duplicate_of)
RETURNING id;

-- name: files_to_move
SELECT id, outbox, source, target, sha256 FROM file WHERE moved_at IS NULL ORDER BY id;

-- name: file_moved!
UPDATE file SET moved_at = :moved_at WHERE id = :id;

-- name: file_get^
SELECT * FROM file WHERE id = :id;

-- name: file_original^
-- The file that these bytes already came with, unless nothing of it was or can be declared.
SELECT file.id FROM file
WHERE file.sha256 = :sha256 AND file.duplicate_of IS NULL AND EXISTS (
    SELECT 1 FROM deposit
    WHERE deposit.file_id = file.id AND deposit.state NOT IN ('withdrawn', 'rejected', 'refused')
)
ORDER BY file.id DESC LIMIT 1;
