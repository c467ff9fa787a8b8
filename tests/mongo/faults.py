"""Failures on request: what minshengInject and its relatives control."""
import threading

from bson import SON

from errors import CommandError

ACTIONS = ('drop', 'cut', 'delay', 'hang', 'error')
MONITORING = ('hello', 'ismaster', 'ping', 'endsessions')


class Fault:
    """One row: which commands, how many of them, and what happens."""

    def __init__(self, doc):
        self.op = doc.get('op', '*').lower()
        self.coll = doc.get('coll')
        self.when = doc.get('when', 'before')
        self.action = doc.get('action', 'drop')
        self.ms = int(doc.get('ms', 600000))
        self.skip = int(doc.get('skip', 0))
        self.count = int(doc.get('count', 1))
        self.code = int(doc.get('code', 91))
        self.labels = list(doc.get('labels', []))
        self.hits = 0
        if self.when not in ('before', 'after') or \
                self.action not in ACTIONS or \
                (self.action, self.when) in (('cut', 'before'),
                                             ('error', 'after')):
            raise CommandError(9, 'FailedToParse', 'bad minshengInject')

    def matches(self, request):
        if self.op == '*':
            named = request.low not in MONITORING
        else:
            named = self.op == request.low
        return named and self.coll in (None, request.doc.get(request.name))

    def describe(self):
        return SON([(k, v) for k, v in self.__dict__.items()
                    if v is not None])


class Faults:
    """Shared by all connections of one gateway."""

    def __init__(self):
        self._lock = threading.Lock()
        self._running = threading.Event()
        self._running.set()
        self._rows = []
        self._commands = {}
        self._violations = []

    def wait_if_frozen(self):
        self._running.wait()

    def saw(self, request):
        with self._lock:
            self._commands[request.low] = \
                self._commands.get(request.low, 0) + 1

    def violation(self, text):
        with self._lock:
            self._violations = (self._violations + [text])[-100:]

    def take(self, request):
        """The fault that this request meets, or None."""
        with self._lock:
            for row in self._rows:
                if not row.matches(request):
                    continue
                if row.skip > 0:
                    row.skip -= 1
                elif row.hits < row.count:
                    row.hits += 1
                    return row
        return None

    def control(self, request):
        """Answer a command whose name starts with minsheng."""
        if request.low == 'minshenginject':
            row = Fault(request.doc) if request.doc[request.name] else None
            with self._lock:
                self._rows = self._rows + [row] if row else []
        elif request.low == 'minshengfreeze':
            self._running.clear()
        elif request.low == 'minshengunfreeze':
            self._running.set()
        elif request.low != 'minshengstatus':
            raise CommandError(59, 'CommandNotFound', request.name)
        return self._status()

    def _status(self):
        with self._lock:
            return SON([
                ('ok', 1.0), ('frozen', not self._running.is_set()),
                ('faults', [row.describe() for row in self._rows]),
                ('commands', SON(sorted(self._commands.items()))),
                ('violations', list(self._violations))])
