#!/usr/bin/env bash
# To-dos for OA systems of five makers (tests/oa/todos.py).
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

export MINSHENG_WEBHOOK_ALLOW=127.0.0.1 MINSHENG_WEBHOOK_RETRY_PERMILLE=1
export MINSHENG_WORKER_POLL=50ms MINSHENG_OA_TODOS=200ms
seed_people lead@140800-dcs
"$program" import scripts/sample/140800-2019 >"$run/out"
start_program
start_nginx
is "issued" 200 "$(ask -X POST -H 'Content-Type: application/json' \
	-d '{"by": "督查室", "leaveOpen": true}' /api/v1/plans/140800-2019:issue)"
python3 tests/oa/todos.py "$http" || bad=1
stop_program TERM
is "a clean end" 0 "$status"
finished
