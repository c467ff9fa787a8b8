-- Every indicator with its quotas and the newest figures: part INDICATOR.
WITH
indicator AS (
  SELECT doc_id AS task_id, pos, indicator_id, name, unit, target, target_state
  FROM fact_indicator
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
),
-- A unit named twice has one quota, the sum.
quota AS (
  SELECT doc_id AS task_id, indicator_id, org_id, SUM(qty) AS qty
  FROM fact_quota
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
  GROUP BY doc_id, indicator_id, org_id
),
-- Reports, newest first: among all of a unit's, and among those of its kind
-- (a number or nothing).
ranked AS (
  SELECT task_id, indicator_id, org_id, n,
    ROW_NUMBER() OVER (
      PARTITION BY task_id, indicator_id, org_id
      ORDER BY as_of DESC, accepted_at DESC, revision DESC, doc_id DESC
    ) AS place,
    ROW_NUMBER() OVER (
      PARTITION BY task_id, indicator_id, org_id, n IS NULL
      ORDER BY as_of DESC, accepted_at DESC, revision DESC, doc_id DESC
    ) AS place_of_kind
  FROM fact_value
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND as_of <= :asOf AND accepted_at <= :knownAt
),
newest AS (
  SELECT task_id, indicator_id, org_id,
    MAX(CASE WHEN place_of_kind = 1 THEN n END) AS n,
    MAX(CASE WHEN place = 1 AND n IS NULL THEN 1 ELSE 0 END) AS none
  FROM ranked
  GROUP BY task_id, indicator_id, org_id
),
done AS (
  SELECT task_id, indicator_id, SUM(n) AS n
  FROM newest
  GROUP BY task_id, indicator_id
),
unit AS (
  SELECT q.task_id, q.indicator_id, q.qty, COALESCE(v.n, 0) AS n,
    CASE WHEN v.org_id IS NULL THEN 0 ELSE 1 END AS reported,
    COALESCE(v.none, 0) AS none
  FROM quota AS q
  LEFT JOIN newest AS v ON v.task_id = q.task_id
    AND v.indicator_id = q.indicator_id AND v.org_id = q.org_id
),
units AS (
  SELECT task_id, indicator_id,
    COUNT(*) AS obliged,
    SUM(CASE WHEN qty IS NULL THEN 1 ELSE 0 END) AS unset,
    SUM(qty) AS quota,
    SUM(CASE WHEN n < qty THEN n ELSE qty END) AS capped,
    SUM(CASE WHEN n > qty THEN n - qty ELSE 0 END) AS over,
    SUM(reported) AS reported,
    SUM(none) AS none,
    SUM(CASE WHEN n >= qty THEN 1 ELSE 0 END) AS complete
  FROM unit
  GROUP BY task_id, indicator_id
)
SELECT i.task_id AS task_id,
  i.pos AS pos,
  i.indicator_id AS indicator_id,
  i.name AS name,
  i.unit AS unit,
  i.target AS target,
  i.target_state AS target_state,
  COALESCE(d.n, 0) AS done,
  COALESCE(u.obliged, 0) AS obliged,
  COALESCE(u.unset, 0) AS unset,
  COALESCE(u.quota, 0) AS quota,
  COALESCE(u.capped, 0) AS capped,
  COALESCE(u.over, 0) AS over,
  COALESCE(u.reported, 0) AS reported,
  COALESCE(u.none, 0) AS none,
  COALESCE(u.complete, 0) AS complete
FROM indicator AS i
LEFT JOIN done AS d
  ON d.task_id = i.task_id AND d.indicator_id = i.indicator_id
LEFT JOIN units AS u
  ON u.task_id = i.task_id AND u.indicator_id = i.indicator_id
ORDER BY i.task_id, i.pos
