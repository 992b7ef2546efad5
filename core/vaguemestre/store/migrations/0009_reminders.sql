-- Said by the states that are left out: a query that names the others would be answered by the
-- index of states, row by row through the rejected and refused deposits of all years.
DROP INDEX deposit_to_remind;
CREATE INDEX deposit_to_remind ON deposit (due_at)
    WHERE due_at IS NOT NULL
      AND state NOT IN
        ('received', 'manual', 'depositing', 'deposited', 'accepted', 'to_check', 'withdrawn');
