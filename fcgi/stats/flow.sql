-- Money that moved, by level and stage: part FLOW.  The newest of each series:
-- see check.sql and series.sql.  Where a figure is there for the whole, the
-- units' are its parts and are not added to it.
WITH
newest AS (
  SELECT plan_id, task_id, item_id, level, org_id, stage, amount,
    MAX(as_of || recorded_at || (1000000000000000000 + revision) || doc_id)
      AS at
  FROM fact_flow
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND as_of <= :asOf AND recorded_at <= :knownAt
  GROUP BY plan_id, task_id, item_id, level, org_id, stage
),
item AS (
  SELECT task_id, level, stage,
    COALESCE(MAX(CASE WHEN org_id IS NULL THEN amount END), SUM(amount))
      AS amount
  FROM newest
  GROUP BY plan_id, task_id, item_id, level, stage
)
SELECT task_id, level, stage, SUM(amount) AS amount
FROM item
GROUP BY task_id, level, stage
ORDER BY task_id, level, stage
