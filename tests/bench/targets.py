"""The targets: what, how much, and whether it was met."""


def judge(result):
    if "peers" in result:
        return list(judge_peers(result["peers"]))
    if "writes" in result:
        return list(judge_writes(result))
    return list(judge_product(result))


def target(title, value, limit, unit, least=False):
    met = value >= limit if least else value <= limit
    return {"title": title, "value": value, "limit": limit, "unit": unit,
            "least": least, "met": met}


def judge_product(r):
    reads, flat = r["reads"], r["flat"]
    stats = [f for key, f in flat.items() if key != "task"]
    yield target("一件实事，与同样大小的libfcgi空程序之比",
                 reads["task"]["of_same"] * 100, 70, "%", least=True)
    for key in ("task-304", "stats", "stats-304"):
        yield target(f"{reads[key]['title']}，与同样大小的libfcgi空程序之比",
                     reads[key]["of_same"] * 100, 85, "%", least=True)
    yield target("一个计划的统计，无缓存，每次CPU（各类中最多的）",
                 max(max(f["cpu_ms"].values()) for f in stats), 2, " ms")
    for f in stats:
        yield target(f"{f['title']}，不同规模之间最多与最少之比",
                     f["max_to_min"], 1.2, "")
    for p in r["paced"].values():
        yield target(f"{p['title']}，一半负荷时的p99",
                     p["p99"] / 1000, 20, " ms")
    yield target("内存，全部做完以后", r["memory_mb"][-1], 40, " MB")
    # The first point is before the caches of the process are warm.
    yield target("内存增长，第一轮以后",
                 r["memory_mb"][-1] / r["memory_mb"][1], 1.1, "")
    yield target("启动到就绪", r["start_ms"], 150, " ms")
    yield target("满负荷时的停止", r["stop_s"], 1, " s")
    yield target("出错的请求", sum(x["errors"] for x in [
        *reads.values(), *r["paced"].values(), *flat.values()]), 0, "")


def judge_writes(r):
    writes = r["writes"]
    yield target("上报，与静态文件之比",
                 writes["put"]["of_static"] * 100, 25, "%", least=True)
    yield target("fsync为5 ms时，合并提交与每个请求各自提交之比",
                 writes["slow"]["of_single"], 20, "", least=True)
    for p in r["paced"].values():
        yield target(f"{p['title']}，一半负荷时的p99", p["p99"] / 1000, 60,
                     " ms")
    yield target("出错的请求", sum(x["errors"] for x in [
        *writes.values(), *r["paced"].values()]), 0, "")
    yield target("确认了而不在库中的上报", r["lost"], 0, "")
    yield target("审计没有通过验证的库", r["audits_failed"], 0, "")


def judge_peers(peers):
    for key, least in (("express", 5), ("uwsgi", 4), ("gunicorn", 4)):
        if key in peers:
            yield target(f"与{peers[key]['title']}之比",
                         1 / peers[key]["of_ours"], least, "", least=True)
    yield target("出错的请求", sum(p["errors"] for p in peers.values()), 0, "")
