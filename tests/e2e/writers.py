"""Clients that write while the program is killed, and their check.

writers.py SOCKET answered|sent ROUND ACKS: four clients create orgs and
change one each, until the program is gone; each notes in ACKS.n what it takes
for acknowledged: when it is answered, or already when it is sent.
writers.py SOCKET check ROUND ACKS: prints how many were noted and how many of
those are not there.
"""
import glob
import http.client
import json
import os
import socket
import sys
import threading

CLIENTS = 4
GONE = (OSError, http.client.HTTPException)


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("minsheng", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


def org(name, text):
    return json.dumps({"_id": name, "division": "990000", "name": text, "kind": "department"})


BEARER = os.environ["BEARER"]


def put(conn, note, early, name, text, headers):
    """One write; False when the program is gone."""
    if early:
        note(name, text)
    headers = dict(headers, **{"Content-Type": "application/json", "Authorization": BEARER})
    conn.request("PUT", f"/api/v1/orgs/{name}", org(name, text).encode(), headers)
    answer = conn.getresponse()
    answer.read()
    if answer.status not in (200, 201):
        return False
    if not early:
        note(name, text)
    return True


def client(path, early, prefix, acks):
    conn = Unix(path)
    with open(acks, "w", encoding="utf-8") as f:
        def note(name, text):
            f.write(f"{name} {text}\n")
            f.flush()

        own = f"{prefix}-own"
        try:
            if not put(conn, note, early, own, "v0", {"If-None-Match": "*"}):
                return
            for n in range(1, 100000):
                if not put(conn, note, early, f"{prefix}-{n}", "v0", {"If-None-Match": "*"}):
                    return
                if not put(conn, note, early, own, f"v{n}", {"If-Match": "*"}):
                    return
        except GONE:
            return


def write(path, early, number, acks):
    threads = [
        threading.Thread(target=client, args=(path, early, f"r{number}-c{c}", f"{acks}.{c}"))
        for c in range(CLIENTS)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def stored(conn, name):
    """The number of the version that is there, -1 when there is none."""
    conn.request("GET", f"/api/v1/orgs/{name}", headers={"Authorization": BEARER})
    answer = conn.getresponse()
    body = answer.read()
    return int(json.loads(body)["name"][1:]) if answer.status == 200 else -1


def check(path, acks):
    conn = Unix(path)
    newest, noted = {}, 0
    for file in glob.glob(f"{acks}.*"):
        with open(file, encoding="utf-8") as f:
            for line in f:
                name, text = line.split()
                newest[name] = max(newest.get(name, -1), int(text[1:]))
                noted += 1
    print(noted, sum(stored(conn, name) < n for name, n in newest.items()))


def main():
    path, mode, number, acks = sys.argv[1:]
    if mode == "check":
        check(path, acks)
    else:
        write(path, mode == "sent", number, acks)


main()
