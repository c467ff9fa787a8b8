"""What else happens in the played year: changes, checks, money, notices,
frozen months, photographs.

Each scene is a generator that yields the instant at which it goes on, as the
lives in `year` do.  What came of it goes into the diary.
"""
import datetime
import hashlib
import random
import struct
import uuid
import zlib

CHINA = datetime.timezone(datetime.timedelta(hours=8))
OFFICE = "office@140800"
API = "/api/v1"
TASK = "140800-2019-%02d"


def at(day, hour=9, minute=0, second=0, ms=0):
    return datetime.datetime(day.year, day.month, day.day, hour, minute,
                             second, ms * 1000, CHINA)


def on(month, day, hour=9, minute=0):
    return at(datetime.date(2019, month, day), hour, minute)


def new_id(play, *words):
    return str(uuid.uuid5(uuid.NAMESPACE_URL,
                          "/".join([str(play.seed), *words])))


def step(play, who, target, verb, reached, body):
    """A step; its answer may have been lost before."""
    p = play.program
    status, doc, tries = p.ask(who, "POST", f"{target}:{verb}", body)
    if status == 409 and tries > 1:
        doc = p.must([200], who, "GET", target)
    elif status not in (200, 201):
        p.give_up(who, f"{target}:{verb}", status, doc)
    if doc["state"] != reached:
        p.give_up(who, f"{target}:{verb}", status, doc)
    return doc


# ---- changes ----

# (kind, task, milestone, unit, asked on, new day, decision, reason)
CHANGES = [
    ("extend", 7, "m3", "140829", on(7, 18), "2019-08-31", "approved",
     "汛期道路中断，入户核定推迟。"),
    ("extend", 10, "m2", "140828", on(7, 3), "2019-08-31", "refused",
     "初步设计尚未完成。"),
    ("extend", 8, "m2", "140826", on(7, 10), "2019-08-31", "late",
     "服务热线线路施工延误。"),
    ("adjust", 10, "m3", "140881", on(9, 20), None, "waived",
     "城区公厕改造并入棚户区项目统一实施。"),
    ("extend", 9, "m2", "140824", on(10, 16), "2019-12-15", "open",
     "两条小巷管线迁改尚未完成。"),
    ("extend", 10, "m4", "140822", on(10, 14), "2020-01-20", "waiting",
     "验收资料尚在整理。"),
]
# These units' milestones are part of a scene.
PLAYED = {(TASK % 7, "m3", "140829"), (TASK % 8, "m2", "140826"),
          (TASK % 10, "m3", "140881")}
LEADS = {3: "140800-fulian", 4: "140800-wjw", 6: "140800-wlj",
         7: "140800-mzj", 8: "140800-sfj", 9: "140800-zjj",
         10: "140800-cgj"}


def change(play, kind, no, milestone, org, when, new_due, end, reason):
    task, lead = TASK % no, "lead@" + LEADS[no]
    target = f"{API}/changes/{new_id(play, 'change', task, milestone, org)}"
    body = {"taskId": task, "milestoneId": milestone, "orgId": org,
            "kind": kind, "reason": reason, "submit": True}
    if new_due:
        body["newDue"] = new_due
    yield when
    play.count["changes asked for"] += 1
    play.program.must([200, 201], f"reporter@{org}", "PUT", target, body)
    if end == "open":
        return
    yield when + datetime.timedelta(days=2, hours=3)
    step(play, lead, target, "opinion", "lead_opinion",
         {"support": end != "refused", "text": "情况属实。"
          if end != "refused" else "可以赶工，不同意延期。"})
    if end == "waiting":
        return
    yield when + datetime.timedelta(days=4, hours=1)
    play.count[f"changes {end}"] += 1
    if end == "refused":
        step(play, OFFICE, target, "refuse", "refused",
             {"text": "请按期完成。"})
        return
    step(play, OFFICE, target, "approve", "approved",
         {"text": "同意。" if end != "late" else "情况已知，不影响逾期认定。",
          "docNo": "运政办函〔2019〕%d号" % (30 + no)})
    if end in ("approved", "waived"):
        play.program.write_down(
            "moved", task=task, milestone=milestone, org=org, to=new_due,
            becomes=milestone + "x1")
    if end == "waived":
        return
    if end == "approved":
        milestone += "x1"
    met = datetime.date(2019, 8, 22)
    yield at(met + datetime.timedelta(days=1), 15)
    target = f"{API}/tasks/{task}/milestones/{milestone}/orgs/{org}"
    step(play, f"reporter@{org}", target, "claim", "claimed",
         {"metOn": met.isoformat(), "note": "已完成，请核实。"})
    yield at(met + datetime.timedelta(days=4), 10, 30)
    step(play, lead, target, "verify", "verified", {"text": "现场核实。"})
    play.program.write_down("met", task=task, milestone=milestone, org=org,
                            metOn=met.isoformat())


