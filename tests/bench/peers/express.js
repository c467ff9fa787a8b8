// GET /api/v1/tasks/:task from the same database, as usually written:
// node express.js SOCKET DATABASE PROCESSES
"use strict";
const cluster = require("node:cluster");
const [socket, database, processes] = process.argv.slice(2);

function serve() {
	const express = require("express");
	const db = require("better-sqlite3")(database, { readonly: true });
	const find = db.prepare("SELECT rev, doc FROM tasks WHERE id = ?");
	const app = express();

	app.disable("x-powered-by");
	app.get("/api/v1/tasks/:task", (req, res) => {
		const row = find.get(req.params.task);

		if (!row)
			return res.status(404).json({ title: "没有这个事项" });
		// Express answers 304 to If-None-Match by itself.
		res.set("ETag", `"${row.rev}"`).type("json").send(row.doc);
	});
	app.listen(socket);
}

if (cluster.isPrimary) {
	for (let i = 0; i < Number(processes); i++)
		cluster.fork();
	process.on("SIGTERM", () => process.exit(0));
} else {
	serve();
}
