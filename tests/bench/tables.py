"""Results as tables in the terminal."""

import sys
import unicodedata


def tell(text):
    print(text, file=sys.stderr, flush=True)


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def pad(text, n, left):
    space = " " * (n - width(text))
    return text + space if left else space + text


def table(headings, rows):
    rows = [headings] + rows
    widths = [max(width(row[i]) for row in rows) for i in range(len(headings))]
    for n, row in enumerate(rows):
        print("  ".join(pad(cell, widths[i], i == 0)
                        for i, cell in enumerate(row)).rstrip())
        if n == 0:
            print("  ".join("-" * w for w in widths))
    print()


def us(value):
    return f"{value / 1000:.2f}"


def print_rates(title, figures, ratio):
    headings = [title, "请求/秒", "离散"] + [name for name, _ in ratio] + [
        "nginx µs", "程序 µs", "p50 ms", "p99 ms", "错误"]
    table(headings, [[
        f["title"], f"{f['rps']:,.0f}", f"±{f['spread'] * 50:.0f}%",
        *(f"{f[key] * 100:.0f}%" for _, key in ratio),
        f"{f['cpu_nginx_us']:.0f}", f"{f['cpu_program_us']:.0f}",
        us(f["p50_us"]), us(f["p99_us"]), str(f["errors"]),
    ] for f in figures.values()])


def print_paced(paced):
    table(["定速（最大的一半）", "请求/秒", "p50 ms", "p90 ms", "p99 ms",
           "p99.9 ms", "最长 ms", "错误"], [[
               p["title"], f"{p['rate']:,.0f}", us(p["p50"]), us(p["p90"]),
               us(p["p99"]), us(p["p999"]), us(p["max"]), str(p["errors"]),
           ] for p in paced.values()])


def print_flat(flat):
    sizes = list(next(iter(flat.values()))["cpu_ms"])
    table(["每次CPU ms，库中计划数"] + [f"{n:,}" for n in sizes]
          + ["最多/最少"], [[
              f["title"], *(f"{f['cpu_ms'][n]:.3f}" for n in sizes),
              f"{f['max_to_min']:.2f}"] for f in flat.values()])


def print_rest(r):
    memory = r["memory_mb"]
    by = "，".join(f"{n:,}个计划{mb:.0f}"
                  for n, mb in r["memory_by_plans_mb"].items())
    print(f"内存（MB）：启动后{r['memory_start_mb']:.1f}；各轮之后"
          + "、".join(f"{mb:.1f}" for mb in memory[1:]))
    print(f"  不同规模（MB）：{by}")
    print(f"启动到就绪：{r['start_ms']:.0f} ms；计划最多时"
          f"{r['start_ms_most_plans']:.0f} ms")
    print(f"满负荷时收到SIGTERM到退出：{r['stop_s'] * 1000:.0f} ms\n")


def print_targets(targets):
    table(["目标", "实际", "要求", "结论"], [[
        t["title"], f"{t['value']:.4g}{t['unit']}",
        f"{'≥' if t['least'] else '≤'} {t['limit']}{t['unit']}",
        "达到" if t["met"] else "未达到"] for t in targets])


def print_all(r):
    load = r["machine"]["load_before"]
    print(f"\n{r['machine']['date']}，{r['machine']['cores']}个核，"
          f"开始前负载{load:.1f}"
          + ("：机器上有别的工作，数字偏低\n" if load > 0.5 else "\n"))
    if "peers" in r:
        print_rates("读取同一件实事，各2个进程", r["peers"],
                    [("为本程序的", "of_ours")])
    elif "writes" in r:
        print_rates("上报，64个连接", r["writes"], [("比静态", "of_static")])
        print_paced(r["paced"])
    else:
        print_rates("读取，64个连接", r["reads"],
                    [("比静态", "of_static"), ("比4 KB空程序", "of_hello"),
                     ("比同样大小的", "of_same")])
        print_paced(r["paced"])
        print_flat(r["flat"])
        print_rest(r)
    print_targets(r["targets"])
