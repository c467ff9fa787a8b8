"""Errors as MongoDB clients know them, and where they come from."""
from bson import SON

# Lists live in tables: SQLSTATE, code, name.  M.... are DocumentDB's own.
SQLSTATES = '''
M0000 1     InternalError
M0001 2     BadValue
M0003 9     FailedToParse
M0004 14    TypeMismatch
M0005 15    Overflow
M0006 20    IllegalOperation
M0008 26    NamespaceNotFound
M0009 27    IndexNotFound
M000A 28    PathNotViable
M000D 40    ConflictingUpdateOperators
M000E 43    CursorNotFound
M000F 48    NamespaceExists
M000G 52    DollarPrefixedFieldName
M000M 66    ImmutableField
M000N 67    CannotCreateIndex
M000O 68    IndexAlreadyExists
M000P 72    InvalidOptions
M000Q 73    InvalidNamespace
M000R 85    IndexOptionsConflict
M000S 86    IndexKeySpecsConflict
M000U 115   CommandNotSupported
M000W 146   ExceededMemoryLimit
M00AH 4031700 Location4031700
M0012 197   InvalidIndexSpecificationOption
M0016 263   OperationNotSupportedInTransaction
M001B 10334 BSONObjectTooLarge
M001C 11000 DuplicateKey
M007R 40319 Location40319
M007T 40323 Location40323
M007U 40324 Location40324
M0087 40414 Location40414
M0088 40415 Location40415
M00CO 121   DocumentFailedValidation
M00EX 50    MaxTimeMSExpired
M00F1 112   WriteConflict
M00F6 251   NoSuchTransaction
0A000 115   CommandNotSupported
23505 11000 DuplicateKey
23P01 11000 DuplicateKey
25P02 251   NoSuchTransaction
40001 112   WriteConflict
40P01 112   WriteConflict
53100 14031 OutOfDiskSpace
55P03 112   WriteConflict
57014 50    MaxTimeMSExpired
'''
BY_SQLSTATE = {state: (int(code), name) for state, code, name in
               (line.split() for line in SQLSTATES.split('\n') if line)}
# After these the server is gone: the client sees a broken connection.
GONE = ('57P01', '57P02', '57P03', '08000', '08003', '08006', None)

DUPLICATE = 11000
WRITE_CONFLICT = 112
NO_SUCH_TRANSACTION = 251
CONTRACT = 96
TRANSIENT = 'TransientTransactionError'


class CommandError(Exception):
    """A command failed; the connection lives."""

    def __init__(self, code, name, message, labels=()):
        super().__init__(message)
        self.code = code
        self.doc = SON([('ok', 0.0), ('errmsg', message), ('code', code),
                        ('codeName', name)])
        if labels:
            self.doc['errorLabels'] = list(labels)


class ContractError(CommandError):
    """The command is something this product has promised never to send."""

    def __init__(self, message):
        super().__init__(CONTRACT, 'ContractViolation',
                         'contract: ' + message)


def message(code, text):
    if code == DUPLICATE:
        return 'E11000 duplicate key error: ' + text
    return text


def from_sqlstate(state, text, labels=()):
    code, name = BY_SQLSTATE.get(state, (8, 'UnknownError'))
    if code == 8:
        text += ' [SQLSTATE %s]' % state
    return CommandError(code, name, message(code, text), labels)


def from_packed(number, text):
    """Inside results DocumentDB gives PostgreSQL's packed SQLSTATE."""
    state = ''.join(chr((number >> 6 * i & 63) + 48) for i in range(5))
    return from_sqlstate(state, text)
