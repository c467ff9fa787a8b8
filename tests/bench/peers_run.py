"""The same GET in what is usually taken for such a program."""

import os
import shutil

from measure import Target
from world import wait_http

HERE = os.path.dirname(os.path.abspath(__file__))
PROCESSES = "2"


def start_peers(world, database):
    """Each behind the same nginx, two processes each."""
    flask = {"DATABASE": database, "PYTHONPATH": f"{HERE}/peers"}
    yield "express", "Express 5", world.add_process("express", [
        "node", f"{world.folder}/node/express.js", "{socket}", database,
        PROCESSES], "proxy_pass", {"NODE_ENV": "production"})
    yield "uwsgi", "Flask，uwsgi", world.add_process("uwsgi", [
        "uwsgi", "--plugin", "python3", "--socket", "{socket}",
        "--processes", PROCESSES, "--master", "--die-on-term",
        "--disable-logging", "--listen", "100", "--module", "flask_app:app"],
        "uwsgi_pass", flask)
    yield "gunicorn", "Flask，gunicorn", world.add_process("gunicorn", [
        "/usr/bin/gunicorn", "--bind", "unix:{socket}",
        "--workers", PROCESSES, "flask_app:app"],
        "proxy_pass", flask)


def run(world, plan, alternate, ratio, path):
    data = world.make_data()
    world.grow(data, 10, "plans-10")
    # A copy of their own: the product's file has one owner.
    database = f"{world.folder}/peers.db"
    shutil.copyfile(f"{world.folder}/plans-10/minsheng.db", database)
    main = world.add_minsheng("main", f"{world.folder}/plans-10")
    candidates = [Target("minsheng", "minsheng", main.port, path, main)]
    for key, title, process in start_peers(world, database):
        candidates.append(Target(key, title, process.port, path, process))
    world.start_nginx()
    for target in candidates:
        wait_http(target.port, path)
    figures = alternate(candidates, world.nginx, plan.rounds, plan.seconds)
    for target in candidates:
        f = figures[target.key]
        f["title"] = target.title
        f["of_ours"] = ratio(f, figures["minsheng"])
    return {"peers": figures}
