"""To-dos go to five OA systems, each with a shape of its own, on bad days too.
Every one ends up with what the server says, no older stamp overwrites a newer
one, and what comes twice changes nothing.

todos.py HTTP-SOCKET
"""
import http.client
import http.server
import json
import os
import random
import socket
import sys
import threading
import time

sys.path.insert(0, "tests/e2e")
import keys  # noqa: E402

HTTP = sys.argv[1]
SEED = int(os.environ.get("TEST_SEED", time.time_ns() % 1000000))
ROUNDS = 6
PEOPLE = 6
bad = False
WORDS = {"syscode": "minsheng", "workflow": "民生实事", "creator": "督查室",
         "registerCode": "3001", "sender": "0", "app": "民生实事"}


def check(name, good, *why):
    global bad
    print(f"{'ok' if good else 'not ok'} - {name}", *(() if good else why))
    bad = bad or not good


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(HTTP)


def ask(method, target, body=None, who=keys.MASTER):
    c = Connection("minsheng")
    headers = {"Authorization": keys.bearer(who)}
    if body is not None:
        headers["Content-Type"] = "application/json"
    c.request(method, target, None if body is None else json.dumps(body),
              headers)
    answer = c.getresponse()
    content = json.loads(answer.read() or b"null")
    c.close()
    if answer.status >= 400:
        raise SystemExit(f"{method} {target}: {answer.status} {content}")
    return content


# What each maker's interface wants, and what it means.
def weaver(path, m):
    assert path == "/ReceiveRequestInfoByJson", path
    assert m["syscode"] == "minsheng" and m["requestname"], m
    state = {"0": "todo", "2": "done", "4": "deleted"}[m["isremark"]]
    if m["isremark"] == "0" and m["viewtype"] == "1":
        state = "read"
    return m["flowid"], m["receiver"], state, int(m["receivets"])


def seeyon(path, m):
    assert path == "/thirdpartyPending/receive", path
    assert m["registerCode"] == "3001" and m["title"] and m["url"], m
    state = "todo" if m["state"] == "0" else "done"
    if m.get("subState") == "3":
        state = "deleted"
    return m["taskId"], m["thirdReceiverId"], state, None


def landray(path, m):
    state = {"/sendTodo": "todo", "/setTodoDone": "done",
             "/deleteTodo": "deleted"}[path]
    assert state != "todo" or m["subject"] and m["link"], m
    return m["modelId"], json.loads(m["targets"])["LoginName"], state, None


def o2oa(path, m):
    state = {"/task": "todo", "/read": "read", "/taskcompleted": "done",
             "/task/delete": "deleted"}[path]
    return m["id"], m["person"], state, None


def generic(path, m):
    assert path == "", path
    return m["id"], m["receiver"], m["state"], m["stamp"]


SHAPES = {f.__name__: f for f in (weaver, seeyon, landray, o2oa, generic)}
TELLS_READ = ("weaver", "o2oa", "generic")


class FakeOA(http.server.BaseHTTPRequestHandler):
    rows = {name: {} for name in SHAPES}  # id: (receiver, state, stamp)
    faults = []
    refused = {}
    taken = 0
    lock = threading.Lock()
    chance = random.Random(SEED)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            status = self.take(body)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def take(self, body):
        _, name, path = self.path.split("/", 2) + [""] \
            if self.path.count("/") < 2 else self.path.split("/", 2)
        path = "/" + path if path else ""
        key = (name, self.headers["webhook-id"])
        if self.refused.get(key, 0) < 3 and self.chance.random() < 0.3:
            self.refused[key] = self.refused.get(key, 0) + 1
            return 500
        try:
            todo, receiver, state, stamp = SHAPES[name](path,
                                                        json.loads(body))
        except (AssertionError, KeyError, ValueError) as e:
            self.faults.append(f"{name} {self.path}: {e!r} {body[:300]!r}")
            return 200
        FakeOA.taken += 1
        old = self.rows[name].get(todo)
        if old and stamp is not None and stamp < old[2]:
            self.faults.append(f"{name}: {todo} older than what is there")
        self.rows[name][todo] = (receiver, state, stamp)
        return 200

    def log_message(self, *args):
        pass


def reconcile():
    """What the server says, all pages."""
    rows, cursor = {}, ""
    while cursor is not None:
        page = ask("GET", "/api/v1/oa/todos?limit=50" +
                   (f"&cursor={cursor}" if cursor else ""))
        for row in page["items"]:
            rows[row["_id"]] = row
        cursor = page["nextCursor"]
    return rows


def wanted(name, row):
    state = row["state"]
    if state == "read" and name not in TELLS_READ:
        state = "todo"
    stamp = row["stamp"] if name in ("weaver", "generic") else None
    return row["recipient"]["oaId"], state, stamp


def agree(rows):
    return all(FakeOA.rows[name] ==
               {i: wanted(name, row) for i, row in rows.items()}
               for name in SHAPES)


def settled():
    """Two rounds have passed without a change, and all OAs know."""
    for _ in range(600):
        rows = reconcile()
        if rows and agree(rows) and reconcile() == rows:
            return rows
        time.sleep(0.1)
    return None


def main():
    print(f"# seed {SEED}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeOA)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in SHAPES:
        ask("POST", "/api/v1/webhooks", {
            "name": name, "adapter": name, "types": ["*"], "words": WORDS,
            "url": f"http://127.0.0.1:{server.server_port}/{name}"})
    answer = ask("PUT", "/api/v1/users:sync", {
        "mode": "delta", "newRoles": ["lead"], "rows": [
            {"oaId": f"OA-{i}", "account": f"oa{i}", "name": f"同志{i}",
             "orgId": "140800-dcs"} for i in range(PEOPLE)]})
    check("people are there", answer["counts"] == {"created": PEOPLE}, answer)
    task = "140800-2019-05"
    for i in range(ROUNDS):
        notice = f"/api/v1/notices/0b1e2019-0000-4000-8000-00000000000{i}"
        ask("PUT", notice, {
            "planId": "140800-2019", "taskId": task, "orgId": "140800-dcs",
            "kind": "instruction", "title": f"第{i}件“批示”\\",
            "text": "请抓紧办理。", "dueOn": "2026-12-31"})
        time.sleep(0.3)
        if i % 2:
            ask("POST", f"{notice}:answer", {"text": "已办。"},
                "lead@140800-dcs")
    rows = settled()
    check("all OA systems agree with the list", rows is not None,
          FakeOA.rows, FakeOA.faults)
    rows = rows or {}
    is_read = [i for i, row in rows.items() if row["state"] == "todo"][:3]
    for i in is_read:
        ask("POST", f"/api/v1/oa/todos/{i}:read")
    ask("PUT", "/api/v1/users:sync", {"mode": "delta", "rows": [
        {"oaId": "OA-0", "name": "同志0", "disabled": True}]})
    for _ in range(100):
        now = reconcile()
        if any(row["state"] == "deleted" for row in now.values()):
            break
        time.sleep(0.1)
    rows = settled() or {}
    states = {row["state"] for row in rows.values()}
    check("read, done and deleted have arrived",
          states >= {"todo", "read", "done", "deleted"}, states)
    check("no shape is wrong, no stamp goes back", not FakeOA.faults,
          FakeOA.faults[:5])
    check("the OA systems had bad moments", FakeOA.refused)
    print(f"# {FakeOA.taken} taken, {sum(FakeOA.refused.values())} refused")
    sys.exit(1 if bad else 0)


main()
