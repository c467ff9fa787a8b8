-- Every milestone over its obliged units: part MILESTONE.
WITH
duty AS (
  SELECT plan_id, doc_id AS task_id, pos, milestone_id, org_id, starts, due,
    rule, indicator_id, percent, text
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
    CASE WHEN d.rule = 'event' THEN (
      SELECT MIN(m.met_on) FROM fact_met AS m
      WHERE m.plan_id = d.plan_id AND m.task_id = d.task_id
        AND m.milestone_id = d.milestone_id AND m.org_id = d.org_id
        AND m.met_on <= :asOf AND m.verified_at <= :knownAt
    ) END AS met_on,
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
),
-- What is not grouped by is the same in all rows of a milestone.
milestone AS (
  SELECT task_id, pos, milestone_id, text, starts, due, rule, indicator_id,
    percent, COUNT(*) AS obliged, SUM(verified) AS verified,
    SUM(CASE WHEN met_on > due THEN 1 ELSE 0 END) AS late,
    COUNT(qty) AS own,
    SUM(CASE WHEN n >= goal THEN 1 ELSE 0 END) AS own_met
  FROM unit
  GROUP BY plan_id, task_id, pos
)
SELECT task_id, pos, milestone_id, text, starts, due, rule, indicator_id,
  percent, obliged, verified, late, own, own_met
FROM milestone
ORDER BY task_id, pos
