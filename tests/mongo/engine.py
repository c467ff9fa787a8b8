"""MongoDB commands as calls of DocumentDB's SQL functions.

Each client connection has a PostgreSQL connection, which holds its
cursors; each open transaction has another.
"""
import datetime

from bson import Int64, SON

import contract
import explain
import wire
from errors import (CommandError, ContractError, NO_SUCH_TRANSACTION,
                    TRANSIENT, WRITE_CONFLICT, from_packed)
from postgres import Backend
from sessions import no_transaction

OK = SON(ok=1.0)
NAMESPACE_NOT_FOUND = (26, 'NamespaceNotFound')
NOT_IN_TRANSACTION = (263, 'OperationNotSupportedInTransaction')
# What every command may carry and DocumentDB's functions do not take.
ENVELOPE = {'$db', 'lsid', 'txnNumber', 'startTransaction', 'autocommit',
            '$clusterTime', '$readPreference', 'readConcern',
            'writeConcern', 'apiVersion', 'apiStrict',
            'apiDeprecationErrors', 'stmtId', 'stmtIds', 'maxTimeMS',
            'comment'}
TRANSACTIONAL = {'insert', 'update', 'delete', 'findandmodify', 'find',
                 'aggregate', 'distinct', 'getmore', 'killcursors'}
ENDINGS = {'committransaction', 'aborttransaction'}

PAGE = ('SELECT cursorpage::bytea, continuation::bytea, cursorid '
        'FROM documentdb_api.%s_cursor_first_page(%%s, %%s::bytea, 0)')
MORE = ('SELECT cursorpage::bytea, continuation::bytea '
        'FROM documentdb_api.cursor_get_more(%s, %s::bytea, %s::bytea)')
WRITE = ('SELECT p_result::bytea FROM documentdb_api.%s'
         '(%%s, %%s::bytea, %%s::bytea, %%s)')
MODIFY = ('SELECT p_result::bytea '
          'FROM documentdb_api.find_and_modify(%s, %s::bytea, %s)')
EXISTS = ('SELECT 1 FROM documentdb_api_catalog.collections '
          'WHERE database_name = %s AND collection_name = %s')
QUERY = 'SELECT document::bytea FROM documentdb_api.%s_query(%%s, %%s::bytea)'
CREATE = ('SELECT documentdb_api.create_collection_view(%s, %s::bytea)'
          '::bytea')
COLL_MOD = 'SELECT documentdb_api.coll_mod(%s, %s, %s::bytea)::bytea'
CREATE_INDEXES = ('SELECT documentdb_api_internal.'
                  'create_indexes_non_concurrently(%s, %s::bytea, true)'
                  '::bytea')
DROP_INDEXES = ('SELECT documentdb_api_internal.'
                'drop_indexes_non_concurrently(%s, %s::bytea)::bytea')
DROP = 'SELECT documentdb_api.drop_collection(%s, %s)'
DROP_DATABASE = 'SELECT documentdb_api.drop_database(%s)'
LIST_DATABASES = 'SELECT documentdb_api.list_databases(%s::bytea)::bytea'
COLL_STATS = 'SELECT documentdb_api.coll_stats(%s, %s)::bytea'
DB_STATS = 'SELECT documentdb_api.db_stats(%s)::bytea'


