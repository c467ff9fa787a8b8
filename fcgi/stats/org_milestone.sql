-- Every unit's part in every milestone: part ORG_MILESTONE.
WITH
duty AS (
  SELECT plan_id, doc_id AS task_id, milestone_id, org_id, rule, indicator_id,
    percent
  FROM fact_milestone
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
),
-- Each unit's part.  Every lookup is used once below, because SQLite copies it
-- to where it is used.  goal: what n must reach for n * 100 >= percent * qty,
-- without leaving 64 bits.
unit AS (
  SELECT d.*,
    CASE WHEN d.rule = 'event' THEN EXISTS (
      SELECT 1 FROM fact_met AS m
      WHERE m.plan_id = d.plan_id AND m.task_id = d.task_id
        AND m.milestone_id = d.milestone_id AND m.org_id = d.org_id
        AND m.met_on <= :asOf AND m.verified_at <= :knownAt
    ) ELSE 0 END AS verified,
    CASE WHEN d.rule = 'percent' THEN (
      SELECT SUM(q.qty) FROM fact_quota AS q
      WHERE q.plan_id = d.plan_id AND q.doc_id = d.task_id
        AND q.indicator_id = d.indicator_id AND q.org_id = d.org_id
        AND q.since <= :knownAt AND :knownAt < q.until
    ) END AS qty,
    CASE WHEN d.rule = 'percent' THEN (
      SELECT d.percent * (SUM(q.qty) / 100)
        + (d.percent * (SUM(q.qty) % 100) + 99) / 100
      FROM fact_quota AS q
      WHERE q.plan_id = d.plan_id AND q.doc_id = d.task_id
        AND q.indicator_id = d.indicator_id AND q.org_id = d.org_id
        AND q.since <= :knownAt AND :knownAt < q.until
    ) END AS goal,
    CASE WHEN d.rule = 'percent' THEN COALESCE((
      SELECT v.n FROM fact_value AS v
      WHERE v.plan_id = d.plan_id AND v.task_id = d.task_id
        AND v.indicator_id = d.indicator_id AND v.org_id = d.org_id
        AND v.as_of <= :asOf AND v.accepted_at <= :knownAt
        AND v.n IS NOT NULL
      ORDER BY v.as_of DESC, v.accepted_at DESC, v.revision DESC, v.doc_id DESC
      LIMIT 1
    ), 0) END AS n
  FROM duty AS d
)
SELECT task_id, milestone_id, org_id, SUM(verified) AS verified,
  COUNT(qty) AS own, SUM(CASE WHEN n >= goal THEN 1 ELSE 0 END) AS own_met
FROM unit
GROUP BY task_id, milestone_id, org_id
ORDER BY task_id, milestone_id, org_id
