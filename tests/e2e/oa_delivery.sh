#!/usr/bin/env bash
# Webhooks under kill -9 (tests/oa/delivery.py).  ROUNDS and EVENTS: 50 and
# 2000 are the long round.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

if [ ! -d tests/oa/node_modules ]; then
	if ! command -v npm >/dev/null || ! npm ci --prefix tests/oa --ignore-scripts \
		--no-audit --no-fund --loglevel error >"$run/npm.log" 2>&1; then
		echo "skip - npm standardwebhooks is not here"
		exit 77
	fi
fi
seed_people
start_nginx
python3 tests/oa/delivery.py "$program" "$http" "$run" || bad=1
finished