class Engine:
    def __init__(self, settings, sessions, number):
        self.settings = settings
        self.sessions = sessions
        self.number = number
        self.backend = Backend(settings.socket)

    def close(self):
        self.backend.close()

    def sql(self, text, *values):
        return self.backend.sql(text, *values)

    def doc(self, text, *values):
        return self.backend.doc(text, *values)

    def exists(self, db, name):
        return self.sql(EXISTS, db, name) is not None

    # -- transactions --------------------------------------------------

    def _finish(self, key, low):
        """commitTransaction and abortTransaction; both may be repeated."""
        txn = self.sessions.find(key)
        with txn.lock:
            if low == 'committransaction' and txn.state == 'committed':
                return OK
            txn.need_open()
            if low == 'aborttransaction':
                txn.abort()
                return OK
            try:
                txn.end('COMMIT', 'committed')
            except CommandError as e:
                raise no_transaction(str(e)) from e
        return OK

    def _within(self, request, key):
        """Run a command in its transaction; an error ends that."""
        if request.low not in TRANSACTIONAL:
            raise CommandError(*NOT_IN_TRANSACTION,
                               '%s in a transaction' % request.name)
        if request.doc.get('startTransaction'):
            txn = self.sessions.begin(key)
        else:
            txn = self.sessions.find(key)
        with txn.lock:
            txn.need_open()
            own, self.backend = self.backend, txn.backend
            try:
                answer = self._dispatch(request, None)
                for error in answer.get('writeErrors', []):
                    txn.abort()
                    if error['code'] == WRITE_CONFLICT:
                        raise CommandError(WRITE_CONFLICT, 'WriteConflict',
                                           error['errmsg'])
                return answer
            except CommandError as e:
                txn.abort()
                if e.code in (WRITE_CONFLICT, NO_SUCH_TRANSACTION):
                    e.doc['errorLabels'] = [TRANSIENT]
                raise
            except EOFError:
                txn.abort()
                raise
            finally:
                self.backend = own

    # -- commands ------------------------------------------------------

    def run(self, request):
        """The answer.  Raises CommandError, or EOFError without engine."""
        doc = request.doc
        key = None
        if 'txnNumber' in doc:
            if not self.settings.replset:
                raise CommandError(
                    20, 'IllegalOperation', 'Transaction numbers are only '
                    'allowed on a replica set member or mongos')
            key = (doc['lsid']['id'].bytes, int(doc['txnNumber']))
        if self.settings.contract:
            contract.check(request)
        if request.low in ENDINGS:
            if key is None:
                raise no_transaction('no transaction number')
            return self._finish(key, request.low)
        if doc.get('autocommit') is False:
            return self._within(request, key)
        retry = '%s:%d' % (key[0].hex(), key[1]) if key else None
        return self._limited(request, retry)

    def _limited(self, request, retry):
        limit = int(request.doc.get('maxTimeMS', 0))
        if limit <= 0 or request.low == 'getmore':
            return self._dispatch(request, retry)
        self.sql('SET statement_timeout = %s', limit)
        try:
            return self._dispatch(request, retry)
        finally:
            self.sql('RESET statement_timeout')

    def _dispatch(self, request, retry):
        command = COMMANDS.get(request.low)
        if command is None:
            raise CommandError(59, 'CommandNotFound',
                               "no such command: '%s'" % request.name)
        spec = wire.encode(SON((k, v) for k, v in request.doc.items()
                               if k not in ENVELOPE))
        return command(self, request, spec, retry)

    def _need_collection(self, request):
        """Collections come from migrate, never from a write."""
        name = request.doc[request.name]
        if self.settings.contract and not self.exists(request.db, name):
            raise ContractError('%s into %s.%s, which nobody created' %
                                (request.name, request.db, name))

    def hello(self, _request, _spec, _retry):
        self.backend.need_engine()
        me = '127.0.0.1:%d' % self.settings.port
        answer = SON([('ismaster', True), ('isWritablePrimary', True),
                      ('helloOk', True)])
        if self.settings.replset:
            answer.update([
                ('setName', self.settings.replset), ('setVersion', 1),
                ('secondary', False), ('hosts', [me]), ('primary', me),
                ('me', me)])
        answer.update([
            ('maxBsonObjectSize', 16777216),
            ('maxMessageSizeBytes', wire.MAX_MESSAGE),
            ('maxWriteBatchSize', 100000),
            ('localTime', datetime.datetime.utcnow()),
            ('logicalSessionTimeoutMinutes', 30),
            ('connectionId', self.number), ('minWireVersion', 0),
            ('maxWireVersion', self.settings.wire), ('readOnly', False),
            ('ok', 1.0)])
        return answer

    def build_info(self, _request, _spec, _retry):
        return SON([('version', '4.4.0'), ('versionArray', [4, 4, 0, 0]),
                    ('maxBsonObjectSize', 16777216), ('ok', 1.0)])

    def nothing(self, _request, _spec, _retry):
        return OK

    def write(self, request, spec, retry):
        self._need_collection(request)
        statements = request.sections.get(contract.WRITES[request.low])
        answer = self.doc(WRITE % request.low, request.db, spec,
                          statements, retry)
        for error in answer.get('writeErrors', []):
            told = from_packed(error['code'], error['errmsg'])
            error['code'] = told.code
            error['errmsg'] = str(told)
        answer.setdefault('n', 0)
        return answer

    def find_and_modify(self, request, spec, retry):
        self._need_collection(request)
        return self.doc(MODIFY, request.db, spec, retry)

    def page(self, request, spec, _retry):
        function = PAGES[request.low]
        page, rest, cursor = self.sql(PAGE % function, request.db, spec)
        if rest is not None:
            self.backend.cursors[cursor] = bytes(rest)
        return self._cursor_page(page)

    def get_more(self, request, spec, _retry):
        cursor = request.doc['getMore']
        if cursor not in self.backend.cursors:
            raise CommandError(43, 'CursorNotFound',
                               'cursor id %d not found' % cursor)
        page, rest = self.sql(MORE, request.db, spec,
                              self.backend.cursors[cursor])
        if rest is None:
            del self.backend.cursors[cursor]
        else:
            self.backend.cursors[cursor] = bytes(rest)
        return self._cursor_page(page)

    @staticmethod
    def _cursor_page(raw):
        answer = wire.decode(raw)
        answer['cursor']['id'] = Int64(answer['cursor']['id'])
        return answer

    def kill_cursors(self, request, _spec, _retry):
        cursors = request.doc['cursors']
        for cursor in cursors:
            self.backend.cursors.pop(cursor, None)
        return SON([('cursorsKilled', cursors), ('cursorsNotFound', []),
                    ('cursorsAlive', []), ('cursorsUnknown', []),
                    ('ok', 1.0)])

    def query(self, request, spec, _retry):
        return self.doc(QUERY % request.low, request.db, spec)

    def create(self, request, spec, _retry):
        name = request.doc[request.name]
        if self.exists(request.db, name):
            raise CommandError(48, 'NamespaceExists',
                               'Collection %s.%s already exists' %
                               (request.db, name))
        return self.doc(CREATE, request.db, spec)

    def coll_mod(self, request, spec, _retry):
        return self.doc(COLL_MOD, request.db, request.doc[request.name],
                        spec)

    def create_indexes(self, request, spec, _retry):
        self._need_collection(request)
        answer = self.doc(CREATE_INDEXES, request.db, spec)
        answer = answer.get('raw', {}).get('defaultShard', answer)
        if not answer.get('ok'):
            raise from_packed(answer.get('code', 0),
                              answer.get('errmsg', 'createIndexes failed'))
        return answer

    def drop_indexes(self, request, spec, _retry):
        return self.doc(DROP_INDEXES, request.db, spec)

    def drop(self, request, _spec, _retry):
        name = request.doc[request.name]
        if not self.sql(DROP, request.db, name)[0]:
            raise CommandError(*NAMESPACE_NOT_FOUND, 'ns not found')
        return SON([('ns', '%s.%s' % (request.db, name)), ('ok', 1.0)])

    def drop_database(self, request, _spec, _retry):
        self.sql(DROP_DATABASE, request.db)
        return SON([('dropped', request.db), ('ok', 1.0)])

    def list_databases(self, _request, spec, _retry):
        return self.doc(LIST_DATABASES, spec)

    def coll_stats(self, request, _spec, _retry):
        return self.doc(COLL_STATS, request.db, request.doc[request.name])

    def db_stats(self, request, _spec, _retry):
        return self.doc(DB_STATS, request.db)

    def explain(self, request, _spec, _retry):
        return explain.run(self, request)


PAGES = {'find': 'find', 'aggregate': 'aggregate',
         'listcollections': 'list_collections',
         'listindexes': 'list_indexes'}
COMMANDS = {
    'hello': Engine.hello,
    'ismaster': Engine.hello,
    'buildinfo': Engine.build_info,
    'ping': Engine.nothing,
    'endsessions': Engine.nothing,
    'refreshsessions': Engine.nothing,
    'killsessions': Engine.nothing,
    'insert': Engine.write,
    'update': Engine.write,
    'delete': Engine.write,
    'findandmodify': Engine.find_and_modify,
    'find': Engine.page,
    'aggregate': Engine.page,
    'listcollections': Engine.page,
    'listindexes': Engine.page,
    'getmore': Engine.get_more,
    'killcursors': Engine.kill_cursors,
    'count': Engine.query,
    'distinct': Engine.query,
    'create': Engine.create,
    'collmod': Engine.coll_mod,
    'createindexes': Engine.create_indexes,
    'dropindexes': Engine.drop_indexes,
    'drop': Engine.drop,
    'dropdatabase': Engine.drop_database,
    'listdatabases': Engine.list_databases,
    'collstats': Engine.coll_stats,
    'dbstats': Engine.db_stats,
    'explain': Engine.explain,
}
