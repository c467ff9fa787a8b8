#!/usr/bin/python3
"""A MongoDB wire gateway over DocumentDB: for tests only.

No authentication, no TLS, 127.0.0.1 only.  README.md has the commands
that make it fail on purpose.
"""
import argparse
import itertools
import select
import socket
import socketserver
import sys
import time

from bson import json_util
from bson.errors import InvalidBSON

import wire
from engine import Engine
from errors import CommandError, ContractError
from faults import Faults
from sessions import Sessions


class Dropped(Exception):
    """An injected failure closes this connection."""


class Connection(socketserver.BaseRequestHandler):
    def setup(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = self.server
        self.faults = server.faults
        self.engine = Engine(server.settings, server.sessions,
                             next(server.numbers))

    def finish(self):
        self.engine.close()

    def handle(self):
        try:
            while True:
                self._serve(wire.read_request(self.request))
        except (ConnectionError, Dropped):
            pass
        except EOFError as e:
            if str(e):
                print(e, file=sys.stderr, flush=True)
        except (wire.ProtocolError, InvalidBSON, ValueError) as e:
            print('protocol: %s' % e, file=sys.stderr, flush=True)

    def _serve(self, request):
        if request.low.startswith('minsheng'):
            self._send(request, self._control(request))
            return
        self.faults.wait_if_frozen()
        self.faults.saw(request)
        fault = self.faults.take(request)
        answer = self._meet(fault, 'before', request)
        if answer is None:
            answer = self._run(request)
        self.faults.wait_if_frozen()
        if fault and fault.action == 'cut':
            message = wire.reply(request, wire.encode(answer))
            self.request.sendall(message[:len(message) // 2])
            raise Dropped
        self._meet(fault, 'after', request)
        if request.wants_reply:
            self._send(request, answer)

    def _send(self, request, answer):
        self.request.sendall(wire.reply(request, wire.encode(answer)))

    def _control(self, request):
        try:
            if not self.server.settings.inject and \
                    request.low != 'minshengstatus':
                raise CommandError(13, 'Unauthorized',
                                   'the gateway runs without --inject')
            return self.faults.control(request)
        except CommandError as e:
            return e.doc

    def _run(self, request):
        try:
            return self.engine.run(request)
        except ContractError as e:
            self.faults.violation('%s: %s' % (request.name, e))
            print(e, file=sys.stderr, flush=True)
            if not request.wants_reply:
                raise Dropped from e
            return e.doc
        except CommandError as e:
            return e.doc
        except (KeyError, TypeError) as e:
            return CommandError(9, 'FailedToParse', repr(e)).doc

    def _meet(self, fault, when, request):
        """Let a fault happen; returns an answer that replaces the real."""
        if fault is None or fault.when != when:
            return None
        if fault.action == 'error':
            return CommandError(fault.code, 'Injected',
                                'injected into ' + request.name,
                                fault.labels).doc
        if fault.action == 'delay':
            time.sleep(fault.ms / 1000)
            return None
        if fault.action == 'hang':
            select.select([self.request], [], [], fault.ms / 1000)
        raise Dropped


class Gateway(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, settings):
        super().__init__(('127.0.0.1', settings.port), Connection)
        self.settings = settings
        self.sessions = Sessions(settings.socket, settings.txn_seconds)
        self.faults = Faults()
        self.numbers = itertools.count(1)


def send(port, text):
    """Be a client for one control command; print the answer."""
    with socket.create_connection(('127.0.0.1', port), 5) as sock:
        answer = wire.call(sock, json_util.loads(text))
    print(json_util.dumps(answer))
    return 0 if answer.get('ok') else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--port', type=int, default=27999)
    parser.add_argument('--socket', help="where PostgreSQL listens")
    parser.add_argument('--replset', help='speak as this replica set')
    parser.add_argument('--inject', action='store_true',
                        help='obey minshengInject, Freeze and Unfreeze')
    parser.add_argument('--wire', type=int, default=9,
                        help='maxWireVersion (9 is MongoDB 4.4)')
    parser.add_argument('--txn-seconds', type=float, default=60,
                        help='lifetime of a transaction')
    parser.add_argument('--no-contract', dest='contract',
                        action='store_false',
                        help='pass on what the contract forbids')
    parser.add_argument('--send', metavar='JSON',
                        help='send one command to the gateway and leave')
    settings = parser.parse_args()
    if settings.send:
        return send(settings.port, settings.send)
    Gateway(settings).serve_forever()
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except (OSError, EOFError) as error:
        sys.exit('gateway: %s' % error)
