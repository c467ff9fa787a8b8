"""The three reference clients against docs/oa/vectors.json: the string that
is signed, and the signature (through a server that only looks at headers)."""
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

CLIENTS = {
    "sh": ["bash", "docs/oa/client.sh"],
    "python": ["python3", "docs/oa/client.py"],
    "javascript": ["node", "docs/oa/client.js"],
}


class Server(http.server.BaseHTTPRequestHandler):
    seen = None

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        Server.seen = (self.command, self.path, self.headers,
                       self.rfile.read(length))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *args):
        pass


def run(command, vector, body, *more):
    env = dict(os.environ, OA_KEY="oa",
               OA_SECRET=vector["secret"],
               OA_ALGORITHM=vector["algorithm"],
               OA_TIMESTAMP=vector["timestamp"],
               OA_NONCE=vector["nonce"])
    query = "?" + vector["query"] if vector["query"] else ""
    url = f"http://127.0.0.1:{port}{vector['path']}{query}"
    args = [*command, *more, vector["method"], url]
    if vector["body"]:
        args.append(body)
    return subprocess.run(args, env=env, capture_output=True, text=True,
                          timeout=60, check=False).stdout


def check(command, vector, body):
    if run(command, vector, body, "--canonical") != vector["canonical"] + "\n":
        return "another canonical string"
    # Not every client library sends an address that is not ASCII.
    if not vector["query"].isascii():
        return None
    Server.seen = None
    run(command, vector, body)
    if Server.seen is None:
        return "sent nothing"
    method, _, headers, content = Server.seen
    if method != vector["method"] or content != vector["body"].encode():
        return "sent another request"
    if headers.get("X-MS-Signature") != vector["signature"]:
        return "another signature"
    return None


server = http.server.HTTPServer(("127.0.0.1", 0), Server)
port = server.server_port
threading.Thread(target=server.serve_forever, daemon=True).start()
with open("docs/oa/vectors.json", encoding="utf-8") as f:
    vectors = json.load(f)["vectors"]
bad = 0
for name, command in CLIENTS.items():
    wrong = []
    for vector in vectors:
        with tempfile.NamedTemporaryFile() as file:
            file.write(vector["body"].encode())
            file.flush()
            why = check(command, vector, file.name)
        if why:
            wrong.append(f"{vector['algorithm']} {vector['name']}: {why}")
    if wrong:
        bad = 1
        print(f"not ok - {name}: " + "; ".join(wrong))
    else:
        print(f"ok - {name}: {len(vectors)} vectors")
sys.exit(bad)
