"""What a bench runs against: data, programs and one nginx for all of them."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request

from measure import WHO, keys
from procs import Minsheng, Process, free_port

PLAN = "140800-2019"
SAMPLE = f"scripts/sample/{PLAN}"

PASSING = {
    "fastcgi_pass": "fastcgi_pass {};",
    "uwsgi_pass": "include /etc/nginx/uwsgi_params; uwsgi_pass {};",
    "proxy_pass": "proxy_http_version 1.1; "
                  'proxy_set_header Connection ""; proxy_pass http://{};',
}


class World:
    def __init__(self, folder, program, tools, engine):
        self.folder = folder
        self.program = program
        self.tools = tools
        self.engine = engine
        self.processes = []
        self.servers = []  # (port, text of the server's locations)
        self.nginx = None

    # ---- data ----

    def command(self, data, *argv):
        done = subprocess.run(
            [self.program, *argv, f"--data={data}", f"--store={self.engine}"],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"minsheng {' '.join(argv)}：{done.stderr}")
        return done.stdout

    def make_data(self):
        """The sample plan, issued, with two months of accepted reports."""
        data = f"{self.folder}/sample"
        self.make_sample(lambda *argv: self.command(data, *argv))
        return data

    def make_sample(self, command):
        bundle = f"{self.folder}/reports.json"
        with open(f"{SAMPLE}/tasks.json", encoding="utf-8") as f:
            tasks = json.load(f)
        with open(bundle, "w", encoding="utf-8") as f:
            json.dump({"reports": make_reports(tasks)}, f)
        people = f"{self.folder}/people.ndjson"
        with open(people, "w", encoding="utf-8") as f:
            for line in keys.stream([WHO]):
                f.write(json.dumps(line, ensure_ascii=False) + "\n")
        command("import", people)
        command("import", SAMPLE)
        command("issue", PLAN, "--by", "bench", "--leave-open")
        command("import", bundle, "--plan", PLAN)

    def answer_size(self, data, path):
        """Bytes of the body that the program answers with."""
        answer = self.command(data, "request", "GET", path)
        return int(re.search(r"(?m)^Content-Length: (\d+)", answer)[1])

    def grow(self, data, count, name, *options):
        """A copy of the data, grown to `count` plans of the same shape."""
        to = f"{self.folder}/{name}"
        shutil.copytree(data, to, ignore=shutil.ignore_patterns("lock"))
        subprocess.run(
            [f"{self.tools}/bench_plans", str(count), PLAN, *options,
             f"--data={to}", "--sqlite-sync=OFF"], check=True)
        return to

    # ---- processes ----

    def add_minsheng(self, name, data, env=None, **settings):
        process = Minsheng(name, self.program, data, self.folder, env,
                           **settings)
        self.processes.append(process)
        process.ready_ms = process.start()
        process.port = self.add_server(name, process.socket)
        return process

    def time_start(self, name, data):
        """Milliseconds from fork to ready."""
        process = Minsheng(name, self.program, data, self.folder)
        ready_ms = process.start()
        process.stop()
        return ready_ms

    def add_process(self, name, argv, passing="fastcgi_pass", env=None):
        """argv may say {socket}."""
        socket = f"{self.folder}/{name}.sock"
        argv = [arg.replace("{socket}", socket) for arg in argv]
        process = Process(name, argv, f"{self.folder}/{name}.log", env)
        self.processes.append(process)
        process.start()
        process.wait_socket(socket)
        process.port = self.add_server(name, socket, passing)
        return process

    # ---- nginx: one server for each candidate, all like the product's ----

    def add_server(self, name, socket, passing="fastcgi_pass"):
        self.servers.append((name, socket, passing, free_port()))
        return self.servers[-1][3]

    def write_site(self, name, socket, passing, port, first):
        """nginx/minsheng.conf as it is, for another program."""
        with open("nginx/minsheng.conf", encoding="utf-8") as f:
            text = f.read()
        if not first:
            text = re.sub(r"(?ms)^map .*?^}\n", "", text)
        for old, new in (
                (r"upstream minsheng", f"upstream {name}"),
                (r"unix:/run/minsheng/minsheng.sock", f"unix:{socket}"),
                (r"listen 127.0.0.1:8080;", f"listen 127.0.0.1:{port};"),
                (r"/usr/share/minsheng/www", f"{self.folder}/www"),
                (r"/var/log/nginx/minsheng.log", f"{self.folder}/access.log"),
                (r"fastcgi_pass minsheng;", PASSING[passing].format(name))):
            if old not in text:
                raise SystemExit(f"nginx/minsheng.conf里没有：{old}")
            text = text.replace(old, new)
        return text

    def start_nginx(self):
        os.makedirs(f"{self.folder}/www")
        with open(f"{self.folder}/www/4k.txt", "wb") as f:
            f.write(b"x" * 4096)
        subprocess.run(["nginx/fill", "127.0.0.1:1", "unused", self.folder],
                       check=True)
        with open(f"{self.folder}/minsheng.conf", "w", encoding="utf-8") as f:
            for i, server in enumerate(self.servers):
                f.write(self.write_site(*server, first=i == 0))
        self.nginx = Process("nginx", [
            "nginx", "-e", f"{self.folder}/nginx-error.log",
            "-c", f"{self.folder}/nginx.conf", "-g", "daemon off;"],
            f"{self.folder}/nginx.out")
        self.processes.append(self.nginx)
        self.nginx.start()
        wait_http(self.servers[0][3], "/4k.txt")

    def stop(self):
        for process in reversed(self.processes):
            process.stop()


def wait_http(port, path):
    end = time.monotonic() + 15
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}"):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def make_reports(tasks):
    """Each unit with a quota reported at the ends of May and of August."""
    reports = []
    for task in tasks:
        for indicator in task.get("indicators", []):
            for quota in indicator.get("quotas", []):
                for month in (5, 8) if quota["qty"] else ():
                    reports.append({
                        "_id": f"5eed2019-0000-4000-8000-{len(reports):012}",
                        "planId": task["planId"],
                        "taskId": task["_id"],
                        "indicatorId": indicator["id"],
                        "orgId": quota["orgId"],
                        "asOf": f"2019-{month:02}-31",
                        "value": {"kind": "number",
                                  "n": quota["qty"] * month // 12},
                        "state": "accepted",
                        "acceptedAt": f"2019-{month + 1:02}-04T02:00:00.000Z",
                        "revision": 1,
                        "supersedes": None,
                    })
    return reports
