"""explain: PostgreSQL's plan in MongoDB's words.

Enough to assert on: stage IXSCAN or COLLSCAN, and indexName.  Tables of
a few pages are explained as if they were large: MongoDB uses an index
wherever it can, and a test should not need thousands of documents.
Cursors never run in parallel, so plans of parallel workers are left out.
"""
from bson import SON

import wire
from errors import CommandError

EXPLAIN = ('EXPLAIN (FORMAT JSON%s) SELECT document FROM '
           'documentdb_api_catalog.bson_aggregation_%s(%%s, %%s::bytea)')
# Command: the function that plans it.
READS = {'find': 'find', 'aggregate': 'pipeline', 'count': 'count',
         'distinct': 'distinct'}
STAGES = {'Seq Scan': 'COLLSCAN', 'Index Scan': 'IXSCAN',
          'Index Only Scan': 'IXSCAN', 'Bitmap Index Scan': 'IXSCAN',
          'Bitmap Heap Scan': 'FETCH', 'Sort': 'SORT',
          'Incremental Sort': 'SORT', 'Aggregate': 'GROUP',
          'Limit': 'LIMIT', 'Function Scan': 'EOF'}


def _stage(plan):
    stage = SON(stage=STAGES.get(plan['Node Type'], plan['Node Type']))
    if 'Index Name' in plan:
        stage['indexName'] = plan['Index Name']
    if 'Actual Rows' in plan:
        stage['nReturned'] = plan['Actual Rows']
    inner = [_stage(p) for p in plan.get('Plans', [])]
    if plan['Node Type'] == 'Custom Scan' and len(inner) == 1:
        return inner[0]
    if len(inner) == 1:
        stage['inputStage'] = inner[0]
    elif inner:
        stage['inputStages'] = inner
    return stage


def _as_read(target):
    """An update, delete or findAndModify is explained by its query."""
    name = next(iter(target))
    low = name.lower()
    if low in READS:
        return low, target
    if low == 'findandmodify':
        query = target.get('query', {})
    elif low in ('update', 'delete'):
        query = target[low + 's'][0]['q']
    else:
        raise CommandError(59, 'CommandNotFound', 'explain ' + name)
    return 'find', SON([('find', target[name]), ('filter', query)])


def run(engine, request):
    low, target = _as_read(request.doc[request.name])
    if low == 'aggregate':
        target.setdefault('cursor', {})
    analyze = request.doc.get('verbosity') not in (None, 'queryPlanner')
    engine.sql('SET enable_seqscan = off')
    engine.sql('SET max_parallel_workers_per_gather = 0')
    try:
        rows = engine.sql(EXPLAIN % (', ANALYZE' if analyze else '',
                                     READS[low]),
                          request.db, wire.encode(target))
    finally:
        engine.sql('RESET max_parallel_workers_per_gather')
        engine.sql('RESET enable_seqscan')
    plan = rows[0][0]['Plan']
    return SON([
        ('queryPlanner', SON([
            ('namespace', '%s.%s' % (request.db, target[low])),
            ('winningPlan', _stage(plan))])),
        ('ok', 1.0)])
