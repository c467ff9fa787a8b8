"""The MongoDB wire protocol: OP_MSG, and OP_QUERY for the first hello."""
import itertools
import struct

import bson
from bson import SON
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

CODEC = CodecOptions(document_class=SON,
                     uuid_representation=UuidRepresentation.STANDARD)
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
CHECKSUM, MORE_TO_COME = 1, 2
MAX_MESSAGE = 48000000
HEADER = struct.Struct('<iiii')
_request_ids = itertools.count(1)


class ProtocolError(Exception):
    """What arrived is not the protocol; the connection is over."""


def decode(data):
    return bson.decode(bytes(data), CODEC)


def encode(doc):
    return bson.encode(doc, codec_options=CODEC)


class Request:
    """One command: its document, and its kind-1 sections as raw BSON."""

    def __init__(self, opcode, request_id, flags, doc, sections):
        self.opcode = opcode
        self.id = request_id
        self.wants_reply = not flags & MORE_TO_COME
        self.doc = doc
        self.sections = sections
        self.name = next(iter(doc), '')
        self.low = self.name.lower()
        self.db = doc.get('$db', 'admin')


def documents(raw):
    """The documents of a section, still raw."""
    at = 0
    while at < len(raw):
        size = struct.unpack_from('<i', raw, at)[0]
        if size < 5 or at + size > len(raw):
            raise ProtocolError('bad document length')
        yield raw[at:at + size]
        at += size


def _read_exactly(sock, size):
    data = bytearray()
    while len(data) < size:
        chunk = sock.recv(min(size - len(data), 1 << 20))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)


def _parse_msg(body):
    flags = struct.unpack_from('<I', body)[0]
    end = len(body) - (4 if flags & CHECKSUM else 0)
    doc, sections, at = None, {}, 4
    while at < end:
        kind = body[at]
        at += 1
        size = struct.unpack_from('<i', body, at)[0]
        if size < 5 or at + size > end:
            raise ProtocolError('bad section length')
        if kind == 0:
            doc = decode(body[at:at + size])
        elif kind == 1:
            zero = body.index(b'\0', at + 4)
            name = body[at + 4:zero].decode()
            sections[name] = body[zero + 1:at + size]
        else:
            raise ProtocolError('unknown section kind %d' % kind)
        at += size
    if doc is None:
        raise ProtocolError('no body section')
    return flags, doc, sections


def read_request(sock):
    size, request_id, _, opcode = HEADER.unpack(_read_exactly(sock, 16))
    if not 16 < size <= MAX_MESSAGE:
        raise ProtocolError('message of %d bytes' % size)
    body = _read_exactly(sock, size - 16)
    if opcode == OP_MSG:
        flags, doc, sections = _parse_msg(body)
    elif opcode == OP_QUERY:
        start = body.index(b'\0', 4) + 9
        length = struct.unpack_from('<i', body, start)[0]
        flags, sections = 0, {}
        doc = decode(body[start:start + length])
    else:
        raise ProtocolError('opcode %d' % opcode)
    return Request(opcode, request_id, flags, doc, sections)


def _message(opcode, answered, payload):
    return HEADER.pack(16 + len(payload), next(_request_ids) & 0x7fffffff,
                       answered, opcode) + payload


def reply(request, raw):
    """The bytes that answer a request with one raw document."""
    if request.opcode == OP_MSG:
        return _message(OP_MSG, request.id, struct.pack('<IB', 0, 0) + raw)
    return _message(OP_REPLY, request.id,
                    struct.pack('<iqii', 8, 0, 0, 1) + raw)


def call(sock, doc):
    """Send one command as a client and return the answer."""
    doc = SON(doc)
    doc.setdefault('$db', 'admin')
    sock.sendall(_message(OP_MSG, 0,
                          struct.pack('<IB', 0, 0) + encode(doc)))
    return read_request(sock).doc
