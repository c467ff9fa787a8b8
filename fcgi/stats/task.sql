-- Every task of the plans as it was known: part TASK.
SELECT doc_id AS task_id, plan_id, no, title, kind, status, lead_id
FROM fact_task
WHERE plan_id IN (SELECT value FROM json_each(:plans))
  AND since <= :knownAt AND :knownAt < until
ORDER BY doc_id
