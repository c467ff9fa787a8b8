"""The figures of the played year, by loops over the play's own diary.

Nothing here comes from the program: tasks are the files of the sample, and
what happened is what the play did (the lines with "fact" of its log).  The
rules are those of docs/api.md, spelt out slowly.
"""
import collections
import datetime
import json
from fractions import Fraction

SAMPLE = "scripts/sample/140800-2019"
LIGHTS = ("grey", "blue", "red", "yellow", "green")
PROOF = {"submitted": "self", "unit_confirmed": "unit",
         "lead_confirmed": "lead", "accepted": "office"}
DAY = datetime.timedelta(days=1)
parse = datetime.date.fromisoformat


def load(name):
    with open(f"{SAMPLE}/{name}.json", encoding="utf-8") as f:
        return json.load(f)


def china_day(instant):
    """The civil day in Shanghai of 2019-05-31T16:00:00.000Z."""
    at = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return (at + datetime.timedelta(hours=8)).date()


def tenths(x):
    """An exact number cut to one decimal: 12.39 is "12.3"."""
    n = int(x * 10)
    return f"{'-' if n < 0 else ''}{abs(n) // 10}.{abs(n) % 10}"


def month_ends(first, last):
    """The last days of the months that have ended, and of the one running."""
    day = first.replace(day=1)
    while day <= last and day.year == first.year:
        after = (day.replace(day=28) + 4 * DAY).replace(day=1)
        yield day.isoformat()[:7], after - DAY
        day = after


class Diary:
    """What the play did."""

    def __init__(self, path):
        self.reports, self.facts = {}, collections.defaultdict(list)
        self.plan, self.tasks = load("plan"), load("tasks")
        with open(path, encoding="utf-8") as f:
            for line in f:
                row = json.loads(line)
                if "fact" in row:
                    self.enter(row)
        self.series = collections.defaultdict(list)
        for r in self.reports.values():
            self.series[r["task"], r["org"]].append(r)

    def enter(self, row):
        if row["fact"] == "report":
            self.reports[row["id"]] = {**row, "steps": []}
        elif row["fact"] == "step":
            self.reports[row["id"]]["steps"].append(row)
        else:
            self.facts[row["fact"]].append(row)


