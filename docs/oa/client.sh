#!/usr/bin/env bash
# A signed request to minsheng, with curl and openssl.
#
#   OA_KEY=oa OA_SECRET=... ./client.sh GET \
#       'http://127.0.0.1:8080/api/v1/plans?limit=1' [BODY-FILE]
#
# OA_ALGORITHM is HMAC-SHA256 (the default) or HMAC-SM3, as the key says.
# Prints the body of the answer; its status goes to standard error.  With
# --canonical the string that is signed is printed and nothing is sent.
set -euo pipefail
export LC_ALL=C

only_canonical=
if [ "${1:-}" = --canonical ]; then
	only_canonical=1
	shift
fi
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
	sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
method=$1 url=$2 body=${3:-/dev/null}
case ${OA_ALGORITHM:-HMAC-SHA256} in
HMAC-SHA256) digest=sha256 ;;
HMAC-SM3) digest=sm3 ;;
*) echo "unknown algorithm" >&2 && exit 2 ;;
esac

# encode TEXT: percent-encoding where only A-Z a-z 0-9 - . _ ~ stay.
encode() {
	local s=$1 out='' c hex
	while [ -n "$s" ]; do
		c=${s:0:1}
		case $s in
		%[0-9A-Fa-f][0-9A-Fa-f]*)
			hex=${s:1:2}
			s=${s:3}
			;;
		*)
			printf -v hex '%02X' "'$c"
			hex=${hex: -2}
			s=${s:1}
			;;
		esac
		hex=${hex^^}
		# shellcheck disable=SC2059 # it is one byte in hexadecimal
		[ "$hex" = 00 ] || printf -v c "\\x$hex"
		case $c in
		[A-Za-z0-9._~-]) [ "$hex" = 00 ] && out+=%00 || out+=$c ;;
		*) out+=%$hex ;;
		esac
	done
	printf '%s' "$out"
}

# Cut the address into its path and its query, as they are written.
rest=${url#*://}
target=${url%%://*}://${rest%%[/?]*}
target=${url#"$target"}
path=${target%%\?*} query=''
[[ $target != *\?* ]] || query=${target#*\?}
[ -n "$path" ] || path=/

encoded_path='' rest=$path
while [[ $rest == */* ]]; do
	encoded_path+=$(encode "${rest%%/*}")/
	rest=${rest#*/}
done
encoded_path+=$(encode "$rest")

# A blank sorts before every character that stands in a name or a value.
pairs=()
IFS='&' read -r -a pieces <<<"$query"
for piece in "${pieces[@]}"; do
	[ -n "$piece" ] || continue
	value=
	[[ $piece != *=* ]] || value=${piece#*=}
	pairs+=("$(encode "${piece%%=*}") $(encode "$value")")
done
sorted=
if [ ${#pairs[@]} -gt 0 ]; then
	sorted=$(printf '%s\n' "${pairs[@]}" | sort | sed 's/ /=/' | paste -s -d '&' -)
fi

timestamp=${OA_TIMESTAMP:-$(date +%s)}
nonce=${OA_NONCE:-$(openssl rand -hex 16)}
hash=$(openssl dgst "-$digest" -r <"$body")
text=$(printf '%s\n%s\n%s\n%s\n%s\n%s' "$method" "$encoded_path" "$sorted" \
	"$timestamp" "$nonce" "${hash%% *}")
if [ -n "$only_canonical" ]; then
	printf '%s\n' "$text"
	exit
fi
mac=$(printf '%s' "$text" | openssl dgst "-$digest" -r -mac HMAC -macopt "key:$OA_SECRET")

more=()
[ "$body" = /dev/null ] || more+=(-H 'Content-Type: application/json' --data-binary "@$body")
[ -z "${OA_IF_NONE_MATCH:-}" ] || more+=(-H "If-None-Match: $OA_IF_NONE_MATCH")
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
status=$(curl -sS --path-as-is -g -X "$method" -o "$answer" -w '%{http_code}' \
	-H "X-MS-Key: $OA_KEY" -H "X-MS-Timestamp: $timestamp" \
	-H "X-MS-Nonce: $nonce" -H "X-MS-Signature: v1=${mac%% *}" \
	-H 'Accept: application/json' "${more[@]}" "$url")
cat "$answer"
echo
echo "$status" >&2
[ "$status" -lt 400 ]
