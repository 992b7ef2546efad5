-- name: file_add<!
INSERT INTO file
    (outbox, source, name, sha256, size, source_path, target_path, taken_at, duplicate_of)
VALUES
    (:outbox, :source, :name, :sha256, :size, :source_path, :target_path, :now, :duplicate_of)
RETURNING id;

-- name: files_to_move
SELECT id, source_path, target_path, sha256 FROM file
WHERE outbox = :outbox AND moved_at IS NULL ORDER BY id;

-- name: files_planned
-- Where files are on their way to: outboxes may share a folder.
SELECT target_path FROM file WHERE moved_at IS NULL;

-- name: file_moved!
UPDATE file SET moved_at = :now, target_path = :target_path WHERE id = :id;

-- name: file_get^
SELECT * FROM file WHERE id = :id;

-- name: file_names
SELECT name FROM file;

-- name: file_original^
-- The file that these bytes already came with, unless nothing of it was or can be declared.
SELECT file.id, file.source, file.taken_at, deposit.id AS deposit_id, deposit.state
FROM file JOIN deposit ON deposit.file_id = file.id
WHERE file.sha256 = :sha256 AND file.duplicate_of IS NULL
  AND deposit.state NOT IN ('withdrawn', 'rejected', 'refused')
ORDER BY file.id DESC, deposit.part LIMIT 1;
