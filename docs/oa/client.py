#!/usr/bin/env python3
"""A signed request to minsheng, with Python's standard library only.

    OA_KEY=oa OA_SECRET=... python3 client.py GET \
        'http://127.0.0.1:8080/api/v1/plans?limit=1' [BODY-FILE]

OA_ALGORITHM is HMAC-SHA256 (the default) or HMAC-SM3, as the key says.
Prints the body of the answer; its status goes to standard error.  With
--canonical the string that is signed is printed and nothing is sent.
"""
import hashlib
import hmac
import os
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

DIGESTS = {"HMAC-SHA256": "sha256", "HMAC-SM3": "sm3"}


def encode(text, safe=""):
    """Percent-encoding: only A-Z a-z 0-9 - . _ ~ (and safe) stay."""
    return urllib.parse.quote(urllib.parse.unquote_to_bytes(text), safe=safe)


def canonical(method, path, query, timestamp, nonce, body, algorithm):
    segments = [encode(segment) for segment in path.split("/")]
    pairs = []
    for piece in query.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((encode(name), encode(value)))
    return "\n".join([
        method,
        "/".join(segments),
        "&".join(f"{name}={value}" for name, value in sorted(pairs)),
        timestamp,
        nonce,
        hashlib.new(DIGESTS[algorithm], body).hexdigest(),
    ])


def sign(text, secret, algorithm):
    mac = hmac.new(secret.encode(), text.encode(), DIGESTS[algorithm])
    return "v1=" + mac.hexdigest()


def main():
    args = [a for a in sys.argv[1:] if a != "--canonical"]
    if len(args) not in (2, 3):
        sys.exit(__doc__)
    method, url = args[:2]
    body = b""
    if len(args) == 3:
        with open(args[2], "rb") as file:
            body = file.read()
    parts = urllib.parse.urlsplit(url)
    algorithm = os.environ.get("OA_ALGORITHM", "HMAC-SHA256")
    timestamp = os.environ.get("OA_TIMESTAMP", str(int(time.time())))
    nonce = os.environ.get("OA_NONCE", secrets.token_hex(16))
    text = canonical(method, parts.path, parts.query, timestamp, nonce, body,
                     algorithm)
    if "--canonical" in sys.argv:
        print(text)
        return
    headers = {
        "X-MS-Key": os.environ["OA_KEY"],
        "X-MS-Timestamp": timestamp,
        "X-MS-Nonce": nonce,
        "X-MS-Signature": sign(text, os.environ["OA_SECRET"], algorithm),
        "Accept": "application/json",
    }
    if body:
        headers["Content-Type"] = "application/json"
    if os.environ.get("OA_IF_NONE_MATCH"):
        headers["If-None-Match"] = os.environ["OA_IF_NONE_MATCH"]
    request = urllib.request.Request(url, data=body or None, headers=headers,
                                     method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, content = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, content = error.code, error.read()
    print(status, file=sys.stderr)
    sys.stdout.buffer.write(content + b"\n")
    sys.exit(0 if status < 400 else 1)


if __name__ == "__main__":
    main()
