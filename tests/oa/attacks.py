"""What an attacker tries with a signed request, through nginx: each has its
own code, and the answer says nothing else about the key.

attacks.py BASE-URL PLAIN SECRET ELSEWHERE SECRET LATE SECRET OFF SECRET
"""
import http.client
import json
import os
import secrets
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, "docs/oa")
import client  # noqa: E402

base, plain, secret, elsewhere, elsewhere_secret, late, late_secret, off, \
    off_secret = sys.argv[1:]
where = urllib.parse.urlsplit(base)
bad = False


def ask(key=plain, key_secret=secret, method="GET", path="/api/v1/orgs",
        query="limit=5", body=b"", sent=None, drop=None, skew=0, nonce=None,
        headers=None):
    """Sign, change what `sent` says, send: (status, code)."""
    at = str(int(time.time()) + skew)
    nonce = nonce or secrets.token_hex(16)
    text = client.canonical(method, path, query, at, nonce, body,
                            "HMAC-SHA256")
    lines = {"X-MS-Key": key, "X-MS-Timestamp": at, "X-MS-Nonce": nonce,
             "X-MS-Signature": client.sign(text, key_secret, "HMAC-SHA256")}
    lines.update(headers or {})
    lines.pop(drop, None)
    real = {"method": method, "path": path, "query": query, "body": body}
    real.update(sent or {})
    if real["body"]:
        lines["Content-Type"] = "application/json"
    c = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
    target = real["path"] + ("?" + real["query"] if real["query"] else "")
    c.request(real["method"], target, real["body"] or None, lines)
    answer = c.getresponse()
    content = answer.read()
    c.close()
    if answer.status < 400:
        return answer.status, "ok"
    problem = json.loads(content)
    # Neither the key, nor what would have been right.
    if key in content.decode() or lines.get("X-MS-Signature", "v1=?")[3:] in \
            content.decode():
        return answer.status, "tells too much"
    return answer.status, problem["code"]


def check(name, wanted, **call):
    global bad
    status, code = ask(**call)
    good = code == wanted and (code == "ok" or 400 <= status < 500)
    print(f"{'ok' if good else 'not ok'} - {name}: {status} {code}")
    bad = bad or not good


ORG = b'{"_id":"140829","division":"140829","name":"\xe5\xb9\xb3","kind":"county"}'
check("as it should be", "ok")
check("one spelling or the other", "ok",
      sent={"query": "%6cimit=%35"})
check("too late", "sign-skew", skew=-301)
check("too early", "sign-skew", skew=302)
check("altered query", "sign-mismatch", sent={"query": "limit=6"})
check("one more parameter", "sign-mismatch",
      sent={"query": "limit=5&kind=city"})
check("altered path", "sign-mismatch", sent={"path": "/api/v1/plans"})
check("altered body", "sign-mismatch", method="PUT",
      path="/api/v1/orgs/140829", query="", body=ORG,
      sent={"body": ORG.replace(b"county", b"troupe")},
      headers={"If-None-Match": "*"})
check("the body, unaltered", "ok", method="PUT", path="/api/v1/orgs/140829",
      query="", body=ORG, headers={"If-None-Match": "*"})
check("unknown key", "sign-unknown-key", key="nobody")
check("a key of Bearer", "sign-unknown-key", key="admin.office.000000")
check("a disabled key", "key-disabled", key=off, key_secret=off_secret)
check("a disabled key, by somebody without its secret", "sign-mismatch",
      key=off)
check("an expired key", "key-expired", key=late, key_secret=late_secret)
check("from another machine", "key-address", key=elsewhere,
      key_secret=elsewhere_secret)
for header in ("X-MS-Key", "X-MS-Timestamp", "X-MS-Nonce", "X-MS-Signature"):
    check(f"without {header}", "sign-headers", drop=header)
check("a short nonce", "sign-headers", nonce="abc")
check("a key besides", "bad-request",
      headers={"Authorization": "Bearer msk_x_1"})
nonce = secrets.token_hex(16)
check("first use of a nonce", "ok", nonce=nonce)
check("replay", "sign-nonce-used", nonce=nonce)
check("the nonce for another request", "sign-nonce-used", nonce=nonce,
      path="/api/v1/plans")

for round_ in range(int(os.environ.get("ROUNDS", "3"))):
    nonce = secrets.token_hex(16)
    got, gate = [], threading.Barrier(20)

    def race():
        gate.wait()
        got.append(ask(nonce=nonce)[1])

    threads = [threading.Thread(target=race) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    good = sorted(got) == ["ok"] + ["sign-nonce-used"] * 19
    print(f"{'ok' if good else 'not ok'} - of 20 with one nonce one gets in")
    bad = bad or not good
sys.exit(bad)
