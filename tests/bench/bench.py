"""What scripts/bench does once everything is built: docs/performance.md."""

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import time

import mongodb
import peers_run
import tables
import writes_run
from measure import Target, etag, paced, settle, wrk
from targets import judge
from world import PLAN, World

TASK = f"/api/v1/tasks/{PLAN}-04"
STATS = f"/api/v1/stats/completion?plan={PLAN}&by=task&asOf=2019-08-31"
FAMILIES = (
    ("completion-task", "完成情况 by=task", STATS),
    ("completion-org", "完成情况 by=org", STATS.replace("by=task", "by=org")),
    ("funding", "资金 by=level",
     f"/api/v1/stats/funding?plan={PLAN}&by=level&asOf=2019-08-31"),
    ("milestones", "节点",
     f"/api/v1/stats/milestones?plan={PLAN}&asOf=2019-08-31"),
    ("headline", "总体", f"/api/v1/stats/headline?plan={PLAN}&asOf=2019-08-31"),
)


class Plan:
    """How much is measured."""

    def __init__(self, quick):
        self.rounds = 3 if quick else 7
        self.seconds = 1 if quick else 3
        self.flat_rounds = 3 if quick else 5
        self.paced_seconds = 2 if quick else 8
        self.sizes = (10, 100, 1000) if quick else (10, 100, 1000, 10000)
        self.write_plans = 300 if quick else 2000
        self.write_seconds = 5 if quick else 60
        self.starts = 3 if quick else 7


def middle(rounds):
    """Medians of everything, and how far the rates lie apart."""
    rps = [r["rps"] for r in rounds]
    result = {key: statistics.median(r[key] for r in rounds)
              for key in rounds[0]}
    result["spread"] = (max(rps) - min(rps)) / result["rps"]
    result["errors"] = sum(r["errors"] for r in rounds)
    result["rounds"] = rps
    return result


def ratio(a, b):
    """Of the rates, round by round: neighbours share their disturbances."""
    return statistics.median(x / y for x, y in zip(a["rounds"], b["rounds"]))


def alternate(candidates, nginx, rounds, seconds, connections=64, after=None,
              run=wrk):
    """A B C A B C ...: what disturbs one round disturbs all candidates."""
    results = {target.key: [] for target in candidates}
    for target in candidates:
        target.check()
        run(target, nginx, 1, connections)
    for _ in range(rounds):
        for target in candidates:
            settle()
            results[target.key].append(
                run(target, nginx, seconds, connections))
        if after is not None:
            after()
    return {key: middle(r) for key, r in results.items()}


def bodies(world, data):
    """Bytes of the answers: bare programs of the same size stand beside."""
    sizes = {"task": world.answer_size(data, TASK),
             "stats": world.answer_size(data, STATS),
             "304": 0}
    return {key: world.add_process(
        f"plain{key}", [f"{world.tools}/bench_hello", "{socket}", str(size)])
        for key, size in sizes.items()}


def reads(world, main, plain, same, uncached):
    """Each with the bare program that sends as many bytes."""
    static = world.servers[0][3]
    return [
        Target("static", "静态文件4 KB", static, "/4k.txt"),
        Target("hello", "libfcgi空程序4 KB", plain.port, "/api/", plain),
        *(Target(f"hello-{key}", f"libfcgi空程序，{title}大小", p.port,
                 "/api/", p, empty=key == "304")
          for (key, p), title in zip(same.items(), ("事项", "统计", "304"))),
        Target("task", "一件实事", main.port, TASK, main),
        Target("task-304", "一件实事，304", main.port, TASK, main,
               etag(main.port, TASK)),
        Target("stats", "完成情况，有缓存", main.port, STATS, main),
        Target("stats-304", "完成情况，304", main.port, STATS, main,
               etag(main.port, STATS)),
        Target("stats-new", "完成情况，无缓存", uncached.port, STATS, uncached),
    ]


def twin(key):
    """The bare program of the same size, for what has one."""
    if key.endswith("-304"):
        return "hello-304"
    return {"task": "hello-task", "stats": "hello-stats",
            "stats-new": "hello-stats"}.get(key, "hello")


def measure_reads(world, main, plain, same, uncached, plan):
    candidates = reads(world, main, plain, same, uncached)
    memory = [main.rss()]
    figures = alternate(candidates, world.nginx, plan.rounds, plan.seconds,
                        after=lambda: memory.append(main.rss()))
    for target in candidates:
        f = figures[target.key]
        f["title"] = target.title
        f["of_static"] = ratio(f, figures["static"])
        f["of_hello"] = ratio(f, figures["hello"])
        f["of_same"] = ratio(f, figures[twin(target.key)])
    return candidates, figures, memory


