"""scripts/bench --engine mongodb: does one plan stay as quick among others?

Databases of all sizes on one server, each behind its own program without a
cache.  They are asked in turns, one request at a time, through nginx.
"""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import time

import tables
from measure import KEY
from world import PLAN

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "mongo"))

ARGS = {"plans": [PLAN], "asOf": "2019-08-31",
        "knownAt": "2030-01-01T00:00:00.000Z"}
PARTS = ("task", "indicator", "milestone", "unit", "duty", "funding")


class Database:
    """One database with `size` plans, made or, if it is there, used again."""

    def __init__(self, world, server, name, size):
        base, _, query = server.partition("?")
        self.name = f"{name}_{size}"
        self.size = size
        self.uri = f"{base.rstrip('/')}/{self.name}" + (
            f"?{query}" if query else "")
        self.world = world

    def command(self, *argv):
        done = subprocess.run([*argv, f"--store={self.uri}"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(argv)}：{done.stderr}")

    def fill(self, client):
        if client[self.name].plans.count_documents({}) >= self.size:
            return
        tables.tell(f"准备{self.size}个计划的数据……")
        if not client[self.name].plans.find_one({"_id": PLAN}):
            self.world.make_sample(
                lambda *argv: self.command(self.world.program, *argv))
        # The copies are what was accepted already; they need no validators.
        self.command(f"{self.world.tools}/bench_plans", str(self.size), PLAN,
                     "--mongodb-validators=false")

    def serve(self):
        folder = f"{self.world.folder}/{self.name}"
        self.process = self.world.add_minsheng(
            self.name, folder, store=self.uri, stats_cache=0)

    def ask(self, path):
        """Milliseconds from the request to the end of the answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.process.port)
        begin = time.perf_counter()
        link.request("GET", path, headers=dict([KEY.split(": ", 1)]))
        answer = link.getresponse()
        size = len(answer.read())
        took = (time.perf_counter() - begin) * 1000
        link.close()
        if answer.status != 200 or size < 100:
            raise SystemExit(f"{path}：{answer.status}，{size}字节")
        return took


def measure(databases, path, rounds):
    """Medians by size; the first round warms what there is to warm."""
    took = {d.size: [] for d in databases}
    for n in range(rounds + 1):
        # No size always comes after the same one.
        for d in random.sample(databases, len(databases)):
            ms = d.ask(path)
            if n > 0:
                took[d.size].append(ms)
    return took


def summary(title, took):
    ms = {size: statistics.median(v) for size, v in took.items()}
    middle = statistics.median(ms.values())
    return {
        "title": title,
        "ms": ms,
        "quartiles": {size: statistics.quantiles(v, n=4)
                      for size, v in took.items()},
        "off": max(abs(v / middle - 1) for v in ms.values()),
    }


def explain(client, database):
    """{part: the indexes it reads, or COLLSCAN; its first stage's first}."""
    from pipelines import STATS, bind, read, walk  # needs pymongo as well
    out = {}
    for part in PARTS:
        template = json.loads(read(STATS, f"{part}.json"))
        plan = client[database.name].command(
            "explain", {"aggregate": template["collection"], "cursor": {},
                        "pipeline": bind(template["pipeline"], ARGS)},
            verbosity="queryPlanner")
        scans = [d for d in walk(plan) if isinstance(d, dict) and
                 d.get("stage") in ("IXSCAN", "COLLSCAN")]
        out[part] = [s.get("indexName") or s["stage"] for s in scans]
    return out


def print_all(r):
    sizes = list(next(iter(r["flat"].values()))["ms"])
    tables.table(["每次ms（中位数），库中计划数"]
                 + [f"{n:,}" for n in sizes] + ["偏离中间"], [[
                     f["title"], *(f"{f['ms'][n]:.2f}" for n in sizes),
                     f"±{f['off'] * 100:.0f}%"] for f in r["flat"].values()])
    tables.table(["聚合的部分", "explain：各次读取所用的索引"], [
        [part, "、".join(used)] for part, used in r["explain"].items()])
    tables.print_targets(r["targets"])


def judge(r):
    for f in r["flat"].values():
        yield {"title": f"{f['title']}，不同规模偏离中间", "unit": "%",
               "value": f["off"] * 100, "limit": 20, "least": False,
               "met": f["off"] <= 0.2}
    scans = sum("COLLSCAN" in used or not used
                for used in r["explain"].values())
    yield {"title": "不用索引的聚合", "value": scans, "limit": 0, "unit": "",
           "least": False, "met": scans == 0}


def run(world, args, sizes, families):
    import pymongo  # not where only SQLite is measured
    client = pymongo.MongoClient(args.uri)
    name = args.keep or f"minsheng_bench_{os.getpid()}"
    databases = [Database(world, args.uri, name, size) for size in sizes]
    try:
        for d in databases:
            d.fill(client)
            d.serve()
        world.start_nginx()
        result = {"server": client.server_info().get("version"), "flat": {}}
        for key, title, path in families:
            tables.tell(f"{title}……")
            result["flat"][key] = summary(
                title, measure(databases, path, 15 if args.quick else 100))
        result["explain"] = explain(client, databases[-1])
    finally:
        world.stop()
        if not args.keep:
            for d in databases:
                client.drop_database(d.name)
    result["targets"] = list(judge(result))
    print_all(result)
    return result
