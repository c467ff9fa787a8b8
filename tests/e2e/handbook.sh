#!/usr/bin/env bash
# The handbooks hold together: every picture and page that docs/zh and README
# name is there and is no larger than it should be, every picture is used, and
# each page of the faces that is named can be opened.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

files=(README.md docs/zh/*.md)
# links FILE: what it points to in the checkout.
links() { grep -oE '\]\([^)#]+' "$1" | cut -c3- | grep -vE '^[a-z]+:' | sort -u || true; }
lost='' large=''
for file in "${files[@]}"; do
	while read -r link; do
		[ -e "$(dirname "$file")/$link" ] || lost+=" $file:$link"
	done < <(links "$file")
done
is "every file that is linked is there" "" "$lost"
for picture in docs/zh/img/*.webp; do
	[ "$(stat -c %s "$picture")" -le 61440 ] || large+=" $picture"
	grep -qF "$(basename "$picture")" "${files[@]}" || lost+=" $picture"
done
is "every picture is shown somewhere" "" "$lost"
is "no picture is above 60 KB" "" "$large"
is "at most 18 pictures" true "$([ "$(find docs/zh/img -name '*.webp' | wc -l)" -le 18 ] && echo true)"
closed=''
# shellcheck disable=SC2016 # the pages stand in backquotes
pages=$(grep -ohE '`/([a-z]+/)?`' docs/zh/*.md | tr -d '`' | sort -u)
for page in $pages; do
	[ -e "nginx/www$page/index.html" ] || closed+=" $page"
done
is "every page that is named can be opened" "" "$closed"
is "no telephone number" "" "$(grep -nE '1[3-9][0-9]{9}' "${files[@]}" || true)"
finished
