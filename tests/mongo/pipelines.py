#!/usr/bin/python3
"""The pipelines of fcgi/stats against their SQL twins: see `pipelines`.

The same documents go into a MongoDB and, through the program's own facts,
into SQLite; the same questions must have the same rows: order, names, types.
"""
import argparse
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time

import pymongo
from bson import Int64

from pipelines_world import World, turning_points

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, '..', '..', 'fcgi')
STATS = os.path.join(SOURCE, 'stats')
SAMPLES = os.path.join(HERE, '..', '..', 'scripts', 'sample')
INDEXES = {'tasks': ['planId'], 'reports': ['planId', 'taskId'],
           'milestoneStates': ['planId', 'taskId'],
           'checks': ['planId', 'taskId'],
           'fundFlows': ['planId', 'taskId']}
QUESTIONS = 4
PLACEHOLDERS = {'plans', 'asOf', 'knownAt'}


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as f:
        return f.read()


def read_table(path, head, column):
    """{name: (text, [(column, type), ...])} of a .def file."""
    text = re.sub(r'/\*.*?\*/', '', read(SOURCE, path), flags=re.S)
    out = {}
    for name, value in re.findall(head + r'\((\w+), "(\w+)"\)', text):
        columns = re.findall(column + r'\(%s,\s*"?(\w+)"?,\s*["\'](.+?)["\']'
                             % name, text)
        out[name] = (value, columns)
    return dict(out.values())


def walk(tree):
    yield tree
    inner = tree.values() if isinstance(tree, dict) else \
        tree if isinstance(tree, list) else ()
    for x in inner:
        yield from walk(x)


def bind(tree, args):
    """What the engine does: trees for placeholders, never text; int64."""
    if isinstance(tree, list):
        return [bind(x, args) for x in tree]
    if isinstance(tree, int) and not isinstance(tree, bool):
        return Int64(tree)
    if not isinstance(tree, dict):
        return tree
    if list(tree) == ['?']:
        return args[tree['?']]
    return {k: bind(v, args) for k, v in tree.items()}


class Part:
    def __init__(self, name, columns):
        self.name = name
        self.columns = columns
        self.sql = read(STATS, name + '.sql')
        self.template = json.loads(read(STATS, name + '.json'))
        self.rows = 0
        self.seen = set()       # integer columns that were not always 0
        self.wrong = []

    def shape(self):
        """What is wrong with the file itself."""
        if set(self.template) != {'comment', 'collection', 'pipeline'}:
            yield 'members %s' % sorted(self.template)
        for node in walk(self.template['pipeline']):
            if isinstance(node, float):
                yield 'the floating-point number %r' % node
            if isinstance(node, dict) and '$divide' in node:
                yield '$divide makes a floating-point number'
            if isinstance(node, dict) and '?' in node and \
                    (len(node) > 1 or node['?'] not in PLACEHOLDERS):
                yield 'the placeholder %r' % node
        n = len(self.sql.split('ORDER BY')[-1].split(','))
        keys = {c: 1 for c, _ in self.columns[:n]}
        last = self.template['pipeline'][-1]
        if list(last.get('$sort', {}).items()) != list(keys.items()):
            yield 'the end is not {"$sort": %s}' % json.dumps(keys)

    def from_mongo(self, db, args):
        names = [c for c, _ in self.columns]
        rows = []
        pipeline = bind(self.template['pipeline'], args)
        for doc in db[self.template['collection']].aggregate(pipeline):
            if set(doc) != set(names):
                raise ValueError('members %s' % sorted(doc))
            rows.append(tuple(self.value(doc, c, t)
                              for c, t in self.columns))
        return rows

    def value(self, doc, column, kind):
        v = doc[column]
        allowed = int if kind == 'i' else str
        if v is not None and (not isinstance(v, allowed) or
                              isinstance(v, bool)):
            raise ValueError('%s is %r, a %s' % (column, v,
                                                 type(v).__name__))
        if kind == 'i' and v:
            self.seen.add(column)
        return v

    def from_sqlite(self, sql, args):
        rows = sql.execute(self.sql, dict(
            args, plans=json.dumps(args['plans']))).fetchall()
        return [tuple(r) for r in rows]

    def compare(self, db, sql, args, where):
        want = self.from_sqlite(sql, args)
        try:
            got = self.from_mongo(db, args)
        except (ValueError, pymongo.errors.PyMongoError) as e:
            got = [str(e)]
        self.rows += len(want)
        if got != want:
            self.wrong.append('%s %s\n# want %s\n# got  %s' % (
                where, args, [r for r in want if r not in got] or want,
                [r for r in got if r not in want] or got))


class Facts:
    """SQLite's side tables, filled by the program's own walk."""

    def __init__(self, program):
        self.program = program
        self.tables = read_table('plan/facts.def', 'FACT', 'FACT_COLUMN')

    def database(self, docs):
        sql = sqlite3.connect(':memory:')
        for table, columns in self.tables.items():
            sql.execute('CREATE TABLE %s (%s) STRICT' % (
                table, ', '.join('%s %s' % c for c in columns)))
        lines = ''.join(json.dumps([c, d]) + '\n'
                        for c, some in docs.items() for d in some)
        out = subprocess.run([self.program], input=lines, check=True,
                             stdout=subprocess.PIPE, encoding='utf-8')
        for line in out.stdout.splitlines():
            table, *cells = json.loads(line)
            sql.execute('INSERT INTO %s VALUES (%s)' % (
                table, ', '.join('?' * len(cells))), cells)
        return sql


