"""Events flow to receivers that fail, hang, redirect, drip and break off,
while whoever delivers them is killed (kill -9) again and again.  In the end
every event has arrived, in order for each object, signed as it should be.

delivery.py PROGRAM HTTP-SOCKET RUN-FOLDER; ROUNDS kills, EVENTS events.
With the embedded store the server delivers itself and is killed; with MongoDB
(MINSHENG_STORE) two workers do, and one of them is killed at a time.
"""
import atexit
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, "tests/e2e")
import keys  # noqa: E402
from receiver import Receiver  # noqa: E402

PROGRAM, HTTP, RUN = sys.argv[1:4]
ROUNDS = int(os.environ.get("ROUNDS", "5"))
EVENTS = int(os.environ.get("EVENTS", "200"))
SEED = int(os.environ.get("TEST_SEED", time.time_ns() % 1000000))
WAIT_MS = 400
OBJECTS = 20
APART = os.environ.get("MINSHENG_STORE", "sqlite") != "sqlite"
os.environ.update({
    "MINSHENG_WORKER_POLL": "50ms",
    "MINSHENG_WORKER_LEASE": "600ms",
    "MINSHENG_WEBHOOK_ALLOW": "127.0.0.1",
    "MINSHENG_WEBHOOK_TIMEOUT": f"{WAIT_MS}ms",
    "MINSHENG_WEBHOOK_RETRY_PERMILLE": "1",
})
bad = False


def check(name, good, *why):
    global bad
    print(f"{'ok' if good else 'not ok'} - {name}", *(() if good else why))
    bad = bad or not good


class Connection(http.client.HTTPConnection):
    def __init__(self):
        super().__init__("minsheng", timeout=30)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(HTTP)


def ask(method, target, body=None, **headers):
    """Until it is answered: the server may be dying at this very moment."""
    text = json.dumps(body) if body is not None else None
    headers = {name.replace("_", "-"): v for name, v in headers.items()}
    headers["Authorization"] = keys.bearer()
    if text:
        headers["Content-Type"] = "application/json"
    for _ in range(2000):
        try:
            c = Connection()
            c.request(method, target, text, headers)
            answer = c.getresponse()
            content = answer.read()
            c.close()
            if answer.status not in (409, 502, 503, 504):
                return answer.status, json.loads(content or b"null")
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit(f"{method} {target} is never answered")


class Process:
    """The server, or a worker."""

    def __init__(self, command, name):
        self.command = command
        self.log = open(f"{RUN}/{name}.log", "ab")
        self.start()
        atexit.register(self.end)

    def end(self):
        """Whatever happens, nothing stays behind."""
        if self.child.poll() is None:
            self.kill()

    def start(self):
        at = self.log.tell()
        self.child = subprocess.Popen([PROGRAM, self.command],
                                      stderr=self.log)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with open(self.log.name, "rb") as log:
                log.seek(at)
                if b'msg="ready"' in log.read():
                    return
            if self.child.poll() is not None:
                break
            time.sleep(0.01)
        raise SystemExit(f"{self.command} does not start")

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(60)