# ---- checks ----

# (task, unit, looked at on, verdict, what was seen)
CHECKS = [
    (4, "140823", on(8, 20, 10), "false", "抽查台账30份，6份没有筛查记录。"),
    (4, "140824", on(9, 18, 15), "true", "台账与现场一致。"),
    (3, "140829", on(9, 24, 11), "partly", "上报数含省级项目已检查的人数。"),
    (6, "140828", on(10, 11, 16), "false", "两场演出没有现场记录。"),
    (4, "140823", on(11, 20, 10), "true", "已逐份补核，台账属实。"),
]


def spot_check(play, no, org, when, verdict, text):
    task = TASK % no
    target = f"{API}/checks/{new_id(play, 'check', task, org, when.isoformat())}"
    body = {"taskId": task, "orgId": org, "indicatorId": "i1",
            "checkedOn": when.date().isoformat(), "verdict": verdict,
            "text": text, "submit": verdict != "true"}
    if verdict != "true":
        body["statementDue"] = (
            when.date() + datetime.timedelta(days=7)).isoformat()
    yield when
    play.count[f"checks that found {verdict}"] += 1
    play.program.must([200, 201], OFFICE, "PUT", target, body)
    if verdict != "true":
        yield when + datetime.timedelta(days=3)
        step(play, f"reporter@{org}", target, "statement", "answered",
             {"text": "已核对，确有统计口径问题，正在更正。"})
    yield when + datetime.timedelta(days=6, minutes=7)
    step(play, OFFICE, target, "conclude", "concluded",
         {"text": "按核查情况认定。"})
    play.program.write_down("check", task=task, org=org, verdict=verdict,
                            checkedOn=body["checkedOn"])


# ---- money ----

# (task, item, level, stage, day, amount in 万元, reason of a fall)
FLOWS = [
    (3, "f1", "province", "issued", on(4, 30), 56832, None),
    (3, "f1", "province", "received", on(6, 20), 40000, None),
    (3, "f1", "province", "paid", on(9, 27), 30000, None),
    (4, "f1", "province", "issued", on(4, 25), 44000, None),
    (4, "f1", "province", "received", on(5, 28), 44000, None),
    (4, "f1", "province", "paid", on(7, 31), 21000, None),
    (4, "f1", "province", "paid", on(9, 30), 19500, "上次含预付款，已退回。"),
    (4, "f1", "province", "paid", on(12, 27), 44000, None),
    (10, "f1", "city", "issued", on(5, 31), 40000, None),
    (10, "f1", "city", "received", on(8, 30), 32000, None),
    (10, "f1", "city", "paid", on(10, 15), 18000, None),
    (10, "f1", "city", "paid", on(12, 25), 31200, None),
]


def flow(play, no, item, level, stage, when, hundreds, reason):
    task = TASK % no
    rid = new_id(play, "flow", task, stage, when.isoformat())
    body = {"taskId": task, "fundingId": item, "orgId": None, "level": level,
            "stage": stage, "amountFen": hundreds * 10000,
            "docNo": "晋财社〔2019〕%d号" % (20 + no),
            "asOf": when.date().isoformat()}
    if reason:
        body["reason"] = reason
    yield when
    play.count["money figures"] += 1
    play.program.must([200, 201], "lead@" + LEADS[no], "PUT",
                      f"{API}/fund-flows/{rid}", body)
    play.program.write_down("flow", task=task, stage=stage,
                            asOf=body["asOf"], amountFen=body["amountFen"])


# ---- notices, months ----

