"""Reports to be submitted, one to a line: path, who asks, body.

Each is one that nobody has submitted: of a copied plan (plans.c) that has no
reports yet.  Neighbours in the order are of different series, so that those
under way at the same time do not wait for each other.
"""

import calendar
import itertools
import json
import random

FIRST_DIVISION = 2001
FIRST_YEAR = 2000
YEARS = 25  # of one division, as in plans.c
TOGETHER = 8  # plans that are reported on at the same time
MONTHS = range(4, 13)
STORY = ("本月按计划推进，已完成选址、招标和进场，施工单位每日报送进度，"
         "街道和社区代表参加了现场查看，资金按进度拨付，没有拖欠。")


def division(k):
    return f"{FIRST_DIVISION + k // YEARS}"


def year(k):
    return FIRST_YEAR + k % YEARS


def series_of(tasks):
    """(number of the task, indicator, unit, quantity) of each quota."""
    return [(task["no"], indicator["id"], quota["orgId"], quota["qty"])
            for task in tasks
            for indicator in task.get("indicators", [])
            for quota in indicator.get("quotas", []) if quota["qty"]]


def people(tasks, plans):
    """Who reports: one person in each unit of each division."""
    units = sorted({unit for _, _, unit, _ in series_of(tasks)})
    divisions = sorted({division(k) for k in range(plans)})
    return [f"reporter@{d}{unit[4:]}" for d in divisions for unit in units]


def body(plan, at, series, month):
    no, indicator, unit, qty = series
    day = calendar.monthrange(at, month)[1]
    return json.dumps({
        "taskId": f"{plan}-{no:02}", "indicatorId": indicator, "orgId": unit,
        "asOf": f"{at}-{month:02}-{day}",
        "value": {"kind": "number", "n": qty * month // 12},
        "narrative": STORY, "nextStep": "下月完成主体工程。", "submit": True,
    }, ensure_ascii=False)


def lines(tasks, plans, bearer):
    """Of the first `plans` copies; the ids are random, as clients' are."""
    draw = random.Random(plans)
    for first in range(0, plans, TOGETHER):
        together = range(first, min(first + TOGETHER, plans))
        for month, k, series in itertools.product(
                MONTHS, together, series_of(tasks)):
            at, where = year(k), division(k)
            unit = f"{where}{series[2][4:]}"
            bits = draw.getrandbits(120)
            uuid = f"{bits >> 88:08x}-{bits >> 72 & 0xffff:04x}-4" \
                   f"{bits >> 60 & 0xfff:03x}-8{bits >> 48 & 0xfff:03x}-" \
                   f"{bits & 0xffffffffffff:012x}"
            yield "\t".join((
                f"/api/v1/reports/{uuid}", bearer(f"reporter@{unit}"),
                body(f"{where}00-{at}", at, (*series[:2], unit, series[3]),
                     month)))
