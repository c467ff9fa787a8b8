"""scripts/bench --writes: reports are submitted, through nginx, for good."""

import json
import os
import shutil
import sqlite3
import subprocess
import urllib.request

import tables
import writes
from measure import Target, keys, submit, wrk
from world import SAMPLE

REPORTERS = 200


class Writer(Target):
    """A program whose reports come from files that go on between rounds."""

    def __init__(self, key, title, process, files):
        super().__init__(key, title, process.port, "/", process)
        self.files = files
        self.offsets = [0, 0]
        self.acknowledged = 0
        self.sent_more = 0  # under way when a round ended: may be there

    def check(self):
        urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/healthz").close()


def measure(target, nginx, seconds, connections=64):
    run = submit if isinstance(target, Writer) else wrk
    return run(target, nginx, seconds, connections)


def make_lines(world, tasks, plans):
    """Two files for the threads of wrk, one for what is paced."""
    names = [f"{world.folder}/lines-{i}" for i in range(3)]
    files = [open(name, "w", encoding="utf-8") for name in names]
    for i, line in enumerate(writes.lines(tasks, plans, keys.bearer)):
        files[(0, 1, 2, 2)[i % 4]].write(line + "\n")
    for file in files:
        file.close()
    return names


def make_store(world, tasks, plans):
    """Issued plans, nothing reported, one reporter in each unit."""
    data = world.make_data()
    people = f"{world.folder}/reporters.ndjson"
    with open(people, "w", encoding="utf-8") as f:
        for line in keys.stream(writes.people(tasks, plans)):
            f.write(json.dumps(line, ensure_ascii=False) + "\n")
    world.command(data, "import", people)
    return world.grow(data, plans + 1, "writes", "--unreported")


def submit_paced(world, target, rate, seconds, lines):
    out = subprocess.run(
        [f"{world.tools}/bench_load", "-p", str(target.port), "-r",
         str(round(rate)), "-c", str(REPORTERS), "-d", str(seconds), "-w",
         "0", "-f", lines], check=True, capture_output=True, text=True).stdout
    r = json.loads(out)
    target.acknowledged += r["requests"] - r["errors"]
    target.sent_more += r["errors"]
    return {**r, "title": f"{REPORTERS}人同时上报"}


def count(data):
    with sqlite3.connect(f"file:{data}/minsheng.db?mode=ro", uri=True) as db:
        return db.execute("SELECT count(*) FROM reports WHERE id NOT LIKE"
                          " '5eed2019-%'").fetchone()[0]


def check_stores(world, writers):
    """How many acknowledged reports are missing, how many audits fail."""
    lost = failed = 0
    for w in writers:
        data = w.process.take_data()
        there = count(data)
        lost += max(0, w.acknowledged - there)
        lost += max(0, there - w.acknowledged - w.sent_more)
        failed += subprocess.run(
            [world.program, "audit", "verify", f"--data={data}"],
            capture_output=True, check=False).returncode != 0
    return {"lost": lost, "audits_failed": failed}


def run(world, plan, alternate, ratio):
    with open(f"{SAMPLE}/tasks.json", encoding="utf-8") as f:
        tasks = json.load(f)
    tables.tell(f"准备{plan.write_plans}个计划的数据……")
    data = make_store(world, tasks, plan.write_plans)
    lines = make_lines(world, tasks, plan.write_plans)
    slow = {"LD_PRELOAD": os.path.abspath(
        f"{world.tools}/libbench_slow_sync.so")}
    writers = []
    for key, title, env, settings in (
            ("put", "上报一条", None, {}),
            ("slow", "fsync 5 ms，合并提交", slow, {}),
            ("single", "fsync 5 ms，每个请求各自提交", slow,
             {"write_batch": 1})):
        own = f"{world.folder}/data-{key}"
        shutil.copytree(data, own, ignore=shutil.ignore_patterns("lock"))
        writers.append(Writer(key, title, world.add_minsheng(
            key, own, env, **settings), lines))
    static = world.add_server("static", f"{world.folder}/none.sock")
    world.start_nginx()
    candidates = [Target("static", "静态文件4 KB", static, "/4k.txt"),
                  *writers]
    tables.tell("上报……")
    figures = alternate(candidates, world.nginx, plan.rounds, plan.seconds,
                        run=measure)
    for target in candidates:
        f = figures[target.key]
        f["title"] = target.title
        f["of_static"] = ratio(f, figures["static"])
    figures["slow"]["of_single"] = ratio(figures["slow"], figures["single"])
    tables.tell("定速……")
    paced = {"put": submit_paced(world, writers[0], figures["put"]["rps"] / 2,
                                 plan.write_seconds, lines[2])}
    memory = writers[0].process.rss()
    return {"writes": figures, "paced": paced, "memory_mb": memory,
            **check_stores(world, writers)}