def urge(play, month):
    """Two of the units that have not reported are asked to."""
    yield at(play.due_day(month) + datetime.timedelta(days=2), 10)
    late = [s for s in play.series if month not in s.submitted][:2]
    asked = []
    for s in late:
        play.count["notices"] += 1
        target = f"{API}/notices/{new_id(play, 'urge', s.task, s.org, str(month))}"
        play.program.must([200, 201], OFFICE, "PUT", target, {
            "planId": "140800-2019", "taskId": s.task, "orgId": s.org,
            "kind": "urge", "title": f"请报送{month}月进度",
            "text": "请尽快报送，并说明未按时报送的原因。",
            "dueOn": (play.due_day(month)
                      + datetime.timedelta(days=6)).isoformat()})
        asked.append((s, target))
    for s, target in asked:
        yield play.program.now + datetime.timedelta(days=1, hours=2)
        step(play, f"reporter@{s.org}", target, "answer", "answered",
             {"text": "经办人调整，下月一并补报。"})
        yield play.program.now + datetime.timedelta(days=1)
        if s is late[0] and month == 6:
            step(play, OFFICE, target, "reopen", "open",
                 {"reason": "请写明报送日期。"})
            yield play.program.now + datetime.timedelta(hours=5)
            step(play, f"confirmer@{s.org}", target, "answer", "answered",
                 {"text": "7月15日前报送。"})
            yield play.program.now + datetime.timedelta(hours=20)
        step(play, OFFICE, target, "close", "closed", {})


def instruction(play):
    target = f"{API}/notices/{new_id(play, 'instruction')}"
    yield on(10, 14, 16)
    play.count["notices"] += 1
    play.program.must([200, 201], "leader@140800", "PUT", target, {
        "planId": "140800-2019", "taskId": TASK % 3,
        "orgId": "140800-fulian", "kind": "instruction",
        "title": "关于“两癌”检查进度的批示",
        "text": "请市妇儿办专题研究，按周报送进度。", "dueOn": "2019-10-28"})


def freeze(play, month):
    """A month is closed on the 12th; its bytes are kept for the end."""
    target = f"{API}/plans/140800-2019/months/2019-{month:02}"
    yield at(play.due_day(month) + datetime.timedelta(days=7), 10, 7, 31, 500)
    status, doc, tries = play.program.ask(OFFICE, "POST", target + ":freeze")
    if status != 201 and not (status == 409 and tries > 1):
        play.program.give_up(OFFICE, target, status, doc)
    play.count["months frozen"] += 1
    play.program.must([200], OFFICE, "GET", target)
    play.program.write_down(
        "frozen", month=f"2019-{month:02}",
        sha256=hashlib.sha256(play.program.text).hexdigest())


def scenes(play):
    yield from (change(play, *row) for row in CHANGES)
    yield from (spot_check(play, *row) for row in CHECKS)
    yield from (flow(play, *row) for row in FLOWS)
    yield from (urge(play, month) for month in range(4, 12))
    yield from (freeze(play, month) for month in range(5, 12))
    yield instruction(play)


# ---- photographs ----

def picture(seed, width=320, height=240):
    """A PNG of a street under a sky, of its own colours."""
    rng = random.Random(seed)
    sky, wall, road = ([rng.randint(lo, hi) for _ in range(3)] for lo, hi in
                       ((150, 230), (90, 200), (60, 110)))
    left = rng.randint(20, width // 2)
    right = left + rng.randint(60, 120)
    rows = []
    for y in range(height):
        ground = y > height * 3 // 4
        base = road if ground else sky
        row = bytearray()
        for x in range(width):
            inside = left < x < right and y > height // 3 and not ground
            color = wall if inside else base
            shade = rng.randint(-6, 6)
            row += bytes(min(255, max(0, c + shade)) for c in color)
        rows.append(b"\0" + bytes(row))

    def chunk(name, data):
        return (struct.pack(">I", len(data)) + name + data
                + struct.pack(">I", zlib.crc32(name + data)))
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2,
                                         0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"".join(rows), 6))
            + chunk(b"IEND", b""))


def photograph(play, who, seed):
    """Send one; its address."""
    data = picture(seed)
    name = hashlib.sha256(data).hexdigest()
    play.count["photographs"] += 1
    play.program.must([200, 201], who, "PUT", f"{API}/blobs/{name}", data)
    return name
