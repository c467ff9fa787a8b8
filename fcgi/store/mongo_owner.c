#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/mongo.h"

/* The moment a process began, in clock ticks; 0 when there is none. */
static long long
started(long pid)
{
	char path[48], text[1024];
	long long ticks = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	size_t n = fread(text, 1, sizeof(text) - 1, f);

	fclose(f);
	text[n] = '\0';
	/* The name may hold anything; the 20th word after it is the time. */
	char *p = strrchr(text, ')');

	for (int i = 0; p != NULL && i < 20; i++)
		p = strchr(p + 1, ' ');
	if (p != NULL)
		ticks = strtoll(p, NULL, 10);
	return ticks;
}

/* The kernel and the part of it where process ids mean something. */
static void
print_place(char *out, size_t n)
{
	char boot[40] = "?", space[40] = "?";
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f != NULL) {
		if (fscanf(f, "%36s", boot) != 1)
			snprintf(boot, sizeof(boot), "?");
		fclose(f);
	}
	ssize_t len = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);

	space[len > 0 ? len : 0] = '\0';
	snprintf(out, n, "%s %s", boot, space);
}

void
mongo_owner(char *out, size_t n)
{
	char place[90], self[UUID_LEN + 1];

	print_place(place, sizeof(place));
	uuid_random(self);
	snprintf(out, n, "%s %ld %lld %s", place, (long)getpid(),
	    started((long)getpid()), self);
}

bool
mongo_owner_is_dead(const char *owner)
{
	char place[90];
	long long ticks;
	long pid;

	print_place(place, sizeof(place));
	size_t n = strlen(place);

	if (strncmp(owner, place, n) != 0 ||
	    sscanf(owner + n, " %ld %lld", &pid, &ticks) != 2)
		return false;
	return started(pid) != ticks;
}
