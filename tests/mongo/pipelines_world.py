"""Random documents for tests/mongo/pipelines: few days, few units, few
instants, so that they meet; everything that a reading could stumble over.
"""
from bson import Int64

UNITS = 6
PLACES = ('central', 'province', 'city', 'county', 'self')
CERTAIN = ('given', 'given', 'ambiguous', 'holder_unknown', 'unknown')
STATES = ('verified', 'verified', 'verified', 'claimed', 'returned')
# A large quantity, its half, and the neighbours of that: where percentages
# turn.  The second is beyond the schema's limit and close to int64's.
LARGE = 9 * 10 ** 12
BEYOND = (1 << 58) // 200 * 200


def day(rnd):
    return '2019-%02d-%02d' % (rnd.randint(3, 10), rnd.choice((1, 15)))


def instant(rnd):
    return '2019-%02d-%02dT0%d:00:00.000Z' % (
        rnd.randint(3, 10), rnd.choice((1, 20)), rnd.randint(0, 1))


class World:
    """Some plans' documents by collection; n makes their ids unique."""

    def __init__(self, rnd, n):
        self.rnd, self.n = rnd, n
        # A driver that is not ours may store small numbers as int32.
        self.int = Int64 if rnd.random() < 0.5 else int
        self.docs = {'tasks': [], 'reports': [], 'milestoneStates': [],
                     'checks': [], 'fundFlows': []}
        self.plans = ['w%d.%d' % (n, i) for i in range(rnd.randint(1, 3))]
        for plan in self.plans:
            for no in range(rnd.randint(0, 4)):
                self.task(plan, no + 1)

    def chance(self, percent):
        return self.rnd.random() * 100 < percent

    def unit(self):
        return 'u%d' % self.rnd.randrange(UNITS)

    def some_units(self):
        percent = self.rnd.choice((0, 40, 80, 100))
        return ['u%d' % i for i in range(UNITS) if self.chance(percent)]

    def quantity(self):
        large = (LARGE, BEYOND)[self.n % 2]
        near = (large, large // 2, large // 2 - 1, large // 2 + 1)
        kind = self.rnd.randrange(10)
        if kind < 3:
            return self.int(self.rnd.choice(near))
        return self.int(self.rnd.randrange(5 if kind < 7 else 20000))

    def maybe(self, doc, key, value, percent=85):
        """A member that may be absent."""
        if self.chance(percent):
            doc[key] = value
        return doc

    # -- sections ------------------------------------------------------

    def quotas(self):
        rows = []
        units = self.some_units()
        if units and self.chance(15):
            units.append(units[0])      # named twice
        for unit in units:
            missing = self.chance(12)
            rows.append({'orgId': unit,
                         'qty': None if missing else self.quantity(),
                         'state': 'missing' if missing else 'given'})
        self.rnd.shuffle(rows)
        return rows

    def indicators(self):
        rows = []
        for i in range(self.rnd.randint(0, 3)):
            state = self.rnd.choice(('given', 'derived', 'missing'))
            # Now and then the same id twice.
            rows.append(self.maybe({
                'id': 'i%d' % (1 if self.chance(3) else i + 1),
                'name': '数量%d' % i, 'unit': '个',
                'target': {'qty': self.quantity() if state == 'given'
                           else None, 'state': state}},
                'quotas', self.quotas()))
        return rows

    def funding(self):
        rows = []
        for i in range(self.rnd.randint(0, 4)):
            certainty = self.rnd.choice(CERTAIN)
            amount = self.rnd.randrange(1 << 30)
            if self.chance(5):
                amount = 9 * 10 ** 15
            # The schema wants one exactly without the other; facts do not.
            nothing = (certainty == 'unknown') != self.chance(4)
            rows.append(self.maybe({
                'id': 'f%d' % (i + 1), 'level': self.rnd.choice(PLACES),
                'amountFen': None if nothing else self.int(amount),
                'per': self.rnd.choice(('total', 'each')),
                'certainty': certainty, 'srcText': '资金%d' % i},
                'orgs', self.some_units()))
        return rows

    def milestones(self):
        rows = []
        for i in range(self.rnd.randint(0, 7)):
            rule = {'type': 'event'}
            if self.chance(60):
                rule = {'type': 'percent',
                        'indicator': self.rnd.choice(('i1', 'i1', 'i2')),
                        'percent': self.int(self.rnd.choice(
                            (50, 50, 100, self.rnd.randint(1, 100))))}
            row = {'id': 'm%d' % (1 if self.chance(3) else i + 1),
                   'to': None if self.chance(10) else day(self.rnd),
                   'text': '节点%d' % i, 'rule': rule}
            self.maybe(row, 'from', self.rnd.choice((None, day(self.rnd))))
            rows.append(self.maybe(row, 'orgs', self.some_units()))
        return rows

    def sections(self):
        doc = {'title': '工作任务%d' % self.rnd.randrange(100),
               'kind': self.rnd.choice(('quantity', 'mixed')),
               'lead': {'orgId': self.unit()}}
        for name in ('indicators', 'funding', 'milestones'):
            self.maybe(doc, name, getattr(self, name)(), 93)
        return doc

    def amendments(self):
        at = sorted(instant(self.rnd)
                    for _ in range(self.rnd.choice((0, 0, 1, 2, 3))))
        return [{'n': i + 1, 'at': when, 'before': self.sections()}
                for i, when in enumerate(at)]

    # -- documents -----------------------------------------------------

    def task(self, plan, no):
        doc = {'_id': '%s-%02d' % (plan, no), 'planId': plan,
               'division': '14080%d' % self.rnd.randrange(3),
               'no': self.int(no), 'status': 'issued', **self.sections()}
        self.maybe(doc, 'amendments', self.amendments())
        self.docs['tasks'].append(doc)
        for i in range(self.rnd.randint(0, 24)):
            self.report(doc, i)
        for i in range(self.rnd.randint(0, 12)):
            self.state(doc, i)
        for i in range(self.rnd.randint(0, 5)):
            self.spot_check(doc, i)
        for i in range(self.rnd.randint(0, 12)):
            self.flow(doc, i)

    def report(self, task, i):
        value = {'kind': 'none', 'reason': '尚未启动'}
        if self.chance(80):
            value = {'kind': 'number', 'n': self.quantity()}
        doc = {'_id': '%s.r%d' % (task['_id'], i), 'planId': task['planId'],
               'taskId': task['_id'] + ('x' if self.chance(2) else ''),
               'indicatorId': self.rnd.choice(('i1', 'i1', 'i1', 'i2', 'i9')),
               'orgId': 'u%d' % self.rnd.randrange(2), 'asOf': day(self.rnd),
               'value': value, 'state': 'accepted',
               'revision': self.int(self.rnd.randint(1, 2))}
        if self.chance(88):
            doc['acceptedAt'] = instant(self.rnd)
        else:
            doc['state'] = 'submitted'
        self.maybe(doc, 'problems', self.rnd.choice(('', '缺资金')), 40)
        if self.chance(50):
            self.life(doc)
        self.docs['reports'].append(doc)
        # A correction: the same day, later, or of the same instant.
        if self.chance(50) and 'acceptedAt' in doc:
            again = dict(doc, _id=doc['_id'] + 'b',
                         revision=self.int(self.rnd.randint(1, 3)),
                         value={'kind': 'number', 'n': self.quantity()})
            if self.chance(50):
                again['acceptedAt'] = instant(self.rnd)
            self.docs['reports'].append(again)

    def life(self, doc):
        """A history, which ends in any state; some said what they sent."""
        steps = ('draft', 'submitted', 'returned', 'submitted',
                 'unit_confirmed', 'lead_confirmed', 'accepted', 'superseded')
        steps = steps[:self.rnd.randint(0, len(steps))]
        doc['history'] = []
        for at, to in zip(sorted(instant(self.rnd) for _ in steps), steps):
            step = {'at': at, 'by': 'u', 'to': to}
            if to == 'submitted' and self.chance(60):
                step['kind'] = self.rnd.choice(('number', 'none'))
                self.maybe(step, 'flagged', self.chance(50), 50)
            doc['history'].append(step)
        doc.pop('acceptedAt', None)
        if 'accepted' in steps:
            doc['acceptedAt'] = doc['history'][6]['at']

    def flow(self, task, i):
        doc = {'_id': '%s.f%d' % (task['_id'], i), 'planId': task['planId'],
               'taskId': task['_id'], 'level': self.rnd.choice(PLACES[:2]),
               'stage': self.rnd.choice(('received', 'paid')),
               'amountFen': self.int(self.rnd.randrange(1000)),
               'asOf': day(self.rnd), 'recordedAt': instant(self.rnd),
               'revision': self.int(self.rnd.randint(1, 2))}
        self.maybe(doc, 'fundingId', self.rnd.choice((None, 'f1', 'f2')))
        self.docs['fundFlows'].append(
            self.maybe(doc, 'orgId', self.rnd.choice((None, 'u0', 'u1'))))

    def spot_check(self, task, i):
        doc = {'_id': '%s.k%d' % (task['_id'], i), 'planId': task['planId'],
               'taskId': task['_id'], 'orgId': self.unit(),
               'checkedOn': day(self.rnd),
               'verdict': self.rnd.choice(('true', 'partly', 'false'))}
        self.docs['checks'].append(
            self.maybe(doc, 'concludedAt', instant(self.rnd)))

    def state(self, task, i):
        state = self.rnd.choice(STATES)
        doc = {'_id': '%s.s%d' % (task['_id'], i), 'planId': task['planId'],
               'taskId': task['_id'],
               'milestoneId': 'm%d' % self.rnd.randint(1, 3),
               'orgId': 'u%d' % self.rnd.randrange(2), 'state': state}
        if state == 'verified' or self.chance(50):
            doc.update(metOn=day(self.rnd), verifiedAt=instant(self.rnd))
        self.docs['milestoneStates'].append(doc)

    # -- questions -----------------------------------------------------

    def question(self):
        plans = [p for p in self.plans if self.chance(75)]
        if self.chance(10):
            plans.append('nowhere')
        known = instant(self.rnd)
        if self.chance(50):
            known = '2030-01-01T00:00:00.000Z'
        return {'plans': plans or self.plans, 'asOf': day(self.rnd),
                'knownAt': known}


def turning_points():
    """Documents in which figures stand at, and one below, what percent
    milestones ask for; and (task, how many units are there)."""
    docs = {'tasks': [], 'reports': [], 'milestoneStates': []}
    met = []
    for percent in (1, 33, 50, 99, 100):
        task = 'turn-%d' % percent
        units = [(qty, below)
                 for qty in (1, 3, 99, 100, 101, LARGE - 1, LARGE,
                             1 << 58, (1 << 58) + 1, (1 << 60) - 1)
                 for below in (0, 1)]
        names = ['v%02d' % i for i in range(len(units))]
        docs['tasks'].append({
            '_id': task, 'planId': 'turn', 'division': '140800',
            'no': percent, 'title': '事项', 'kind': 'mixed',
            'status': 'issued', 'lead': {'orgId': 'v00'},
            'indicators': [{
                'id': 'i1', 'name': '数量', 'unit': '个',
                'target': {'qty': None, 'state': 'derived'},
                'quotas': [{'orgId': o, 'qty': Int64(q), 'state': 'given'}
                           for o, (q, _) in zip(names, units)]}],
            'milestones': [{
                'id': 'm1', 'to': '2019-06-30', 'text': '节点',
                'orgs': names, 'rule': {'type': 'percent', 'indicator': 'i1',
                                        'percent': percent}}]})
        for org, (qty, below) in zip(names, units):
            docs['reports'].append({
                '_id': task + org, 'planId': 'turn', 'taskId': task,
                'indicatorId': 'i1', 'orgId': org, 'asOf': '2019-06-01',
                'value': {'kind': 'number',
                          'n': Int64(-(-qty * percent // 100) - below)},
                'state': 'accepted', 'revision': 1,
                'acceptedAt': '2019-06-02T00:00:00.000Z'})
        met.append((task, len(units) // 2))
    return docs, met
