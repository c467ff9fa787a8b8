-- Every milestone over its obliged units: part MILESTONE.
WITH
duty AS (
  SELECT doc_id AS task_id, pos, milestone_id, org_id, starts, due, rule,
    indicator_id, percent, text
  FROM fact_milestone
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
),
met AS (
  SELECT task_id, milestone_id, org_id, MIN(met_on) AS met_on
  FROM fact_met
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND met_on <= :asOf AND verified_at <= :knownAt
  GROUP BY task_id, milestone_id, org_id
),
quota AS (
  SELECT doc_id AS task_id, indicator_id, org_id, SUM(qty) AS qty
  FROM fact_quota
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND since <= :knownAt AND :knownAt < until
  GROUP BY doc_id, indicator_id, org_id
),
ranked AS (
  SELECT task_id, indicator_id, org_id, n,
    ROW_NUMBER() OVER (
      PARTITION BY task_id, indicator_id, org_id
      ORDER BY as_of DESC, accepted_at DESC, revision DESC, doc_id DESC
    ) AS place
  FROM fact_value
  WHERE plan_id IN (SELECT value FROM json_each(:plans))
    AND as_of <= :asOf AND accepted_at <= :knownAt AND n IS NOT NULL
),
-- own_met: n * 100 >= percent * qty, without leaving 64 bits.
unit AS (
  SELECT d.*,
    CASE WHEN d.rule = 'event' AND m.met_on IS NOT NULL THEN 1 ELSE 0 END
      AS verified,
    CASE WHEN d.rule = 'event' AND m.met_on > d.due THEN 1 ELSE 0 END
      AS late,
    CASE WHEN d.rule = 'percent' AND q.qty IS NOT NULL THEN 1 ELSE 0 END
      AS own,
    CASE WHEN d.rule = 'percent' AND COALESCE(v.n, 0) >= d.percent
        * (q.qty / 100) + (d.percent * (q.qty % 100) + 99) / 100
      THEN 1 ELSE 0 END AS own_met
  FROM duty AS d
  LEFT JOIN met AS m ON m.task_id = d.task_id
    AND m.milestone_id = d.milestone_id AND m.org_id = d.org_id
  LEFT JOIN quota AS q ON q.task_id = d.task_id
    AND q.indicator_id = d.indicator_id AND q.org_id = d.org_id
  LEFT JOIN ranked AS v ON v.place = 1 AND v.task_id = d.task_id
    AND v.indicator_id = d.indicator_id AND v.org_id = d.org_id
)
SELECT task_id, pos, milestone_id, text, starts, due, rule, indicator_id,
  percent, COUNT(*) AS obliged, SUM(verified) AS verified, SUM(late) AS late,
  SUM(own) AS own, SUM(own_met) AS own_met
FROM unit
GROUP BY task_id, pos, milestone_id, text, starts, due, rule, indicator_id,
  percent
ORDER BY task_id, pos
