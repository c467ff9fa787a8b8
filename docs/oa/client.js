#!/usr/bin/env node
/*
 * A signed request to minsheng, with what Node.js brings along (18 or newer).
 *
 *   OA_KEY=oa OA_SECRET=... node client.js GET \
 *       'http://127.0.0.1:8080/api/v1/plans?limit=1' [BODY-FILE]
 *
 * OA_ALGORITHM is HMAC-SHA256 (the default) or HMAC-SM3, as the key
 * says.  Prints the body of the answer; its status goes to standard error.
 * With --canonical the string that is signed is printed, nothing is sent.
 */
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const http = require("http");
const https = require("https");

const DIGESTS = { "HMAC-SHA256": "sha256", "HMAC-SM3": "sm3" };

/* The bytes a piece of an address stands for. */
function decode(text) {
	const bytes = [];
	const raw = Buffer.from(text, "utf8").toString("latin1");

	for (let i = 0; i < raw.length; i++) {
		const hex = raw.slice(i + 1, i + 3);

		if (raw[i] === "%" && /^[0-9A-Fa-f]{2}$/.test(hex)) {
			bytes.push(parseInt(hex, 16));
			i += 2;
		} else {
			bytes.push(raw.charCodeAt(i));
		}
	}
	return bytes;
}

/* Percent-encoding: only A-Z a-z 0-9 - . _ ~ stay. */
function encode(text) {
	return decode(text).map((byte) => {
		const c = String.fromCharCode(byte);

		if (/[A-Za-z0-9._~-]/.test(c))
			return c;
		return "%" + byte.toString(16).toUpperCase().padStart(2, "0");
	}).join("");
}

/* Plain comparison of ASCII; localeCompare would sort otherwise. */
function compare(a, b) {
	return a < b ? -1 : a > b ? 1 : 0;
}

function canonical(method, path, query, timestamp, nonce, body, algorithm) {
	const pairs = query.split("&").filter((piece) => piece !== "")
		.map((piece) => {
			const at = piece.indexOf("=");

			return at < 0 ? [encode(piece), ""] :
				[encode(piece.slice(0, at)), encode(piece.slice(at + 1))];
		})
		.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));

	return [
		method,
		path.split("/").map(encode).join("/"),
		pairs.map(([name, value]) => `${name}=${value}`).join("&"),
		timestamp,
		nonce,
		crypto.createHash(DIGESTS[algorithm]).update(body).digest("hex"),
	].join("\n");
}

function sign(text, secret, algorithm) {
	return "v1=" + crypto.createHmac(DIGESTS[algorithm], secret)
		.update(text).digest("hex");
}

/* "scheme://host", "/path" and "query" as they are written, not normalised. */
function split(url) {
	const [, origin, path, query] =
		/^(https?:\/\/[^/?#]+)([^?#]*)\??([^#]*)/.exec(url);

	return { origin, path: path || "/", query };
}

function main() {
	const args = process.argv.slice(2).filter((a) => a !== "--canonical");
	const env = process.env;
	const [method, url, file] = args;
	const body = file ? fs.readFileSync(file) : Buffer.alloc(0);
	const { origin, path, query } = split(url);
	const algorithm = env.OA_ALGORITHM || "HMAC-SHA256";
	const timestamp = env.OA_TIMESTAMP ||
		String(Math.floor(Date.now() / 1000));
	const nonce = env.OA_NONCE ||
		crypto.randomBytes(16).toString("hex");
	const text = canonical(method, path, query, timestamp, nonce, body,
		algorithm);

	if (process.argv.includes("--canonical")) {
		console.log(text);
		return;
	}
	const headers = {
		"X-MS-Key": env.OA_KEY,
		"X-MS-Timestamp": timestamp,
		"X-MS-Nonce": nonce,
		"X-MS-Signature": sign(text, env.OA_SECRET, algorithm),
		Accept: "application/json",
	};
	if (body.length > 0) {
		headers["Content-Type"] = "application/json";
		headers["Content-Length"] = body.length;
	}
	if (env.OA_IF_NONE_MATCH)
		headers["If-None-Match"] = env.OA_IF_NONE_MATCH;

	const { protocol, hostname, port } = new URL(origin);
	const request = (protocol === "https:" ? https : http).request({
		hostname,
		port,
		method,
		headers,
		path: query ? `${path}?${query}` : path,
	}, (answer) => {
		console.error(answer.statusCode);
		answer.pipe(process.stdout);
		answer.on("end", () => {
			process.exitCode = answer.statusCode < 400 ? 0 : 1;
		});
	});
	request.on("error", (e) => {
		console.error(e.message);
		process.exitCode = 2;
	});
	request.end(body);
}

module.exports = { canonical, sign };
if (require.main === module)
	main();