def measure_paced(world, candidates, figures, plan):
    """Latency at half of what was just measured as the most."""
    result = {}
    for target in candidates:
        if target.key not in ("task", "task-304", "stats", "stats-new"):
            continue
        settle()
        result[target.key] = paced(
            target, figures[target.key]["rps"] / 2, plan.paced_seconds,
            f"{world.tools}/bench_load")
        result[target.key]["title"] = target.title
    return result


def measure_flatness(world, programs, plan):
    """CPU of one plan's statistics, and of a task, in stores of all sizes."""
    result = {}
    for key, title, path in FAMILIES + (("task", "一件实事", TASK),):
        candidates = [Target(str(size), title, p.port, path, p)
                      for size, p in programs.items()]
        figures = alternate(candidates, world.nginx, plan.flat_rounds, 1,
                            connections=4)
        ms = {size: figures[str(size)]["cpu_program_us"] / 1000
              for size in programs}
        result[key] = {
            "title": title,
            "cpu_ms": ms,
            "max_to_min": max(ms.values()) / min(ms.values()),
            "errors": sum(f["errors"] for f in figures.values()),
        }
    return result


def measure_start(world, data, plan):
    return statistics.median(
        world.time_start("start", data) for _ in range(plan.starts))


def measure_stop(world, main, target):
    """SIGTERM while 64 clients ask as fast as they can."""
    client = subprocess.Popen(
        ["wrk", "-t1", "-c64", "-d3s", target.url],
        stdout=subprocess.DEVNULL)
    time.sleep(1)
    took = main.stop()
    client.wait()
    return took


def run(world, plan):
    data = world.make_data()
    stores = {}
    for size in plan.sizes:
        tables.tell(f"准备{size}个计划的数据……")
        stores[size] = world.grow(data, size, f"plans-{size}")
    main = world.add_minsheng("main", shutil.copytree(
        stores[10], f"{world.folder}/main",
        ignore=shutil.ignore_patterns("lock")))
    plain = world.add_process(
        "plain", [f"{world.tools}/bench_hello", "{socket}"])
    same = bodies(world, stores[10])
    programs = {size: world.add_minsheng(f"plans{size}", store, stats_cache=0)
                for size, store in stores.items()}
    world.start_nginx()

    result = {"memory_start_mb": main.rss()}
    tables.tell("读取……")
    candidates, result["reads"], result["memory_mb"] = measure_reads(
        world, main, plain, same, programs[10], plan)
    tables.tell("定速……")
    result["paced"] = measure_paced(
        world, candidates, result["reads"], plan)
    tables.tell("不同规模……")
    result["flat"] = measure_flatness(world, programs, plan)
    result["memory_mb"].append(main.rss())
    result["memory_by_plans_mb"] = {s: p.rss() for s, p in programs.items()}
    result["stop_s"] = measure_stop(
        world, main, next(c for c in candidates if c.key == "task"))
    result["start_ms"] = measure_start(world, data, plan)
    result["start_ms_most_plans"] = measure_start(
        world, programs[plan.sizes[-1]].take_data(), plan)
    return result


def describe(args):
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "engine": args.engine,
        "quick": args.quick,
        "connections": 64,
        # More than a little of it: somebody else was using the machine.
        "load_before": os.getloadavg()[0],
    }


def read_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--writes", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--engine", default="sqlite")
    parser.add_argument("--uri", help="of the MongoDB server, no database")
    parser.add_argument("--keep", help="name of databases that stay")
    parser.add_argument("--program", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--folder", required=True)
    return parser.parse_args()


def main():
    args = read_arguments()
    plan = Plan(args.quick)
    world = World(args.folder, args.program, args.tools, args.engine)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    machine = describe(args)
    try:
        if args.engine == "mongodb":
            result = mongodb.run(world, args, plan.sizes, FAMILIES)
        elif args.writes:
            result = writes_run.run(world, plan, alternate, ratio)
        elif args.peers:
            result = peers_run.run(world, plan, alternate, ratio, TASK)
        else:
            result = run(world, plan)
    finally:
        world.stop()
    result = {"machine": machine, **result}
    if args.engine != "mongodb":
        result["targets"] = judge(result)
        tables.print_all(result)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(result, f, ensure_ascii=False, indent=2)
            f.write("\n")
    missed = any(not t["met"] for t in result["targets"])
    return 1 if args.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
