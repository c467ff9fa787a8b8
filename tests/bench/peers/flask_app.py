"""GET /api/v1/tasks/<task> from the same database, as usually written."""

import os
import sqlite3

from flask import Flask, Response, request

app = Flask(__name__)
db = None


def connection():
    """One for each process, made after it was forked."""
    global db
    if db is None:
        db = sqlite3.connect(f"file:{os.environ['DATABASE']}?mode=ro", uri=True)
    return db


@app.get("/api/v1/tasks/<task>")
def task_get(task):
    row = connection().execute(
        "SELECT rev, doc FROM tasks WHERE id = ?", (task,)).fetchone()
    if row is None:
        return {"title": "没有这个事项"}, 404
    answer = Response(row[1], mimetype="application/json")
    answer.set_etag(str(row[0]))
    return answer.make_conditional(request)
