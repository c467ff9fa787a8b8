"""One connection to the engine, and the MongoDB cursors that live in it."""
import socket

import psycopg2

import wire
from errors import GONE, from_sqlstate


class Backend:
    """Connects when first used.  EOFError means that the engine is gone."""

    def __init__(self, address):
        self._address = address
        self._pg = None
        self.cursors = {}

    def close(self):
        if self._pg:
            self._pg.close()

    def need_engine(self):
        """EOFError unless something listens; costs no session."""
        path = '%s/.s.PGSQL.5432' % self._address.replace('@', '\0', 1)
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except OSError as e:
                raise EOFError('no engine: %s' % e) from e

    def _connect(self):
        try:
            self._pg = psycopg2.connect(
                host=self._address, user='postgres', dbname='postgres',
                application_name='gateway', connect_timeout=10)
        except psycopg2.Error as e:
            raise EOFError('no engine: %s' % e) from e
        self._pg.autocommit = True

    def sql(self, text, *values):
        """Run one statement; its first row, or None."""
        if self._pg is None:
            self._connect()
        try:
            with self._pg.cursor() as cursor:
                cursor.execute(text, values)
                return cursor.fetchone() if cursor.description else None
        except psycopg2.Error as e:
            if e.pgcode in GONE:
                raise EOFError('engine gone: %s' % e) from e
            raise from_sqlstate(
                e.pgcode, (e.diag.message_primary or str(e)).strip()) from e

    def doc(self, text, *values):
        """Call a function whose result is one document; decoded."""
        return wire.decode(self.sql(text, *values)[0])
