/*
 * LD_PRELOAD: a disk on which it takes 5 ms until bytes are safe, for what
 * the product does about such disks.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

#define SLOW_NS 5000000

int fsync(int fd);
int fdatasync(int fd);

static int
sync_slowly(const char *name, int fd)
{
	static const struct timespec slow = {.tv_nsec = SLOW_NS};
	union {
		void *found;
		int (*call)(int fd);
	} real = {.found = dlsym(RTLD_NEXT, name)};

	if (real.found == NULL)
		abort();
	nanosleep(&slow, NULL);
	return real.call(fd);
}

int
fsync(int fd)
{
	return sync_slowly("fsync", fd);
}

int
fdatasync(int fd)
{
	return sync_slowly("fdatasync", fd);
}
