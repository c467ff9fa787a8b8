"""Transactions belong to sessions, not to connections.

As on mongod: a dropped connection does not end its transaction.  The
session's next one does, or its lifetime; until then its locks hold.
"""
import threading
import time

from errors import CommandError, NO_SUCH_TRANSACTION, TRANSIENT
from postgres import Backend

# A transaction that meets another's lock fails at once on MongoDB.
BEGIN = ('BEGIN ISOLATION LEVEL REPEATABLE READ; '
         'SET LOCAL lock_timeout = 50')
MAX_IDLE = 20


def no_transaction(text):
    return CommandError(NO_SUCH_TRANSACTION, 'NoSuchTransaction', text,
                        [TRANSIENT])


class Transaction:
    """Hold the lock while using one."""

    def __init__(self, number, backend, release):
        self.lock = threading.RLock()
        self.number = number
        self.started = time.monotonic()
        self.state = 'open'
        self.backend = backend
        self._release = release

    def need_open(self):
        if self.state != 'open':
            raise no_transaction('transaction has been ' + self.state)

    def end(self, statement, state):
        with self.lock:
            if self.state != 'open':
                return
            backend, self.backend = self.backend, None
            self.state = 'aborted'
            try:
                backend.sql(statement)
            except (EOFError, CommandError):
                backend.close()
                raise
            self.state = state
            self._release(backend)

    def abort(self):
        try:
            self.end('ROLLBACK', 'aborted')
        except EOFError:
            pass


class Sessions:
    """The newest transaction of each session."""

    def __init__(self, socket, lifetime):
        self._socket = socket
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._last = {}
        self._idle = []
        threading.Thread(target=self._expire, daemon=True).start()

    def _expire(self):
        while True:
            time.sleep(0.5)
            oldest = time.monotonic() - self._lifetime
            with self._lock:
                late = [t for t in self._last.values()
                        if t.state == 'open' and t.started < oldest]
            for transaction in late:
                transaction.abort()

    def _release(self, backend):
        backend.cursors.clear()
        with self._lock:
            if len(self._idle) < MAX_IDLE:
                self._idle.append(backend)
                return
        backend.close()

    def begin(self, key):
        session, number = key
        with self._lock:
            last = self._last.get(session)
            backend = self._idle.pop() if self._idle else None
        if last:
            last.abort()
        backend = backend or Backend(self._socket)
        backend.sql(BEGIN)
        started = Transaction(number, backend, self._release)
        with self._lock:
            self._last[session] = started
        return started

    def find(self, key):
        with self._lock:
            last = self._last.get(key[0])
        if last is None or last.number != key[1]:
            raise no_transaction('no such transaction')
        return last
