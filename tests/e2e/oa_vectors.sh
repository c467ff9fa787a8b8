#!/usr/bin/env bash
# docs/oa: the published vectors are what make-vectors makes, and each of the
# three reference clients agrees with every one of them.
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8
if ! command -v node >/dev/null; then
	echo "skip - node is not here"
	exit 77
fi

if docs/oa/make-vectors | cmp -s - docs/oa/vectors.json; then
	echo "ok - vectors.json is what make-vectors makes"
else
	echo "not ok - vectors.json is not what make-vectors makes"
	exit 1
fi
exec python3 tests/oa/vectors.py
