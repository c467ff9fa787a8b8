"""Users with API keys for tests, as tests/api/world.c makes them.

keys.py [ROLE[+ROLE]@UNIT ...] prints a stream for `minsheng import`: these
users and always the master.  keys.py --bearer [WHO] prints what stands behind
"Authorization: ".
"""
import hashlib
import json
import re
import sys

MASTER = "admin+office+lead+reporter+confirmer+leader+auditor@000000"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def user_id(who):
    return re.sub("[@+]", ".", who)


def bearer(who=MASTER):
    return f"Bearer msk_{user_id(who)}_{sha256(who)}"


def stream(people):
    """The lines of an export that holds these people."""
    now = "2019-01-01T00:00:00.000Z"
    stamps = {"rev": 1, "createdAt": now, "updatedAt": now}
    yield {"format": "minsheng-export", "version": 1}
    for who in people:
        roles, _, org = who.partition("@")
        yield {"collection": "users", "doc": {
            "_id": user_id(who), "orgId": org, "name": who,
            "roles": roles.split("+"), **stamps}}
    for who in people:
        yield {"collection": "apiKeys", "doc": {
            "_id": user_id(who), "name": who, "userId": user_id(who),
            "secretHash": sha256(sha256(who)), **stamps}}
    yield {"end": True, "documents": 2 * len(people)}


def main():
    if sys.argv[1:2] == ["--bearer"]:
        print(bearer(*sys.argv[2:3]))
        return
    for line in stream(sorted({MASTER, *sys.argv[1:]}, key=user_id)):
        print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