class Test:
    def __init__(self, options):
        self.facts = Facts(options.facts)
        self.parts = [Part(*p) for p in read_table(
            'stats/parts.def', 'PART', 'PART_COLUMN').items()]
        self.client = pymongo.MongoClient(options.uri)
        self.name = 'minsheng_pipelines_%d' % os.getpid()
        self.db = self.client[self.name]
        self.failures = self.n = 0

    def check(self, good, what, *why):
        self.n += 1
        self.failures += not good
        print('%s - %s' % ('ok' if good else 'not ok', what))
        if not good:
            for line in why:
                print('# ' + line)

    def create(self):
        for coll, fields in INDEXES.items():
            self.db.create_collection(coll)
            for field in fields:
                self.db[coll].create_index([(field, 1)])

    def insert(self, docs):
        for coll, some in docs.items():
            for i in range(0, len(some), 1000):
                self.db[coll].insert_many(some[i:i + 1000])

    def ask(self, sql, args, where):
        for part in self.parts:
            part.compare(self.db, sql, args, where)

    def told(self, what, empty=()):
        for part in self.parts:
            some = part.rows > 0 or part.name in empty
            self.check(not part.wrong and some,
                       '%s: %s, %d rows' % (part.name, what, part.rows),
                       '%d differences' % len(part.wrong), *part.wrong[:1])
            part.rows, part.wrong = 0, []

    def files(self):
        for part in self.parts:
            wrong = list(part.shape())
            self.check(not wrong, part.name + ': the file', *wrong)

    def random_worlds(self, seed, worlds):
        for n in range(worlds):
            rnd = random.Random('%d/%d' % (seed, n))
            world = World(rnd, n)
            self.insert(world.docs)
            sql = self.facts.database(world.docs)
            for _ in range(QUESTIONS):
                self.ask(sql, world.question(), 'world %d' % n)
            sql.close()
        self.told('%d random worlds, %d questions each' % (
            worlds, QUESTIONS))
        for part in self.parts:
            idle = {c for c, t in part.columns if t == 'i'} - part.seen
            self.check(not idle or worlds < 50,
                       part.name + ': every number was other than 0 once',
                       ', '.join(sorted(idle)))

    def samples(self):
        for folder in sorted(os.listdir(SAMPLES)):
            path = os.path.join(SAMPLES, folder)
            if not os.path.exists(os.path.join(path, 'tasks.json')):
                continue
            docs = {c: json.loads(read(path, c + '.json'))
                    for c in INDEXES
                    if os.path.exists(os.path.join(path, c + '.json'))}
            for task in docs['tasks']:
                task['status'] = 'draft'
            plan = json.loads(read(path, 'plan.json'))
            self.sample(folder, plan['_id'], plan['year'], docs)

    def sample(self, folder, plan, year, docs):
        self.insert(docs)
        sql = self.facts.database(docs)
        for month in range(2, 13, 2):
            day = '%d-%02d-28' % (year, month)
            for known in (day + 'T16:00:00.000Z', '2030-01-01T00:00:00.000Z'):
                self.ask(sql, {'plans': [plan], 'asOf': day,
                               'knownAt': known}, folder)
        sql.close()
        self.told('sample %s at six days, known then and later' % folder,
                  ['submission', 'series', 'check', 'flow'])

    def turning(self):
        """Beside the twin, arithmetic without limits is asked."""
        docs, met = turning_points()
        args = {'plans': ['turn'], 'asOf': '2019-12-31',
                'knownAt': '2030-01-01T00:00:00.000Z'}
        self.insert(docs)
        sql = self.facts.database(docs)
        self.ask(sql, args, 'turning points')
        sql.close()
        part, = (p for p in self.parts if p.name == 'milestone')
        at = [c for c, _ in part.columns].index('own_met')
        got = [(r[0], r[at]) for r in part.from_mongo(self.db, args)]
        self.check(got == sorted(met), 'percentages turn where they must',
                   'want %s' % sorted(met), 'got  %s' % got)
        self.told('figures at and one below a percentage',
                  ['funding', 'check', 'flow'])

    def explain(self):
        args = {'plans': ['w1.0'], 'asOf': '2019-06-30',
                'knownAt': '2030-01-01T00:00:00.000Z'}
        for part in self.parts:
            coll = part.template['collection']
            plan = self.db.command(
                'explain', {'aggregate': coll, 'cursor': {}, 'pipeline':
                            bind(part.template['pipeline'], args)},
                verbosity='queryPlanner')
            reads = [(d['stage'], d.get('indexName')) for d in walk(plan)
                     if d.__class__ is not list and isinstance(d, dict) and
                     d.get('stage') in ('IXSCAN', 'COLLSCAN')]
            good = reads and all(s == 'IXSCAN' and 'planId' in i
                                 for s, i in reads)
            self.check(good, '%s: explain %s' % (part.name, ', '.join(
                '%s(%s)' % r for r in reads)), json.dumps(plan, default=str))

    def run(self, options):
        self.client.drop_database(self.name)
        try:
            self.create()
            self.files()
            self.random_worlds(options.seed, options.worlds)
            self.turning()
            self.samples()
            self.explain()
        finally:
            self.client.drop_database(self.name)
        print('# %d checks, %d failed' % (self.n, self.failures))
        return 1 if self.failures else 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--uri', required=True)
    p.add_argument('--facts', required=True, help='the program of facts')
    p.add_argument('--seed', type=int, default=int(
        os.environ.get('MINSHENG_TEST_SEED', time.time())))
    p.add_argument('--worlds', type=int, default=200)
    options = p.parse_args()
    print('# MINSHENG_TEST_SEED=%d' % options.seed)
    return Test(options).run(options)


if __name__ == '__main__':
    sys.exit(main())
