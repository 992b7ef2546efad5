-- name: document_put!
INSERT INTO document (sha256, size, encoding, content)
VALUES (:sha256, :size, :encoding, :content)
ON CONFLICT (sha256) DO NOTHING;

-- name: document_get^
SELECT encoding, content FROM document WHERE sha256 = :sha256;
