-- Every indicator and every unit's part in it: part UNIT.
WITH
-- Who has a quota and who reported; a unit named twice has one quota, the sum.
named AS (
  SELECT plan_id, doc_id AS task_id, indicator_id, org_id, qty, 1 AS obliged
  FROM fact_quota
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
  UNION ALL
  SELECT DISTINCT plan_id, task_id, indicator_id, org_id, NULL, 0
  FROM fact_value
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND as_of <= :asOf AND accepted_at <= :knownAt
),
series AS (
  SELECT plan_id, task_id, indicator_id, org_id, SUM(qty) AS qty,
    MAX(obliged) AS obliged
  FROM named
  GROUP BY plan_id, task_id, indicator_id, org_id
)
SELECT doc_id AS task_id, indicator_id, NULL AS org_id, pos, name, unit,
  target, target_state, NULL AS qty, 0 AS obliged, 0 AS n, NULL AS none
FROM fact_indicator
WHERE plan_id IN (SELECT value FROM json_each(:plans))
  AND since <= :knownAt AND :knownAt < until
UNION ALL
SELECT s.task_id, s.indicator_id, s.org_id, NULL, NULL, NULL, NULL, NULL,
  s.qty, s.obliged,
  COALESCE((
    SELECT v.n FROM fact_value AS v
    WHERE v.plan_id = s.plan_id AND v.task_id = s.task_id
      AND v.indicator_id = s.indicator_id AND v.org_id = s.org_id
      AND v.as_of <= :asOf AND v.accepted_at <= :knownAt
      AND v.n IS NOT NULL
    ORDER BY v.as_of DESC, v.accepted_at DESC, v.revision DESC, v.doc_id DESC
    LIMIT 1
  ), 0),
  (
    SELECT v.n IS NULL FROM fact_value AS v
    WHERE v.plan_id = s.plan_id AND v.task_id = s.task_id
      AND v.indicator_id = s.indicator_id AND v.org_id = s.org_id
      AND v.as_of <= :asOf AND v.accepted_at <= :knownAt
    ORDER BY v.as_of DESC, v.accepted_at DESC, v.revision DESC, v.doc_id DESC
    LIMIT 1
  )
FROM series AS s
ORDER BY task_id, indicator_id, org_id, pos