class Task:
    """One task as it was known at an instant, seen on a day."""

    def __init__(self, view, task):
        self.view, self.id, self.kind = view, task["_id"], task["kind"]
        self.lead = task["lead"]["orgId"]
        self.indicator = (task.get("indicators") or [None])[0]
        self.quotas = {q["orgId"]: q["qty"] for q in self.indicator["quotas"]
                       } if self.indicator else {}
        self.milestones = {m["id"]: {**m, "orgs": list(m["orgs"])
                                     or [self.lead]}
                           for m in task["milestones"]}
        for f in view.known("moved"):
            if f["task"] == self.id:
                self.move(f)
        self.reports = {org: [r for r in rows if self.heard(r)]
                        for (task_id, org), rows in view.diary.series.items()
                        if task_id == self.id}

    def move(self, f):
        """A change: a unit leaves a milestone, perhaps for one of its own."""
        self.milestones[f["milestone"]]["orgs"].remove(f["org"])
        if f["to"]:
            self.milestones[f["becomes"]] = {
                **self.milestones[f["milestone"]], "orgs": [f["org"]],
                "to": f["to"]}

    def heard(self, r):
        return (r["asOf"] <= self.view.day.isoformat()
                and self.steps(r, "submitted"))

    def steps(self, r, *to):
        return [s for s in r["steps"] if s["at"] <= self.view.instant
                and (not to or s["to"] in to)]

    # ---- numbers ----

    def newest(self, org, kinds=("number",)):
        """What was accepted last, of the latest month."""
        best = None
        for r in self.reports.get(org, []):
            accepted = self.steps(r, "accepted")
            value = self.steps(r, "submitted")[-1]["value"]
            if accepted and value["kind"] in kinds:
                rank = (r["asOf"], r["revision"])
                if best is None or rank > best[0]:
                    best = (rank, value)
        return best and best[1]

    def number(self, org):
        value = self.newest(org)
        return value["n"] if value else 0

    def total(self):
        return sum(self.number(org) for org in self.reports)

    def target(self):
        """None: nobody knows."""
        t = self.indicator["target"] if self.indicator else {}
        if t.get("state") == "given":
            return t["qty"]
        if t.get("state") == "derived" and None not in self.quotas.values():
            return sum(self.quotas.values())
        return None

    def pace(self):
        """What should be done on the day, in per cent; None: not said."""
        start, points = self.view.issued, {}
        for m in self.milestones.values():
            if m["rule"]["type"] == "percent":
                points[parse(m["to"])] = m["rule"]["percent"]
        if not points:
            return None
        line = sorted(points.items())
        if line[0][0] > start:
            line.insert(0, (start, 0))
        if self.view.day < line[0][0]:
            return Fraction(0)
        for (d0, p0), (d1, p1) in zip(line, line[1:]):
            if d0 <= self.view.day <= d1:
                return p0 + Fraction((p1 - p0) * (self.view.day - d0).days,
                                     (d1 - d0).days)
        return Fraction(line[-1][1])

    # ---- milestones and quotas ----

    def has_met(self, m, org):
        if m["rule"]["type"] == "event":
            return any(
                (f["task"], f["milestone"], f["org"])
                == (self.id, m["id"], org)
                and f["metOn"] <= self.view.day.isoformat()
                for f in self.view.known("met"))
        done, goal = self.total(), self.target()
        if self.quotas.get(org) is not None:
            done, goal = self.number(org), self.quotas[org]
        return goal is not None and done * 100 >= goal * m["rule"]["percent"]

    def count(self, org=None):
        """Obligations of a unit, or of all."""
        n, day = collections.Counter(), self.view.day
        for key, m in self.milestones.items():
            due = parse(m["to"])
            end = self.view.workdays(max(due, self.view.issued), 5)
            for unit in m["orgs"]:
                if org not in (None, unit):
                    continue
                met = self.has_met({**m, "id": key}, unit)
                n["total"] += 1
                n["met"] += met
                n["due"] += due <= day
                n["due met"] += met and due <= day
                n["overdue"] += not met and day > end
                n["soon"] += not met and day <= due <= day + 7 * DAY
                n["grace"] += not met and due < self.view.issued \
                    and day <= end
        for unit, qty in self.quotas.items():
            if org in (None, unit):
                met = qty is not None and self.number(unit) >= qty
                over = day >= datetime.date(2019, 12, 31)
                n["quotas"] += 1
                n["quotas due"] += over
                n["quotas met"] += met and over
        return n

    # ---- reports in time ----

    def owing(self):
        if self.kind == "milestone" or not self.indicator:
            return []
        return list(self.quotas) or [self.lead]

    def filing(self, org, month, due):
        """(on_time, late, open or missing; days late; nothing to report)"""
        there = [r for r in self.reports.get(org, [])
                 if r["asOf"][:7] == month]
        firsts = [china_day(self.steps(r, "submitted")[0]["at"])
                  for r in there]
        if not firsts or min(firsts) > self.view.day:
            return ("missing" if due < self.view.day else "open"), 0, False
        newest = max(there, key=lambda r: r["revision"])
        none = self.steps(newest, "submitted")[-1]["value"]["kind"] == "none"
        late = (min(firsts) - due).days
        return ("late", late, none) if late > 0 else ("on_time", 0, none)

    def lamps(self, org):
        """(timeliness, periods missing in a row, flagged, evidence)"""
        shown, missing = None, 0
        for month, due in self.view.months():
            how, late, _ = self.filing(org, month, due)
            if due < self.view.day:
                missing = missing + 1 if how == "missing" else 0
            if how != "open" or shown is None:
                shown = {"lamp": how, "period": month, "daysLate": late}
        if not self.reports.get(org):
            return shown, missing, False, "none"
        last = max(self.reports[org],
                   key=lambda r: (r["asOf"], r["revision"]))
        said = self.steps(last, "submitted")[-1]
        proof = PROOF.get(self.steps(last)[-1]["to"], "none")
        return shown, missing, said["flagged"], proof

    def check(self, org):
        there = [f for f in self.view.known("check")
                 if (f["task"], f["org"]) == (self.id, org)
                 and f["checkedOn"] <= self.view.day.isoformat()]
        return max(there, key=lambda f: (f["checkedOn"], f["at"]),
                   default=None)

    # ---- lights ----

    def judge(self, org=None):
        n = self.count(org)
        done, goal = (self.number(org), self.quotas.get(org)) if org \
            else (self.total(), self.target())
        pace = self.pace() if goal else None
        behind = pace - Fraction(100 * done, goal) if pace is not None \
            else None
        lamps = [self.lamps(o) for o in self.owing() if org in (None, o)]
        units = {f["org"] for f in self.view.known("check")
                 if f["task"] == self.id and org in (None, f["org"])}
        false = sum((self.check(o) or {}).get("verdict") == "false"
                    for o in units)
        complete = n["met"] >= n["total"] and (
            done >= goal if goal else n["total"] > 0)
        far = behind is not None and behind > 30
        said = [
            ("grey", "nothing_due", None,
             pace is None and not n["due"] and not complete),
            ("grey", "due_before_issue", n["grace"], n["grace"]),
            ("blue", "complete", None, complete),
            ("red", "milestone_overdue", n["overdue"], n["overdue"]),
            ("red", "far_behind", far and tenths(behind), far),
            *[("red", "periods_missing", k, k)
              for k in [sum(row[1] > 1 for row in lamps)]],
            ("red", "check_false", false, false),
            ("yellow", "behind", behind is not None and tenths(behind),
             behind is not None and 10 <= behind <= 30),
            ("yellow", "due_soon", n["soon"], n["soon"]),
            *[("yellow", "report_overdue", k, k)
              for k in [sum(row[1] > 0 for row in lamps)]],
            *[("yellow", "unit_flagged", k, k)
              for k in [sum(row[2] for row in lamps)]],
            ("green", "normal", None, True)]
        light = min((row[0] for row in said if row[3]), key=LIGHTS.index)
        return {"light": light, "class": self.classify(light, n, behind),
                "reasons": [{"code": code, "params": self.params(code, value)}
                            for color, code, value, holds in said
                            if holds and color == light]}

    @staticmethod
    def params(code, value):
        if value is None:
            return {}
        return {"points" if code.endswith("behind") else "count": value}

    @staticmethod
    def classify(light, n, behind):
        if light in ("blue", "grey"):
            return "done" if light == "blue" else "unassessable"
        if n["overdue"] or (behind is not None and behind >= 10):
            return "behind"
        return "ahead" if behind is not None and behind < -10 else "on_pace"

    def cell(self, org):
        """A cell of the matrix; None: the unit has no part in the task."""
        n, owes = self.count(org), org in self.owing()
        if not n["total"] and not n["quotas"] and not owes:
            return None
        shown, _, _, proof = self.lamps(org)
        if not owes:
            shown, proof = None, "office" if n["met"] else "none"
        check = self.check(org) or {"verdict": None, "checkedOn": None}
        figure = None
        if org in self.quotas:
            qty, last = self.quotas[org], self.newest(org, ("number", "none"))
            figure = {"indicatorId": "i1", "qty": qty,
                      "done": self.number(org),
                      "percent": tenths(Fraction(100 * self.number(org), qty))
                      if qty else None,
                      "reported": last["kind"] if last else "missing"}
        return {**self.judge(org), "taskId": self.id, "figure": figure,
                "timeliness": shown,
                "evidence": {
                    "lamp": "checked" if check["verdict"] == "true"
                    else proof, "verdict": check["verdict"],
                    "checkedOn": check["checkedOn"]},
                "milestones": {"due": n["due"], "met": n["due met"],
                               "overdue": n["overdue"], "total": n["total"]}
                if n["total"] else None}

    def point(self, month):
        goal, pace, done = self.target(), self.pace(), self.total()
        return {"month": month, "asOf": self.view.day.isoformat(),
                "done": done,
                "percent": tenths(Fraction(100 * done, goal))
                if goal else None,
                "pace": None if pace is None else tenths(pace),
                "reported": sum(self.newest(o) is not None
                                for o in self.reports)}


