-- Every obliged unit of every milestone: part DUTY.
WITH
duty AS (
  SELECT plan_id, doc_id AS task_id, pos, org_id, milestone_id, due, rule,
    indicator_id, percent
  FROM fact_milestone
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
)
SELECT task_id, pos, org_id, milestone_id, due, rule, indicator_id, percent,
  CASE WHEN rule = 'event' THEN (
    SELECT MIN(m.met_on) FROM fact_met AS m
    WHERE m.plan_id = d.plan_id AND m.task_id = d.task_id
      AND m.milestone_id = d.milestone_id AND m.org_id = d.org_id
      AND m.met_on <= :asOf AND m.verified_at <= :knownAt
  ) END AS met_on
FROM duty AS d
ORDER BY task_id, pos, org_id
