# shellcheck shell=bash
# What the scripts share.  Source it; it moves to the top of the checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q ' installed$'; }

# need GROUP...: the Debian packages of these groups (scripts/packages), or of
# "a|b" any one.  Root installs what is missing; others are told.
need() {
	local group name choice missing=()
	for group in "$@"; do
		while read -r name; do
			for choice in ${name//|/ }; do
				installed "$choice" && continue 2
			done
			missing+=("${name%%|*}")
		done < <(awk -v g="$group" '$1 == g { for (i = 2; i <= NF; i++) print $i }' scripts/packages)
	done
	[ ${#missing[@]} -eq 0 ] && return
	if [ "$(id -u)" -ne 0 ]; then
		die "缺少这些Debian软件包，请先安装：
  sudo apt-get install --no-install-recommends ${missing[*]}"
	fi
	say "安装软件包：${missing[*]}"
	mkdir -p var
	{
		apt-get update &&
			DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
	} >var/apt.log 2>&1 || {
		tail -n 20 var/apt.log >&2
		die "安装失败，全部输出在 var/apt.log"
	}
}

# build DIR [cmake options]: configure once, then compile (BUILD_TARGETS: some).
build() {
	local dir=$1
	shift
	if command -v ccache >/dev/null; then
		set -- "$@" -DCMAKE_C_COMPILER_LAUNCHER=ccache
	fi
	mkdir -p "$dir"
	cmake -S . -B "$dir" -G Ninja "$@" >"$dir/configure.log" 2>&1 || {
		cat "$dir/configure.log" >&2
		return 1
	}
	# shellcheck disable=SC2086 # a list of names
	ninja -C "$dir" ${BUILD_TARGETS:-} >"$dir/build.log" 2>&1 || {
		tail -n 60 "$dir/build.log" >&2
		return 1
	}
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