class View:
    """All tasks on a day, as they were known at an instant."""

    def __init__(self, diary, day, instant):
        self.diary, self.day, self.instant = diary, day, instant
        plan = diary.plan
        self.issued = parse(plan["issuedOn"])
        self.calendar = plan["policy"]["calendar"]
        self.due_day = plan["reporting"]["dueDay"]
        self.facts = {}
        self.tasks = [Task(self, t) for t in diary.tasks]

    def known(self, what):
        if what not in self.facts:
            self.facts[what] = [f for f in self.diary.facts[what]
                                if f["at"] <= self.instant]
        return self.facts[what]

    def workdays(self, day, n):
        while n > 0:
            day += DAY
            text = day.isoformat()
            if text in self.calendar["workdays"] or (
                    day.isoweekday() <= 5
                    and text not in self.calendar["holidays"]):
                n -= 1
        return day

    def months(self):
        """The months that have ended, with their due days."""
        for month, end in month_ends(self.issued, self.day):
            if end <= self.day:
                yield month, end + self.due_day * DAY

    # ---- the families ----

    def counts(self):
        n = dict.fromkeys(
            ("done", "ahead", "on_pace", "behind", "unassessable"), 0)
        for t in self.tasks:
            n[t.judge()["class"]] += 1
        return n

    def headline(self):
        return {"total": len(self.tasks), "counts": self.counts(),
                "tasks": {t.id: t.judge() for t in self.tasks}}

    def matrix(self):
        units = {o for t in self.tasks for o in t.owing()} | {
            o for t in self.tasks for m in t.milestones.values()
            for o in m["orgs"]}
        rows = {org: [c for c in (t.cell(org) for t in self.tasks) if c]
                for org in units}
        return {"tasks": {t.id: t.judge() for t in self.tasks},
                "rows": {org: {c["taskId"]: c for c in cells}
                         for org, cells in rows.items()}}

    def timeliness(self, by):
        rows = collections.defaultdict(lambda: dict.fromkeys(
            ("obliged", "onTime", "late", "missing", "open", "none"), 0))
        for t in self.tasks:
            for org in t.owing():
                for month, due in self.months():
                    how, _, none = t.filing(org, month, due)
                    row = rows[{"org": org, "task": t.id, "month": month}[by]]
                    row["obliged"] += 1
                    row["onTime" if how == "on_time" else how] += 1
                    row["none"] += none
        return dict(rows)

    def days(self):
        for month, end in month_ends(self.issued, self.day):
            day = min(end, self.day)
            yield month, self if day == self.day else View(
                self.diary, day, self.instant)

    def trend(self):
        rows = collections.defaultdict(list)
        for month, view in self.days():
            for t in view.tasks:
                if t.indicator:
                    rows[t.id].append(t.point(month))
        return dict(rows)

    def by_month(self):
        rows = {}
        for month, view in self.days():
            n = sum((t.count() for t in view.tasks), collections.Counter())
            rows[month] = {
                "asOf": view.day.isoformat(), "counts": view.counts(),
                "obligations": {"due": n["due"] + n["quotas due"],
                                "met": n["due met"] + n["quotas met"]}}
        return rows

    def milestones(self):
        return {t.id: {key: {"obliged": len(m["orgs"]), "met": sum(
            t.has_met({**m, "id": key}, o) for o in m["orgs"])}
            for key, m in t.milestones.items()} for t in self.tasks}

    def money(self):
        """What moved, by task and stage; none recorded is None."""
        stages = ("plan", "issued", "received", "paid")
        rows = {t.id: dict.fromkeys(s + "Fen" for s in stages)
                for t in self.tasks}
        for f in sorted(self.known("flow"), key=lambda f: f["asOf"]):
            if f["asOf"] <= self.day.isoformat():
                rows[f["task"]][f["stage"] + "Fen"] = f["amountFen"]
        return rows

    def done(self):
        return {t.id: t.total() for t in self.tasks if t.indicator}
