-- Only what is not at the platform, or is not accepted there, is looked up by its deadline.
DROP INDEX deposit_by_due;
CREATE INDEX deposit_to_remind ON deposit (due_at)
    WHERE due_at IS NOT NULL
      AND state IN
        ('held', 'rejected', 'ready', 'in_doubt', 'handed_over', 'failed', 'refused');
