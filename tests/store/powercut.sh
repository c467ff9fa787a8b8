#!/bin/sh
# P1 in a power cut: the data lies on an ext4 in a file; while four writers
# write, that file is copied without asking the file system to finish, and the
# copy is what a machine finds after the cut.  Nothing acknowledged may be
# missing; with synchronous=OFF something must be, else this test sees nothing.
#
#   powercut.sh path/to/test_kill [rounds]        (as root, Linux)
set -eu

test_kill=${1:?usage: powercut.sh path/to/test_kill [rounds]}
rounds=${2:-5}
dir=$(mktemp -d)
writer=

clean_up() {
	[ -z "$writer" ] || kill -KILL "$writer" 2>/dev/null || :
	umount "$dir/disk" 2>/dev/null || :
	umount "$dir/after" 2>/dev/null || :
	rm -rf "$dir"
}
trap clean_up EXIT
mkdir "$dir/disk" "$dir/after"

# One cut; the exit status says whether anything was lost.
cut_power() {
	sync_mode=$1
	truncate -s 64M "$dir/image"
	mkfs.ext4 -q -F "$dir/image"
	mount -o loop "$dir/image" "$dir/disk"
	"$test_kill" write "$dir/disk/data" "$sync_mode" \
		>"$dir/acks" 2>/dev/null &
	writer=$!
	sleep "0.$(shuf -i 3-9 -n 1)"
	kill -STOP "$writer"
	cp "$dir/image" "$dir/copy"
	kill -KILL "$writer"
	wait "$writer" 2>/dev/null || :
	writer=
	umount "$dir/disk"
	mount -o loop "$dir/copy" "$dir/after"
	lost=0
	if [ -d "$dir/after/data" ]; then
		"$test_kill" check "$dir/after/data" "$sync_mode" \
			<"$dir/acks" 2>/dev/null || lost=1
	else
		echo "the whole data folder is lost"
		lost=1
	fi
	umount "$dir/after"
	return $lost
}

failed=0
seen=0
i=0
while [ "$i" -lt "$rounds" ]; do
	i=$((i + 1))
	printf 'FULL %d: ' "$i"
	cut_power FULL || failed=1
	printf 'OFF  %d: ' "$i"
	cut_power OFF || seen=1
done
if [ "$failed" -ne 0 ]; then
	echo "FAILED: acknowledged writes were lost"
	exit 1
fi
if [ "$seen" -eq 0 ]; then
	echo "FAILED: the control lost nothing, so this test proves nothing"
	exit 1
fi
echo "ok: nothing acknowledged was lost; the control lost something"
