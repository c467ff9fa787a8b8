"""What the played year left, against sums made here.

year.py SOCKET KEYS LOG: every write that was answered is there, and `done` of
each task at four days and two instants is the sum of the newest accepted
numbers of the reports that are read back.  Every other figure is held against
the play's diary by year_figures.py.
"""
import http.client
import importlib.machinery
import importlib.util
import json
import sys

loader = importlib.machinery.SourceFileLoader("year", "scripts/sample/year")
spec = importlib.util.spec_from_loader("year", loader)
year = importlib.util.module_from_spec(spec)
loader.exec_module(year)

DAYS = ("2019-04-30", "2019-06-30", "2019-09-30", "2019-12-31")
KNOWN = ("2019-10-15T00:00:00.000Z", "2020-01-31T00:00:00.000Z")
bad = 0


def complain(*words):
    global bad
    bad += 1
    print(*words)


class Asker:
    def __init__(self, path, keys):
        self.conn = year.Unix(path)
        with open(keys, encoding="utf-8") as f:
            self.keys = json.load(f)

    def get(self, target):
        self.conn.request("GET", target, headers={
            "Authorization": self.keys[year.OFFICE]})
        answer = self.conn.getresponse()
        doc = json.loads(answer.read())
        assert answer.status == http.client.OK, (target, doc)
        return doc

    def all_reports(self):
        out, cursor = [], ""
        while cursor is not None:
            page = self.get("/api/v1/reports?plan=140800-2019&limit=200"
                            + (f"&cursor={cursor}" if cursor else ""))
            out += page["items"]
            cursor = page["nextCursor"]
        return out


def newest(reports, day, known):
    """(task, unit) -> number: what stands on a day, as known then."""
    best = {}
    for r in reports:
        value = r["value"]
        if (r.get("acceptedAt", "9") > known or r["asOf"] > day
                or value["kind"] != "number"):
            continue
        rank = (r["asOf"], r["revision"])
        key = (r["taskId"], r["orgId"])
        if key not in best or rank > best[key][0]:
            best[key] = (rank, value["n"])
    return {k: v[1] for k, v in best.items()}


def check_sums(asker, reports, day, known):
    rows = asker.get("/api/v1/stats/completion?plan=140800-2019&by=task"
                     f"&asOf={day}&knownAt={known}")["rows"]
    sums = {}
    for (task, _), n in newest(reports, day, known).items():
        sums[task] = sums.get(task, 0) + n
    for row in rows:
        for i in row["indicators"][:1]:
            wanted = sums.get(row["taskId"], 0)
            if i["done"] != wanted:
                complain(row["taskId"], day, known, i["done"], wanted)
    return sum(sums.values())


def check_log(reports, path):
    there, n = {r["_id"]: r for r in reports}, 0
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if "/reports/" not in row.get("target", "") or row["status"] >= 300:
                continue
            n += 1
            doc = row["doc"]
            kept = there.get(doc["_id"])
            if kept is None or kept["rev"] < doc["rev"]:
                complain("lost:", doc["_id"], doc["rev"])
    return n


KEPT = ("milestones", "changes", "checks", "notices", "fund-flows")


def check_steps(asker, path):
    """What was answered about anything else is so, or went on from there."""
    last = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            target = row.get("target", "").split(":")[0]
            if row.get("status", 999) < 300 and any(
                    f"/{what}/" in target for what in KEPT):
                last[target] = max(row["doc"]["rev"], last.get(target, 0))
    for target, rev in last.items():
        if asker.get(target).get("rev", 0) < rev:
            complain("lost:", target)
    return len(last)


def main():
    asker = Asker(sys.argv[1], sys.argv[2])
    reports = asker.all_reports()
    answered = check_log(reports, sys.argv[3])
    totals = [check_sums(asker, reports, d, k) for d in DAYS for k in KNOWN]
    others = check_steps(asker, sys.argv[3])
    periods = {(r["taskId"], r["orgId"], r["period"]) for r in reports}
    if not 400 <= len(periods) <= 440:
        complain(len(periods), "months reported")
    if not 0 < totals[1] < totals[-1]:
        complain("totals", totals)
    print(len(reports), "reports,", len(periods), "months,", answered,
          "answered writes,", others, "other documents; totals", totals)
    sys.exit(1 if bad else 0)


main()
