-- Every unit's quotas in each plan: part ORG.
WITH
quota AS (
  SELECT plan_id, doc_id AS task_id, indicator_id, org_id, SUM(qty) AS qty
  FROM fact_quota
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
  GROUP BY plan_id, doc_id, indicator_id, org_id
),
ranked AS (
  SELECT task_id, indicator_id, org_id, n,
    ROW_NUMBER() OVER (
      PARTITION BY task_id, indicator_id, org_id, n IS NULL
      ORDER BY as_of DESC, accepted_at DESC, revision DESC, doc_id DESC
    ) AS place_of_kind
  FROM fact_value
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND as_of <= :asOf AND accepted_at <= :knownAt
),
newest AS (
  SELECT task_id, indicator_id, org_id, MAX(n) AS n
  FROM ranked
  WHERE place_of_kind = 1
  GROUP BY task_id, indicator_id, org_id
)
SELECT q.plan_id AS plan_id, q.org_id AS org_id, COUNT(*) AS quotas,
  SUM(CASE WHEN v.org_id IS NULL THEN 0 ELSE 1 END) AS reported,
  SUM(CASE WHEN COALESCE(v.n, 0) >= q.qty THEN 1 ELSE 0 END) AS met
FROM quota AS q
LEFT JOIN newest AS v ON v.task_id = q.task_id
  AND v.indicator_id = q.indicator_id AND v.org_id = q.org_id
GROUP BY q.plan_id, q.org_id
ORDER BY q.plan_id, q.org_id
