-- Every unit's newest figure to each day: part SERIES.  See unit.sql and, for
-- the maximum, check.sql: the sum with the revision is of one length, too.
WITH
newest AS (
  SELECT plan_id, task_id, indicator_id, org_id, as_of, n,
    MAX(accepted_at || (1000000000000000000 + revision) || doc_id) AS at
  FROM fact_value
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND as_of <= :asOf AND accepted_at <= :knownAt AND n IS NOT NULL
  GROUP BY plan_id, task_id, indicator_id, org_id, as_of
)
SELECT task_id, indicator_id, org_id, as_of, n
FROM newest
ORDER BY task_id, indicator_id, org_id, as_of
