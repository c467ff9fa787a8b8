"""What the played year left, against sums made here.

year.py SOCKET KEYS LOG: every write that was answered is there, each series
rises month by month unless corrected, and `done` of each task at four days
and two instants is the sum of the newest accepted numbers.
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


def all_states(asker):
    """The state of each unit at each event milestone."""
    for task, milestone, org in year.duties(year.load("tasks")):
        yield asker.get(f"/api/v1/tasks/{task['_id']}/milestones/"
                        f"{milestone['id']}/orgs/{org}")


def check_steps(states, path):
    """What was answered about milestones is so, or went on from there."""
    there = {(s["taskId"], s["milestoneId"], s["orgId"]): s for s in states}
    with open(path, encoding="utf-8") as f:
        for line in f:
            row = json.loads(line)
            if "/milestones/" not in row.get("target", "") \
                    or row["status"] >= 300:
                continue
            doc = row["doc"]
            kept = there[doc["taskId"], doc["milestoneId"], doc["orgId"]]
            if kept.get("rev", 0) < doc["rev"]:
                complain("lost:", row["target"])


def check_milestones(asker, states, day, known):
    """Units that met each event milestone, by what was verified."""
    met = {}
    for s in states:
        if (s["state"] == "verified" and s["metOn"] <= day
                and s["verifiedAt"] <= known):
            key = (s["taskId"], s["milestoneId"])
            met[key] = met.get(key, 0) + 1
    for task in year.load("tasks"):
        shown = asker.get(f"/api/v1/tasks/{task['_id']}/milestones"
                          f"?asOf={day}&knownAt={known}")["milestones"]
        for m, row in zip(task["milestones"], shown):
            wanted = met.get((task["_id"], m["id"]), 0)
            if m["rule"]["type"] == "event" and row["met"] != wanted:
                complain(task["_id"], m["id"], day, known, row["met"], wanted)
    return sum(met.values())


def main():
    asker = Asker(sys.argv[1], sys.argv[2])
    reports = asker.all_reports()
    answered = check_log(reports, sys.argv[3])
    totals = [check_sums(asker, reports, d, k) for d in DAYS for k in KNOWN]
    states = list(all_states(asker))
    check_steps(states, sys.argv[3])
    met = [check_milestones(asker, states, d, k)
           for d in DAYS for k in KNOWN]
    periods = {(r["taskId"], r["orgId"], r["period"]) for r in reports}
    if not 400 <= len(periods) <= 440:
        complain(len(periods), "months reported")
    if not 0 < totals[1] < totals[-1]:
        complain("totals", totals)
    print(len(reports), "reports,", len(periods), "months,", answered,
          "answered writes; totals", totals, "milestones met", met)
    sys.exit(1 if bad else 0)


main()
