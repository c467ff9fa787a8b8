-- The newest concluded check of each unit in each task: part CHECK.  The
-- columns are of the row of the maximum: days and instants have one length.
WITH
newest AS (
  SELECT task_id, org_id, checked_on, verdict,
    MAX(checked_on || concluded_at || doc_id) AS at
  FROM fact_check
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND checked_on <= :asOf AND concluded_at <= :knownAt
  GROUP BY task_id, org_id
)
SELECT task_id, org_id, checked_on, verdict
FROM newest
ORDER BY task_id, org_id
