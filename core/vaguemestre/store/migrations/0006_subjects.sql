-- A claim that is neither own nor replaced is the digest of a subject.
DROP INDEX claim_by_digest;
CREATE INDEX claim_by_digest ON claim (digest, deposit_id);
