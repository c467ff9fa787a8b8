"""The statistics of the played year, cell by cell against the evaluator.

year_figures.py SOCKET KEYS LOG [DAY KNOWN]...
SOCKET may be http://host:port, KEYS a file for curl -K.
"""
import hashlib
import http.client
import importlib.machinery
import importlib.util
import json
import sys

import evaluator

loader = importlib.machinery.SourceFileLoader("year", "scripts/sample/year")
spec = importlib.util.spec_from_loader("year", loader)
year = importlib.util.module_from_spec(spec)
loader.exec_module(year)

DAYS = ("2019-05-06", "2019-07-05", "2019-10-20", "2019-12-31")
KNOWN = ("2019-10-15T00:00:00.000Z", "2020-01-31T00:00:00.000Z")
bad, cells = 0, 0


def compare(where, wanted, got):
    """Everything that is wanted is there, and the same."""
    global bad, cells
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key, value in wanted.items():
            compare(f"{where}/{key}", value, got.get(key, "(nothing)"))
    elif isinstance(wanted, list) and isinstance(got, list) \
            and len(wanted) == len(got):
        for n, pair in enumerate(zip(wanted, got)):
            compare(f"{where}/{n}", *pair)
    else:
        cells += 1
        if wanted != got:
            bad += 1
            if bad <= 40:
                print(f"{where}: {got}, wanted {wanted}")


def by(key, rows):
    return {row[key]: row for row in rows}


class Statistics:
    def __init__(self, path, keys):
        self.conn = year.Unix(path) if path.startswith("/") \
            else http.client.HTTPConnection(path.split("//")[1])
        with open(keys, encoding="utf-8") as f:
            text = f.read()
        self.key = json.loads(text)[year.OFFICE] if text.startswith("{") \
            else text.split(": ")[1].strip().strip('"')

    def get(self, target):
        self.conn.request("GET", target, headers={"Authorization": self.key})
        answer = self.conn.getresponse()
        self.text = answer.read()
        assert answer.status == http.client.OK, (target, self.text)
        return json.loads(self.text)

    def ask(self, family, day, known, **more):
        query = "".join(f"&{k}={v}" for k, v in more.items())
        return self.get(f"/api/v1/stats/{family}?plan={year.PLAN}&asOf={day}"
                        f"&knownAt={known}{query}")


def check(stats, diary, day, known):
    view = evaluator.View(diary, evaluator.parse(day), known)
    where = f"{day} known {known[:10]}"
    got = stats.ask("headline", day, known)
    got["tasks"] = by("taskId", got["tasks"])
    compare(f"{where} headline", view.headline(), got)
    got, wanted = stats.ask("matrix", day, known), view.matrix()
    got["tasks"] = by("taskId", got["tasks"])
    got["rows"] = {row["orgId"]: by("taskId", row["cells"])
                   for row in got["rows"]}
    compare(f"{where} matrix", wanted, got)
    shape = {org: sorted(row) for org, row in got["rows"].items()}
    compare(f"{where} matrix", {org: sorted(row) for org, row
                                in wanted["rows"].items()}, shape)
    compare(f"{where} matrix units", len(wanted["rows"]), len(shape))
    for name, key in (("org", "orgId"), ("task", "taskId"),
                      ("month", "month")):
        rows = by(key, stats.ask("timeliness", day, known, by=name)["rows"])
        wanted = view.timeliness(name)
        compare(f"{where} timeliness", wanted, rows)
        compare(f"{where} timeliness by {name}: rows without obligations",
                0, sum(rows[k]["obliged"] for k in rows.keys() - wanted))
    got = by("taskId", stats.ask("trend", day, known)["rows"])
    compare(f"{where} trend", view.trend(),
            {task: row["points"] for task, row in got.items()})
    compare(f"{where} by month", view.by_month(), by("month", stats.ask(
        "completion", day, known, by="month")["rows"]))
    got = by("taskId", stats.ask("milestones", day, known, by="task")["rows"])
    compare(f"{where} milestones", view.milestones(), {
        task: by("id", row["milestones"]) for task, row in got.items()})
    got = by("taskId", stats.ask("funding", day, known, by="task")["rows"])
    compare(f"{where} money", view.money(),
            {task: row["flows"] for task, row in got.items()})
    return view.counts()


# ---- frozen months ----

def corrected(diary, frozen, known):
    """What became known of a frozen month, by task."""
    day = max(d for month, d in evaluator.month_ends(
        evaluator.parse("2019-04-04"), evaluator.parse("2019-12-31"))
        if month == frozen["month"])
    was = evaluator.View(diary, day, frozen["at"]).done()
    now = evaluator.View(diary, day, known).done()
    return {f"{frozen['month']} {task}": {"was": n, "now": now[task]}
            for task, n in was.items() if n != now[task]}


def told(rows):
    return {f"{r['month']} {r['taskId']}": {"was": r["was"], "now": r["now"]}
            for r in rows}


def check_months(stats, diary):
    """Their bytes are those of the day, and what they say was known then."""
    before, total = [], 0
    for f in diary.facts["frozen"]:
        target = f"/api/v1/plans/{year.PLAN}/months/{f['month']}"
        month = stats.get(target)
        compare(f"{target} bytes", f["sha256"],
                hashlib.sha256(stats.text).hexdigest())
        view = evaluator.View(diary, evaluator.parse(month["asOf"]), f["at"])
        got = month["answers"]["headline"]
        got["tasks"] = by("taskId", got["tasks"])
        compare(f"{target} headline", view.headline(), got)
        wanted = {}
        for earlier in before:
            wanted.update(corrected(diary, earlier, f["at"]))
        compare(f"{target} corrections", wanted, told(month["corrections"]))
        compare(f"{target} corrections", len(wanted),
                len(month["corrections"]))
        later = corrected(diary, f, KNOWN[1])
        got = stats.get(f"{target}/corrections?knownAt={KNOWN[1]}")
        compare(f"{target} corrected since", later, told(got["items"]))
        compare(f"{target} corrected since", len(later),
                len(got["items"]))
        before.append(f)
        total += len(later)
    return len(before), total


def main():
    stats = Statistics(sys.argv[1], sys.argv[2])
    diary = evaluator.Diary(sys.argv[3])
    asked = list(zip(sys.argv[4::2], sys.argv[5::2])) or [
        (d, k) for d in DAYS for k in KNOWN]
    for day, known in asked:
        print(day, known[:10], *check(stats, diary, day, known).values())
    if not sys.argv[4:]:
        print("%d months frozen, %d figures corrected since"
              % check_months(stats, diary))
    print(cells, "figures compared,", bad, "differ")
    sys.exit(1 if bad or not cells else 0)


main()