def write_events(first):
    """Revisions of some units, one after the other."""
    for n in range(EVENTS // OBJECTS):
        for i in range(first, OBJECTS, 4):
            org = f"33{i:04d}"
            body = {"_id": org, "division": org, "kind": "county",
                    "name": f"第{n}版"}
            if n == 0:
                ask("PUT", f"/api/v1/orgs/{org}", body, If_None_Match="*")
            else:
                ask("PUT", f"/api/v1/orgs/{org}", body, If_Match="*")


def all_events():
    events, after = [], 0
    while True:
        _, page = ask("GET", f"/api/v1/events?limit=200&after={after}")
        events += page["items"]
        after = page["after"]
        if not page["more"]:
            return events


def make_hook(receiver, path):
    url = f"http://127.0.0.1:{receiver.port}{path}"
    status, hook = ask("POST", "/api/v1/webhooks",
                       {"name": path, "url": url, "types": ["org.*"]})
    assert status == 201, hook
    return hook


def arrived(receiver, path):
    with receiver.lock:
        return [(h, json.loads(b)) for p, h, b in receiver.taken if p == path]


def check_path(receiver, path, events):
    got = arrived(receiver, path)
    seqs = [body["seq"] for _, body in got]
    wanted = {e["seq"] for e in events}
    check(f"{path}: none of {len(wanted)} is lost", set(seqs) == wanted,
          sorted(wanted - set(seqs))[:5])
    newest, disorder = {}, 0
    seen = set()
    for _, body in got:
        thing = body["object"]["id"]
        if body["seq"] not in seen:
            disorder += newest.get(thing, 0) > body["seq"]
            newest[thing] = body["seq"]
        seen.add(body["seq"])
    check(f"{path}: in order for each object", disorder == 0, disorder)
    ids = {e["seq"]: e["id"] for e in events}
    check(f"{path}: one webhook-id for one event",
          all(h["webhook-id"] == ids[b["seq"]] for h, b in got))
    check(f"{path}: what was sent is what /events says",
          all(b == events[b["seq"] - 1] for _, b in got))
    print(f"# {path}: {len(got)} deliveries of {len(wanted)} events")


def kill_some(processes, rnd, writers):
    for n in range(ROUNDS):
        time.sleep(rnd.uniform(0.05, 0.8))
        victim = rnd.choice(processes)
        victim.kill()
        victim.start()
    for w in writers:
        w.join()
    return ROUNDS


def wait_for(receiver, paths, events, seconds):
    end = time.monotonic() + seconds
    wanted = {e["seq"] for e in events}
    while time.monotonic() < end:
        if all(wanted <= {b["seq"] for _, b in arrived(receiver, p)}
               for p in paths):
            return
        time.sleep(0.1)


def check_signatures(receiver, hooks):
    path = f"{RUN}/received.jsonl"
    with receiver.lock, open(path, "w", encoding="utf-8") as f:
        for where, headers, body in receiver.taken:
            f.write(json.dumps({"secret": hooks[where]["secret"],
                                "headers": headers, "body": body}) + "\n")
        total = len(receiver.taken)
    done = subprocess.run(["node", "tests/oa/verify.js", path],
                          capture_output=True, text=True, check=False)
    check(f"npm standardwebhooks verifies all {total}",
          done.returncode == 0, done.stdout, done.stderr[:500])


def check_rest(receiver, hooks, events):
    """Replay, 410, and a hook that was taken away."""
    path, hook = "/first", hooks["/first"]
    before = len(arrived(receiver, path))
    last = events[-1]["seq"]
    status, _ = ask("POST", f"/api/v1/webhooks/{hook['_id']}:replay",
                    {"after": last - 3})
    check("replay is taken", status == 202, status)
    end = time.monotonic() + 30
    while time.monotonic() < end and len(arrived(receiver, path)) < before + 3:
        time.sleep(0.05)
    again = {b["seq"] for _, b in arrived(receiver, path)[before:]}
    check("the last three come again",
          {last, last - 1, last - 2} <= again, again)
    receiver.gone.add("/second")
    ask("PUT", "/api/v1/orgs/330000", {
        "_id": "330000", "division": "330000", "kind": "county",
        "name": "又一版"}, If_Match="*")
    end = time.monotonic() + 30
    disabled = None
    while time.monotonic() < end and not disabled:
        time.sleep(0.05)
        _, view = ask("GET",
                      f"/api/v1/webhooks/{hooks['/second']['_id']}")
        disabled = view["disabled"]
    check("410 disables", disabled and "410" in disabled["reason"], disabled)


def check_progress(hooks):
    for path, hook in hooks.items():
        end = time.monotonic() + 30
        while time.monotonic() < end:
            _, view = ask("GET", f"/api/v1/webhooks/{hook['_id']}")
            if view["progress"]["pending"] == 0:
                break
            time.sleep(0.1)
        check(f"{path}: nothing waits, nothing was given up",
              view["progress"]["pending"] == view["progress"]["dead"] == 0,
              view["progress"])


def main():
    print(f"# TEST_SEED={SEED} ROUNDS={ROUNDS} EVENTS={EVENTS}")
    rnd = random.Random(SEED)
    receiver = Receiver(SEED, 3, WAIT_MS / 1000)
    server = Process("serve", "minsheng")
    processes = [Process("worker", f"worker{i}") for i in (1, 2)] \
        if APART else [server]
    paths = ["/first", "/second"]
    hooks = {path: make_hook(receiver, path) for path in paths}
    writers = [threading.Thread(target=write_events, args=(i,))
               for i in range(4)]
    for w in writers:
        w.start()
    kill_some(processes, rnd, writers)
    events = all_events()
    check(f"{len(events)} events", len(events) >= EVENTS)
    wait_for(receiver, paths, events, 120 + EVENTS / 10)
    print(f"# bad answers: {dict(receiver.bad)}")
    for path in paths:
        check_path(receiver, path, events)
    check_progress(hooks)
    check_signatures(receiver, hooks)
    check_rest(receiver, hooks, events)
    check("no redirect was followed", receiver.elsewhere == 0)
    for process in processes + [server] * APART:
        check("a clean end", process.stop() == 0)
    sys.exit(bad)


main()
