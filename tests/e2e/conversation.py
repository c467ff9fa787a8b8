"""The conversations of tests/api through nginx.

conversation.py SOCKET FILE CLOCK: carries out the steps of one file (written as
tests/api/README.md says) against a program with an empty store.  Prints what
is wrong and exits with 1.
"""
import copy
import http.client
import json
import os
import re
import socket
import sys

import keys

MEMBERS = ("plan", "tasks", "orgs", "orgSets", "reports", "milestoneStates")


class Unix(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("minsheng", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


def merge(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge(out.get(key), value)
    return out


def find(value, pointer):
    """What a pointer leads to: (there, value); "*" is every member."""
    if pointer == "":
        return True, value
    key, _, rest = pointer[1:].partition("/")
    rest = "/" + rest if rest or pointer[1:].endswith("/") else ""
    key = key.replace("~1", "/").replace("~0", "~")
    if key == "*" and isinstance(value, list):
        return True, [find(v, rest)[1] for v in value]
    if isinstance(value, list):
        n = int(key)
        return find(value[n], rest) if n < len(value) else (False, None)
    if isinstance(value, dict) and key in value:
        return find(value[key], rest)
    return False, None


def same(a, b):
    """Equal, and of the same types all the way down."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def set_clock(path, instant):
    """The setting `clock`: what time it is for the program."""
    with open(path + ".new", "w", encoding="ascii") as f:
        f.write(instant + "\n")
    os.rename(path + ".new", path)


class Talk:
    def __init__(self, path, steps, clock):
        self.clock = clock
        self.conn = Unix(path)
        self.steps = steps
        self.saved = {}
        self.wrong = 0

    def fill(self, value):
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        if isinstance(value, dict):
            return {k: self.fill(v) for k, v in value.items()}
        if not isinstance(value, str):
            return value
        whole = re.fullmatch(r"\$\{([^}]*)\}", value)
        if whole:
            return copy.deepcopy(self.saved[whole[1]])
        return re.sub(r"\$\{([^}]*)\}", self.text_of, value)

    def text_of(self, match):
        value = self.saved[match[1]]
        return value if isinstance(value, str) else json.dumps(value)

    @staticmethod
    def bundle(rq):
        out = {}
        for name in rq.get("only", MEMBERS):
            try:
                with open(f"{rq['bundle']}/{name}.json", encoding="utf-8") as f:
                    out[name] = json.load(f)
            except FileNotFoundError:
                pass
        return merge(out, rq.get("with", {}))

    def body(self, rq):
        if "body" in rq:
            return json.dumps(rq["body"], ensure_ascii=False).encode()
        if "bundle" in rq:
            return json.dumps(self.bundle(rq), ensure_ascii=False).encode()
        if "file" in rq:
            with open(rq["file"], "rb") as f:
                text = f.read().decode(errors="surrogateescape")
            for old, new in rq.get("replace", {}).items():
                assert old in text, old
                text = text.replace(old, new, 1)
            return text.encode(errors="surrogateescape")
        if "text" in rq:
            return rq["text"].encode()
        if "repeat" in rq:
            middle = rq["repeat"]["text"] * rq["repeat"]["times"]
            return (rq.get("before", "") + middle + rq.get("after", "")).encode()
        return None

    def ask(self, rq, who):
        body = self.body(rq)
        headers = dict(rq.get("headers", {}))
        if who != "nobody" and not {"Authorization", "Cookie"} & set(headers):
            headers["Authorization"] = keys.bearer(who)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        self.conn.request(rq.get("method", "GET"), rq["target"], body, headers)
        answer = self.conn.getresponse()
        return answer, answer.read().decode(errors="replace")

    def complaints(self, ex, answer, text):
        """Everything that is not as expected."""
        try:
            doc = json.loads(text)
        except ValueError:
            doc = None
        if answer.status != ex.get("status", 200):
            yield f"status {answer.status}"
        for name, wanted in ex.get("headers", {}).items():
            if answer.getheader(name) != wanted:
                yield f"{name}: {answer.getheader(name)}, not {wanted}"
        if "code" in ex:
            if find(doc, "/code")[1] != ex["code"]:
                yield f"code is not {ex['code']}"
            if answer.getheader("Content-Type") != "application/problem+json":
                yield "not a problem document"
            if not find(doc, "/detail")[1]:
                yield "no detail"
        if "pointers" in ex:
            got = find(doc, "/errors/*/pointer")[1]
            if got != ex["pointers"]:
                yield f"pointers {got}, not {ex['pointers']}"
        for pointer, wanted in ex.get("json", {}).items():
            there, got = find(doc, pointer)
            if not there or not same(got, wanted):
                yield f"{pointer} is {got}, not {wanted}"
        for pointer, wanted in ex.get("contains", {}).items():
            if wanted not in (find(doc, pointer)[1] or ""):
                yield f"{pointer} does not say {wanted}"
        for pointer, wanted in ex.get("count", {}).items():
            if len(find(doc, pointer)[1] or []) != wanted:
                yield f"{pointer} has not {wanted} members"
        for pointer in ex.get("absent", []):
            if find(doc, pointer)[0]:
                yield f"{pointer} is there"
        if "body" in ex and text != ex["body"]:
            yield "the body is not the same bytes"
        if "otherBody" in ex and text == ex["otherBody"]:
            yield "the body has not changed"
        if "text" in ex and ex["text"] not in text:
            yield f"the body does not hold {ex['text']}"

    def save(self, step, answer, text):
        for name, source in step.get("save", {}).items():
            if source == "body":
                self.saved[name] = text
            elif source.startswith("header:"):
                self.saved[name] = answer.getheader(source[7:])
            else:
                self.saved[name] = find(json.loads(text), source)[1]

    def run(self):
        for n, step in enumerate(self.steps):
            if step.get("inside"):
                continue
            if "now" in step:
                set_clock(self.clock, step["now"])
            answer, text = self.ask(self.fill(step["request"]), step.get("as", keys.MASTER))
            expected = self.fill(step.get("expect", {}))
            wrong = list(self.complaints(expected, answer, text))
            for line in wrong:
                print(f"  step {n} ({step.get('name', '')}): {line}")
            if wrong:
                print(f"  {answer.status} {text[:1500]}")
                return 1
            self.save(step, answer, text)
        return 0


def main():
    with open(sys.argv[2], encoding="utf-8") as f:
        steps = json.load(f)["steps"]
    sys.exit(Talk(sys.argv[1], steps, sys.argv[3]).run())


main()
