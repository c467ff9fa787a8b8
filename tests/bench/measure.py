"""One measurement: wrk or load against an address, and the CPU it took."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../e2e"))
import keys  # noqa: E402

# Everybody is sent it, also those who do not look at it.
WHO = "office@140800"
KEY = f"Authorization: {keys.bearer(WHO)}"


class Target:
    """Something to ask for, and whose CPU that is."""

    def __init__(self, key, title, port, path, process=None, header=None,
                 script="report.lua", empty=False):
        self.key = key
        self.title = title
        self.port = port
        self.path = path
        self.process = process  # None: nginx alone answers
        self.header = header
        self.script = script
        self.empty = empty  # 200 without a body is what is wanted

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"


    def check(self):
        """It answers what it is measured for, not something quicker."""
        request = urllib.request.Request(self.url)
        request.add_header(*KEY.split(": ", 1))
        if self.header:
            request.add_header(*self.header.split(": ", 1))
        try:
            with urllib.request.urlopen(request) as answer:
                status, size = answer.status, len(answer.read())
        except urllib.error.HTTPError as e:
            status, size = e.code, 0
        least = 0 if self.empty else 1
        expected = (304, 0) if self.header else (200, max(size, least))
        if (status, size) != expected:
            raise SystemExit(
                f"{self.title}（{self.path}）回答了{status}，{size}字节")


def wrk(target, nginx, seconds, connections=64):
    """As many requests as it takes: closed loop."""
    argv = ["wrk", "-t2" if connections > 1 else "-t1", f"-c{connections}",
            f"-d{max(1, round(seconds))}", "-s", f"{HERE}/{target.script}",
            "-H", KEY]
    if target.header:
        argv += ["-H", target.header]
    before = cpu(nginx), cpu(target.process)
    out = subprocess.run(argv + [target.url], check=True,
                         capture_output=True, text=True).stdout
    after = cpu(nginx), cpu(target.process)
    r = json.loads(out[out.index("JSON ") + 5:])
    return figures_of(r, before, after)


def submit(target, nginx, seconds, connections=64):
    """wrk with the next lines of the target's files (writes.lua)."""
    before = cpu(nginx), cpu(target.process)
    out = subprocess.run(
        ["wrk", "-t2", f"-c{connections}", f"-d{max(1, round(seconds))}",
         "-s", f"{HERE}/writes.lua", target.url, "--",
         *(str(x) for pair in zip(target.files, target.offsets)
           for x in pair)],
        check=True, capture_output=True, text=True).stdout
    r = json.loads(out[out.index("JSON ") + 5:])
    target.offsets = r["offsets"]
    target.acknowledged += r["requests"] - r["errors"]
    target.sent_more += connections
    return figures_of(r, before, (cpu(nginx), cpu(target.process)))


def figures_of(r, before, after):
    n = max(1, r["requests"])
    return {
        "rps": r["requests"] / (r["us"] / 1e6),
        "p50_us": r["p50"],
        "p99_us": r["p99"],
        "errors": r["errors"],
        "cpu_nginx_us": (after[0] - before[0]) / n * 1e6,
        "cpu_program_us": (after[1] - before[1]) / n * 1e6,
    }


def paced(target, rate, seconds, load, connections=64):
    """A fixed rate, latency counted from when a request was due: open loop."""
    argv = [load, "-p", str(target.port), "-r", str(round(rate)),
            "-c", str(connections), "-d", str(seconds), "-w", "0.5",
            "-H", "\r\n".join(filter(None, (KEY, target.header)))]
    out = subprocess.run(argv + [target.path], check=True,
                         capture_output=True, text=True).stdout
    return json.loads(out)


def etag(port, path):
    """The header of somebody who has it already."""
    url = f"http://127.0.0.1:{port}{path}"
    request = urllib.request.Request(url)
    request.add_header(*KEY.split(": ", 1))
    with urllib.request.urlopen(request) as answer:
        return f"If-None-Match: {answer.headers['ETag']}"


def cpu(process):
    return process.cpu() if process is not None else 0.0


def settle():
    """Between measurements: let kept connections of the last one go."""
    time.sleep(0.1)
