#include "http/server.h"

#include <errno.h>
#include <fcgiapp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cfg.h"
#include "base/log.h"
#include "http/internal.h"
#include "http/loop.h"

#define WATCH_NS 50000000
#define DRAIN_STEP_NS 2000000
/* A connection just accepted has this long to ask something. */
#define NEW_GRACE_US 300000
#define WORKERS_MIN 2

static void
stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

void
server_signals(void)
{
	sigset_t set;

	stop_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static size_t
choose_workers(const struct cfg *cfg)
{
	long n = cfg->workers;

	if (n == 0)
		n = 2 * sysconf(_SC_NPROCESSORS_ONLN);
	return n > WORKERS_MIN ? (size_t)n : WORKERS_MIN;
}

/* Wait for a stop signal; look after the workers meanwhile. */
static void
wait_for_stop(struct loop *l)
{
	struct timespec tick = {.tv_nsec = WATCH_NS};
	sigset_t set;

	stop_signals(&set);
	while (sigtimedwait(&set, NULL, &tick) < 0)
		loop_watch(l);
}

/* false: requests still run when the time is over. */
static bool
drain(struct loop *l, int64_t drain_ms)
{
	struct timespec step = {.tv_nsec = DRAIN_STEP_NS};
	int64_t start = clock_us();
	bool first = true;

	for (;;) {
		int64_t us = clock_us() - start;

		if (loop_drain(l, first, us < NEW_GRACE_US))
			return true;
		if (us > drain_ms * 1000)
			return false;
		first = false;
		loop_watch(l);
		nanosleep(&step, NULL);
	}
}

int
server_run(const struct cfg *cfg, struct http *h, void (*ready)(void *arg),
    void *arg, struct err *e)
{
	/* Static: after a failed drain, threads still use them. */
	static struct listener listener;
	static struct loop loop;

	server_signals();
	if (FCGX_Init() != 0)
		return err_set(e, ERR_CONFIG, "不能初始化FastCGI");
	if (listener_open(&listener, cfg->listen, e) < 0)
		return -1;
	if (loop_start(&loop, &listener, h, cfg->max_body, choose_workers(cfg),
		e) < 0) {
		listener_close(&listener);
		return -1;
	}
	if (ready != NULL)
		ready(arg);
	wait_for_stop(&loop);
	log_line(LOG_LEVEL_INFO, "stopping", NULL);
	if (!drain(&loop, cfg->drain))
		return err_set(e, ERR_UNAVAILABLE,
		    "停止服务时仍有请求没有完成（drain=%lldms）",
		    (long long)cfg->drain);
	loop_end(&loop);
	listener_close(&listener);
	return 0;
}
