-- Every funding item's money by who pays it: part FUNDING.
SELECT doc_id AS task_id, pos, org_id, item_id, level, src_text,
  SUM(stated) AS stated, SUM(low) AS low, SUM(high) AS high,
  SUM(unknown) AS unknown
FROM fact_funding
WHERE plan_id IN (SELECT value FROM json_each(:plans))
  AND since <= :knownAt AND :knownAt < until
GROUP BY doc_id, pos, org_id, item_id, level, src_text
ORDER BY doc_id, pos, org_id
