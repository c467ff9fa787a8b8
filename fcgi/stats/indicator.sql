-- Every indicator with its quotas and the newest figures: part INDICATOR.
WITH
indicator AS (
  SELECT plan_id, doc_id AS task_id, pos, indicator_id, name, unit, target,
    target_state
  FROM fact_indicator
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
),
-- A unit named twice has one quota, the sum.
quota AS (
  SELECT plan_id, doc_id AS task_id, indicator_id, org_id, SUM(qty) AS qty
  FROM fact_quota
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
  GROUP BY plan_id, doc_id, indicator_id, org_id
),
-- The newest number of each unit: n is of the row of the maximum, whose text
-- compares like (as_of, accepted_at, revision, doc_id), because days, instants
-- and the sum are of one length each.
newest AS (
  SELECT plan_id, task_id, indicator_id, n, MAX(as_of || accepted_at
    || (1000000000000000000 + revision) || doc_id) AS at
  FROM fact_value
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND as_of <= :asOf AND accepted_at <= :knownAt AND n IS NOT NULL
  GROUP BY plan_id, task_id, indicator_id, org_id
),
done AS MATERIALIZED (
  SELECT plan_id, task_id, indicator_id, SUM(n) AS n
  FROM newest
  GROUP BY plan_id, task_id, indicator_id
),
-- n: the newest number; none: whether the newest report of all has nothing to
-- report, null where there is no report.
unit AS MATERIALIZED (
  SELECT q.plan_id, q.task_id, q.indicator_id, q.qty,
    COALESCE((
      SELECT v.n FROM fact_value AS v
      WHERE v.plan_id = q.plan_id AND v.task_id = q.task_id
        AND v.indicator_id = q.indicator_id AND v.org_id = q.org_id
        AND v.as_of <= :asOf AND v.accepted_at <= :knownAt
        AND v.n IS NOT NULL
      ORDER BY v.as_of DESC, v.accepted_at DESC, v.revision DESC, v.doc_id DESC
      LIMIT 1
    ), 0) AS n,
    (
      SELECT v.n IS NULL FROM fact_value AS v
      WHERE v.plan_id = q.plan_id AND v.task_id = q.task_id
        AND v.indicator_id = q.indicator_id AND v.org_id = q.org_id
        AND v.as_of <= :asOf AND v.accepted_at <= :knownAt
      ORDER BY v.as_of DESC, v.accepted_at DESC, v.revision DESC, v.doc_id DESC
      LIMIT 1
    ) AS none
  FROM quota AS q
),
units AS MATERIALIZED (
  SELECT plan_id, task_id, indicator_id,
    COUNT(*) AS obliged,
    SUM(CASE WHEN qty IS NULL THEN 1 ELSE 0 END) AS unset,
    SUM(qty) AS quota,
    SUM(CASE WHEN n < qty THEN n ELSE qty END) AS capped,
    SUM(CASE WHEN n > qty THEN n - qty ELSE 0 END) AS over,
    COUNT(none) AS reported,
    COALESCE(SUM(none), 0) AS none,
    SUM(CASE WHEN n >= qty THEN 1 ELSE 0 END) AS complete
  FROM unit
  GROUP BY plan_id, task_id, indicator_id
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
LEFT JOIN done AS d ON d.plan_id = i.plan_id AND d.task_id = i.task_id
  AND d.indicator_id = i.indicator_id
LEFT JOIN units AS u ON u.plan_id = i.plan_id AND u.task_id = i.task_id
  AND u.indicator_id = i.indicator_id
ORDER BY i.task_id, i.pos
