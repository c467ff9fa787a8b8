#!/usr/bin/env bash
# The first account, a key, and signing in as a browser does, through nginx.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

password='Jinan#2x-Q'
"$program" import scripts/sample/140800-2019 >"$run/import.json"
"$program" user list >"$run/users.txt"
is "no account at first" 1 "$(wc -l <"$run/users.txt")"
echo "$password" | "$program" user add zhangsan --name 张三 --org 140800 --roles admin >"$run/add.txt"
has "made" 用户zhangsan已建立 "$run/add.txt"
if echo weak | "$program" user add lisi --org 140823 --roles reporter >"$run/weak.txt" 2>&1; then
	no "a weak password is refused"
else has "a weak password is refused" 口令至少要 "$run/weak.txt"; fi
"$program" user roles lisi confirmer >/dev/null
"$program" user disable lisi >/dev/null
"$program" user list >"$run/users.txt"
has "listed" 张三 "$run/users.txt"
has "with roles" confirmer "$run/users.txt"
has "disabled" 停用 "$run/users.txt"
key=$("$program" key add 市OA系统 --org 140800 --roles office)
if grep -aqF -e "$password" -e "${key##*_}" "$MINSHENG_DATA"/minsheng.db*; then
	no "no secret stands in the store"
else ok "no secret stands in the store"; fi

start_nginx
start_program
bearer="X-Nobody: 1" # ask() sends it
is "nobody" 401 "$(ask /api/v1/plans)"
has "says what is wanted" 'WWW-Authenticate: Bearer' "$run/head"
is "health is for everybody" 200 "$(ask /healthz)"
is "the key" 200 "$(ask -H "Authorization: Bearer $key" /api/v1/plans)"
is "another key" 401 "$(ask -H "Authorization: Bearer ${key}0" /api/v1/plans)"

json_type='Content-Type: application/json'
here=(-H 'Host: localhost')
is "a wrong password" 401 "$(ask "${here[@]}" -H "$json_type" -d '{"user":"zhangsan","password":"x"}' /api/v1/session)"
is "signs in" 201 "$(ask "${here[@]}" -H "$json_type" -d "{\"user\":\"zhangsan\",\"password\":\"$password\"}" /api/v1/session)"
has "a cookie scripts do not see" 'HttpOnly; SameSite=Lax' "$run/head"
cookie=$(sed -n 's/^set-cookie: \(ms=[0-9a-f]*\);.*/\1/Ip' "$run/head")
is "has signed in" 200 "$(ask "${here[@]}" -H "Cookie: $cookie" /api/v1/session)"
is "as whom" zhangsan "$(json "$run/body" 'd["id"]')"
is "cookie and key at once" 400 "$(ask "${here[@]}" -H "Cookie: $cookie" -H "Authorization: Bearer $key" /api/v1/session)"
change=(-X PATCH -H "Cookie: $cookie" -H "$json_type" -H 'If-Match: *' -d '{"name":"李四"}')
is "a change from nowhere" 403 "$(ask "${here[@]}" "${change[@]}" /api/v1/users/lisi)"
is "from another site" 403 "$(ask "${here[@]}" -H 'Origin: https://evil.example' "${change[@]}" /api/v1/users/lisi)"
is "from a page of ours" 200 "$(ask "${here[@]}" -H 'Origin: http://localhost' "${change[@]}" /api/v1/users/lisi)"
is "elsewhere the cookie wants TLS" 201 "$(ask -H "$json_type" -d "{\"user\":\"zhangsan\",\"password\":\"$password\"}" /api/v1/session)"
has "Secure" 'Set-Cookie: __Host-ms=' "$run/head"
is "signs out" 200 "$(ask "${here[@]}" -X DELETE -H "Cookie: $cookie" -H 'Sec-Fetch-Site: same-origin' -H 'X-Requested-With: minsheng' /api/v1/session)"
is "is out" 401 "$(ask "${here[@]}" -H "Cookie: $cookie" /api/v1/session)"
if grep -aqF -e "$password" -e "${cookie#ms=}" -e "${key##*_}" "$run/minsheng.log" "$run"/nginx/*.log; then
	no "no secret stands in a log"
else ok "no secret stands in a log"; fi
finished
