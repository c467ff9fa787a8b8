"""What the product never sends: see the portability contract's list.

check() raises ContractError, so that a test catches the violation here
instead of a customer on another server.
"""
import wire
from errors import ContractError

MAX_BATCH = 1000
MAX_VALIDATOR = 10240
WRITES = {'insert': 'documents', 'update': 'updates', 'delete': 'deletes'}

LATER = 'needs MongoDB 5.0 or later'
SCRIPT = 'no server-side scripts'
# Operator (as a key of a filter, an update or a pipeline): reason.
OPERATORS = {
    '$dateTrunc': 'wrong on DocumentDB; use $dateToString or $substr',
    '$where': SCRIPT,
    '$function': SCRIPT,
    '$accumulator': SCRIPT,
    '$text': 'cannot search Chinese',
    '$changeStream': 'not everywhere; poll the outbox',
}
OPERATORS.update(dict.fromkeys('''
    $setWindowFields $densify $fill $documents $top $topN $bottom $bottomN
    $firstN $lastN $minN $maxN $sortArray $getField $setField $unsetField
    $dateAdd $dateSubtract $dateDiff $rand $sampleRate $median $percentile
    $linearFill $locf $rank $denseRank $documentNumber $shift $derivative
    $integral $expMovingAvg $covariancePop $covarianceSamp $tsSecond
    $tsIncrement $bitAnd $bitOr $bitXor $bitNot $toUUID $vectorSearch
    $search $searchMeta $queryStats $shardedDataDistribution
    '''.split(), LATER))
COMMANDS = {
    'bulkwrite': 'not before MongoDB 8.0',
    'mapreduce': SCRIPT,
}
# Command (or '*'): its options that are never used.
OPTIONS = {
    '*': ('collation', 'let'),
    'find': ('tailable', 'awaitData', 'min', 'max'),
    'create': ('capped', 'size', 'max', 'timeseries', 'clusteredIndex',
               'expireAfterSeconds', 'encryptedFields',
               'changeStreamPreAndPostImages', 'indexOptionDefaults'),
}
STATEMENT_OPTIONS = ('collation', 'c')
INDEX_OPTIONS = ('hidden', 'collation', 'clustered', 'prepareUnique')
SCHEMA_KEYWORDS = ('title', 'additionalProperties', 'patternProperties',
                   'dependencies', 'minProperties', 'maxProperties',
                   'allOf', 'anyOf', 'not')


def _refuse_if(condition, text):
    if condition:
        raise ContractError(text)


def _round(value):
    _refuse_if(isinstance(value, list) and len(value) > 1,
               '$round with places: divide and round in C')


def _if_null(value):
    _refuse_if(isinstance(value, list) and len(value) != 2,
               '$ifNull with other than 2 arguments ' + LATER)


def _merge(value):
    _refuse_if(isinstance(value, dict) and
               isinstance(value.get('whenMatched'), list),
               '$merge with a whenMatched pipeline')


def _lookup(value):
    _refuse_if(isinstance(value, dict) and
               'localField' in value and 'pipeline' in value,
               '$lookup with localField and pipeline ' + LATER)


def _count(value):
    _refuse_if(isinstance(value, dict),
               '$count as an accumulator %s; use $sum: 1' % LATER)


ARGUMENTS = {'$round': _round, '$ifNull': _if_null, '$merge': _merge,
             '$lookup': _lookup, '$count': _count}


def check_operators(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == '$literal':
                continue
            _refuse_if(key in OPERATORS,
                       '%s: %s' % (key, OPERATORS.get(key)))
            if key in ARGUMENTS:
                ARGUMENTS[key](inner)
            check_operators(inner)
    elif isinstance(value, list):
        for inner in value:
            check_operators(inner)


def _check_schema(schema):
    if isinstance(schema, list):
        for inner in schema:
            _check_schema(inner)
    if not isinstance(schema, dict):
        return
    for keyword in SCHEMA_KEYWORDS:
        _refuse_if(keyword in schema, '$jsonSchema keyword ' + keyword)
    types = schema.get('bsonType', [])
    _refuse_if('number' in (types if isinstance(types, list) else [types]),
               '$jsonSchema bsonType "number"')
    for keyword in ('required', 'enum'):
        _refuse_if(schema.get(keyword) == [],
                   '$jsonSchema %s: [], which MongoDB refuses' % keyword)
    for inner in schema.get('properties', {}).values():
        _check_schema(inner)
    for keyword in ('items', 'additionalItems', 'oneOf'):
        _check_schema(schema.get(keyword))


def _check_validator(validator):
    _refuse_if(len(wire.encode(validator)) > MAX_VALIDATOR,
               'validator over %d bytes' % MAX_VALIDATOR)
    _check_schema(validator.get('$jsonSchema'))


def _check_indexes(indexes):
    for index in indexes:
        for option in INDEX_OPTIONS:
            _refuse_if(option in index, 'index option ' + option)
        _refuse_if('text' in index.get('key', {}).values(),
                   'text index: ' + OPERATORS['$text'])


def _check_write(request):
    field = WRITES[request.low]
    raw = request.sections.get(field)
    if raw is None:
        statements = request.doc.get(field, [])
    else:
        statements = list(wire.documents(raw))
    _refuse_if(len(statements) > MAX_BATCH,
               'a batch of %d, over %d' % (len(statements), MAX_BATCH))
    _refuse_if(not request.wants_reply, 'unacknowledged write')
    if request.low == 'insert':
        return
    for item in statements:
        statement = wire.decode(item) if raw is not None else item
        for option in STATEMENT_OPTIONS:
            _refuse_if(option in statement, 'statement option ' + option)
        check_operators(statement)


def check(request):
    low, doc = request.low, request.doc
    _refuse_if(low in COMMANDS, '%s: %s' % (request.name,
                                            COMMANDS.get(low)))
    for option in OPTIONS['*'] + OPTIONS.get(low, ()):
        _refuse_if(option in doc, '%s with %s' % (request.name, option))
    if low in WRITES:
        _check_write(request)
    elif low in ('find', 'aggregate', 'findandmodify', 'count', 'distinct',
                 'explain'):
        check_operators(doc)
    elif low == 'create':
        _refuse_if('viewOn' in doc and 'validator' in doc,
                   'view with a validator')
        check_operators(doc.get('pipeline'))
    elif low == 'createindexes':
        _check_indexes(doc.get('indexes', []))
    if low in ('create', 'collmod') and doc.get('validator'):
        check_operators(doc['validator'])
        _check_validator(doc['validator'])
