#!/usr/bin/env python3
"""A receiver of minsheng's webhooks, with Python's standard library only.

    OA_WEBHOOK_SECRET=whsec_... python3 receive.py PORT

Prints each event once, as a line of JSON, after its signature was checked:
webhook-signature is "v1," and the base64 of HMAC-SHA256 over
id.timestamp.body with the bytes behind "whsec_"; while a secret is being
changed there are two, a blank between.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

TOLERANCE_S = 300
SECRET = base64.b64decode(os.environ["OA_WEBHOOK_SECRET"][len("whsec_"):])
seen = set()  # keep this in your database: events may come twice


def is_ours(headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}."
    mac = hmac.new(SECRET, signed.encode() + body, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(mac)
    age = abs(time.time() - int(headers["webhook-timestamp"]))
    return age <= TOLERANCE_S and any(
        hmac.compare_digest(wanted, one.encode())
        for one in headers["webhook-signature"].split(" "))


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            status = 204 if is_ours(self.headers, body) else 401
        except (TypeError, ValueError, AttributeError):
            status = 401
        if status == 204 and self.headers["webhook-id"] not in seen:
            seen.add(self.headers["webhook-id"])
            print(json.dumps(json.loads(body), ensure_ascii=False), flush=True)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    http.server.ThreadingHTTPServer(
        ("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
