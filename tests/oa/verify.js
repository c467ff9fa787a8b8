/*
 * verify.js FILE: each line {"secret", "headers", "body"} is a webhook as it
 * was received; npm standardwebhooks says whether its signature is right.
 * Prints how many were; the exit status is 1 when one is not.
 */
"use strict";
const fs = require("fs");
const { Webhook } = require("standardwebhooks");

const lines = fs.readFileSync(process.argv[2], "utf8").trim().split("\n");
let good = 0;

for (const line of lines) {
	const { secret, headers, body } = JSON.parse(line);

	/* The library takes webhooks of the last five minutes only. */
	Date.now = () => Number(headers["webhook-timestamp"]) * 1000;
	try {
		new Webhook(secret).verify(body, headers);
		good++;
	} catch (e) {
		console.error(`${headers["webhook-id"]}: ${e.message}`);
	}
}
/* A body that was changed on the way is none of ours. */
const { secret, headers, body } = JSON.parse(lines[0]);
let refused = false;

Date.now = () => Number(headers["webhook-timestamp"]) * 1000;
try {
	new Webhook(secret).verify(body + " ", headers);
} catch (e) {
	refused = true;
}
console.log(good);
process.exit(good === lines.length && refused ? 0 : 1);
