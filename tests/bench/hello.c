/*
 * What libfcgi can do at best: the same bytes for every request, on the same
 * kind of loop as fcgi/http/loop.c (one epoll, one event at a time, connections
 * armed once, half as many threads as processors), without a product.
 *
 *	hello SOCKET [BYTES]
 *
 * BYTES: of each answer's body, 4096 unless told.
 */
#include <fcgiapp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BODY_MAX (16 << 20)
#define BACKLOG 4096
#define THREADS_MAX 64

static int epoll;
static int listener;
static int body_len = 4096;
static char *body;

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static void
watch(int op, int fd, void *what, uint32_t flags)
{
	struct epoll_event ev = {.events = EPOLLIN | flags, .data.ptr = what};

	if (epoll_ctl(epoll, op, fd, &ev) < 0)
		fail("epoll_ctl");
}

static void
take_connection(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	FCGX_Request *r;

	if (fd < 0)
		return;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		fail("calloc");
	FCGX_InitRequest(r, -1, 0);
	r->ipcFd = fd;
	r->keepConnection = 1;
	watch(EPOLL_CTL_ADD, fd, r, EPOLLONESHOT);
}

static void
answer(FCGX_Request *r)
{
	if (FCGX_Accept_r(r) == 0) {
		FCGX_FPrintF(r->out,
		    "Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n",
		    body_len);
		FCGX_PutStr(body, body_len, r->out);
		FCGX_Finish_r(r);
	}
	if (r->ipcFd >= 0) {
		watch(EPOLL_CTL_MOD, r->ipcFd, r, EPOLLONESHOT);
		return;
	}
	FCGX_Free(r, 0);
	free(r);
}

static void *
work(void *arg)
{
	struct epoll_event ev;

	for (;;) {
		if (epoll_wait(epoll, &ev, 1, -1) <= 0)
			continue;
		if (ev.data.ptr == NULL)
			take_connection();
		else
			answer(ev.data.ptr);
	}
	return arg;
}

static void
open_listener(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(at.sun_path)) {
		fputs("hello: the path of the socket is too long\n", stderr);
		exit(2);
	}
	strcpy(at.sun_path, path);
	unlink(path);
	listener =
	    socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0 ||
	    bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(listener, BACKLOG) < 0)
		fail(path);
}

/* -1: not a length. */
static int
read_length(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	return end == s || *end != '\0' || n < 0 || n > BODY_MAX ? -1 : (int)n;
}

int
main(int argc, char **argv)
{
	long threads = sysconf(_SC_NPROCESSORS_ONLN) / 2;
	pthread_t thread;

	if (argc == 3)
		body_len = read_length(argv[2]);
	if (argc < 2 || argc > 3 || body_len < 0) {
		fputs("usage: hello SOCKET [BYTES]\n", stderr);
		return 2;
	}
	body = malloc((size_t)body_len + 1);
	if (body == NULL)
		fail("malloc");
	memset(body, 'x', (size_t)body_len);
	FCGX_Init();
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		fail("epoll_create1");
	open_listener(argv[1]);
	watch(EPOLL_CTL_ADD, listener, NULL, EPOLLEXCLUSIVE);
	for (long i = 1; i < threads && i < THREADS_MAX; i++)
		if (pthread_create(&thread, NULL, work, NULL) != 0)
			fail("pthread_create");
	work(NULL);
	return 0;
}
