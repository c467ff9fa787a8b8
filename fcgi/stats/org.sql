-- Every unit's quotas in each plan: part ORG.
WITH
quota AS (
  SELECT plan_id, doc_id AS task_id, indicator_id, org_id, SUM(qty) AS qty
  FROM fact_quota
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
  GROUP BY plan_id, doc_id, indicator_id, org_id
),
-- n: the newest number; reported: whether there is a report at all.
unit AS MATERIALIZED (
  SELECT q.plan_id, q.org_id, q.qty,
    COALESCE((
      SELECT v.n FROM fact_value AS v
      WHERE v.plan_id = q.plan_id AND v.task_id = q.task_id
        AND v.indicator_id = q.indicator_id AND v.org_id = q.org_id
        AND v.as_of <= :asOf AND v.accepted_at <= :knownAt
        AND v.n IS NOT NULL
      ORDER BY v.as_of DESC, v.accepted_at DESC, v.revision DESC, v.doc_id DESC
      LIMIT 1
    ), 0) AS n,
    EXISTS (
      SELECT 1 FROM fact_value AS v
      WHERE v.plan_id = q.plan_id AND v.task_id = q.task_id
        AND v.indicator_id = q.indicator_id AND v.org_id = q.org_id
        AND v.as_of <= :asOf AND v.accepted_at <= :knownAt
    ) AS reported
  FROM quota AS q
)
SELECT plan_id, org_id, COUNT(*) AS quotas, SUM(reported) AS reported,
  SUM(CASE WHEN n >= qty THEN 1 ELSE 0 END) AS met
FROM unit
GROUP BY plan_id, org_id
ORDER BY plan_id, org_id
