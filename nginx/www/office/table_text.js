// A pasted table as rows of cells: csv (RFC 4180) or tabs, as the server
// reads it.  Only for showing where something is wrong; the server decides.
export function cells(text) {
	const tab = text.slice(0, text.indexOf("\n") < 0 ? undefined : text.indexOf("\n")).includes("\t") ? "\t" : ",";
	const rows = [];
	let row = [""];
	let quoted = false;
	for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i++) {
		const c = text[i];
		if (quoted && c === '"' && text[i + 1] === '"') {
			row[row.length - 1] += '"';
			i++;
		} else if (c === '"' && (quoted || row.at(-1) === ""))
			quoted = !quoted;
		else if (!quoted && c === tab)
			row.push("");
		else if (!quoted && c === "\n") {
			rows.push(row);
			row = [""];
		} else if (quoted || c !== "\r")
			row[row.length - 1] += c;
	}
	if (row.length > 1 || row[0] !== "")
		rows.push(row);
	return rows;
}

// What a JSON pointer names in a text of JSON, printed short.
export function named(text, pointer) {
	try {
		const value = pointer.split("/").slice(1).map((p) => p.replaceAll("~1", "/").replaceAll("~0", "~")).reduce((v, key) => v?.[key], JSON.parse(text));
		const shown = JSON.stringify(value);
		return shown && shown.length > 200 ? `${shown.slice(0, 200)}……` : shown ?? "（没有这一项）";
	} catch {
		return "";
	}
}
