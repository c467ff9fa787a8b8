-- Every report that was submitted, as it stood: part SUBMISSION.
SELECT task_id, indicator_id, org_id, as_of, revision, doc_id, first_at, state,
  kind, flagged
FROM fact_submission
WHERE plan_id IN (SELECT value FROM json_each(:plans))
  AND as_of <= :asOf AND since <= :knownAt AND :knownAt < until
ORDER BY task_id, indicator_id, org_id, as_of, revision, doc_id
