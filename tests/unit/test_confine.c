#include "media/confine.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/support.h"

static void
try_open(void)
{
	(void)!open("/etc/hostname", O_RDONLY);
}

static void
try_create(void)
{
	(void)!open("/tmp/minsheng-confine", O_WRONLY | O_CREAT, 0600);
}

static void
try_socket(void)
{
	(void)!socket(AF_INET, SOCK_STREAM, 0);
}

static void
try_exec(void)
{
	char name[] = "true";
	char *argv[] = {name, NULL};

	execv("/bin/true", argv);
}

static void
try_kill(void)
{
	kill(getppid(), SIGCONT);
}

static void
try_other_descriptor(void)
{
	char c;

	(void)!read(STDERR_FILENO, &c, 1);
}

static void
try_write_back(void)
{
	(void)!write(STDIN_FILENO, "x", 1);
}

static void
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)p;
}

static void
try_fork(void)
{
	if (fork() == 0)
		_exit(0);
}

static void
do_work(void)
{
	char *volatile p = malloc((size_t)64 << 20);

	if (p != NULL)
		memset(p, 1, (size_t)64 << 20);
	free(p);
	(void)!write(STDOUT_FILENO, "", 0);
}

/* The status of a confined process that does this. */
static int
confined(void (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (confine_enter() < 0)
			_exit(99);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
test_work_is_allowed(void **state)
{
	int status = confined(do_work);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_nothing_else(void **state)
{
	static void (*const tries[])(void) = {try_open, try_create, try_socket,
	    try_exec, try_kill, try_other_descriptor, try_write_back, try_code,
	    try_fork};

	(void)state;
	for (size_t i = 0; i < COUNT(tries); i++) {
		int status = confined(tries[i]);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("try %zu: status %d", i, status);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_work_is_allowed),
	    cmocka_unit_test(test_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
