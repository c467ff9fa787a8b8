#include "http/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/internal.h"

#define STACK_SIZE ((size_t)1 << 20)
#define ACCEPT_MAX 16

static _Thread_local struct worker *self;

/* Wait for a place among the leaders; false: the end. */
static bool
lead(struct worker *w)
{
	struct loop *l = w->loop;

	if (atomic_load_explicit(&w->leads_hint, memory_order_relaxed))
		return true;
	pthread_mutex_lock(&l->lock);
	while (l->leaders >= l->leaders_max && !l->done)
		pthread_cond_wait(&l->changed, &l->lock);
	if (!l->done) {
		l->leaders++;
		w->leads = true;
		atomic_store(&w->leads_hint, true);
	}
	pthread_mutex_unlock(&l->lock);
	return atomic_load(&w->leads_hint);
}

static void
unlead_locked(struct worker *w)
{
	if (!w->leads)
		return;
	w->leads = false;
	atomic_store(&w->leads_hint, false);
	w->loop->leaders--;
	pthread_cond_signal(&w->loop->changed);
}

/* A worker that was going through the due requests leaves them, too. */
static void
pass_due(struct loop *l)
{
	pthread_mutex_lock(&l->due_lock);
	if (l->due != NULL)
		(void)eventfd_write(l->woken, 1);
	pthread_mutex_unlock(&l->due_lock);
}

static void
unlead(struct worker *w)
{
	pthread_mutex_lock(&w->loop->lock);
	unlead_locked(w);
	pthread_mutex_unlock(&w->loop->lock);
	pass_due(w->loop);
}

/* req_slow: somebody else may lead while this worker is busy. */
static void
on_slow(struct req *r)
{
	(void)r;
	if (self != NULL && atomic_load(&self->leads_hint))
		unlead(self);
}

/* Too many open files: wait for better times, not in a tight circle. */
static void
accept_failed(void)
{
	struct timespec pause = {.tv_nsec = 100000000};

	if (errno != EMFILE && errno != ENFILE && errno != ENOMEM)
		return;
	log_line(LOG_LEVEL_ERROR, "cannot accept", "why=%s", strerror(errno));
	nanosleep(&pause, NULL);
}

/* false: nobody else is waiting. */
static bool
accept_one(struct loop *l)
{
	int fd = accept4(l->listener->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		accept_failed();
		return false;
	}
	conn_start(&l->conns, fd);
	return true;
}

static void
accept_some(struct loop *l)
{
	for (int i = 0; i < ACCEPT_MAX && accept_one(l); i++)
		;
}

/* From any thread: r can go on. */
static void
on_wake(void *arg, struct req *r)
{
	struct loop *l = arg;
	bool first;

	r->next = NULL;
	pthread_mutex_lock(&l->due_lock);
	first = l->due == NULL;
	*l->due_end = r;
	l->due_end = &r->next;
	pthread_mutex_unlock(&l->due_lock);
	if (first)
		(void)eventfd_write(l->woken, 1);
}

static void
resume_due(struct loop *l)
{
	eventfd_t n;
	struct req *r;

	(void)eventfd_read(l->woken, &n);
	for (;;) {
		pthread_mutex_lock(&l->due_lock);
		r = l->due;
		if (r != NULL && (l->due = r->next) == NULL)
			l->due_end = &l->due;
		pthread_mutex_unlock(&l->due_lock);
		if (r == NULL)
			return;
		http_resume(r);
	}
}

static void
handle_event(struct loop *l, void *what)
{
	if (what == &l->listener)
		accept_some(l);
	else if (what == &l->woken)
		resume_due(l);
	else
		conn_serve(what);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct loop *l = w->loop;
	struct epoll_event ev;

	self = w;
	while (lead(w)) {
		int n = epoll_wait(l->epoll, &ev, 1, -1);

		if (n <= 0)
			continue;
		if (ev.data.ptr == &l->stop)
			break;
		atomic_fetch_add_explicit(&w->turns, 1, memory_order_relaxed);
		handle_event(l, ev.data.ptr);
		atomic_fetch_add_explicit(&w->turns, 1, memory_order_relaxed);
	}
	unlead(w);
	return NULL;
}

void
loop_watch(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->started; i++) {
		struct worker *w = &l->workers[i];
		unsigned turns = atomic_load(&w->turns);

		if (turns % 2 == 1 && turns == w->seen)
			unlead_locked(w);
		w->seen = turns;
	}
	pthread_mutex_unlock(&l->lock);
	pass_due(l);
}

static int
watch_fd(struct loop *l, int fd, void *what, uint32_t flags)
{
	struct epoll_event ev = {.events = EPOLLIN | flags, .data.ptr = what};

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static int
open_events(struct loop *l)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll < 0 || l->woken < 0 || l->stop < 0)
		return -1;
	if (watch_fd(l, l->listener->fd, &l->listener, EPOLLEXCLUSIVE) < 0 ||
	    watch_fd(l, l->woken, &l->woken, EPOLLEXCLUSIVE) < 0 ||
	    watch_fd(l, l->stop, &l->stop, 0) < 0)
		return -1;
	return 0;
}

static int
start_threads(struct loop *l)
{
	pthread_attr_t attr;
	int rc = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (; l->started < l->nworkers && rc == 0; l->started += rc == 0) {
		struct worker *w = &l->workers[l->started];

		w->loop = l;
		rc = pthread_create(&w->thread, &attr, work, w);
	}
	pthread_attr_destroy(&attr);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

/* nginx needs the other half of the processors. */
static size_t
choose_leaders(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN) / 2;

	return n > 1 ? (size_t)n : 1;
}

int
loop_start(struct loop *l, struct listener *listener, struct http *h,
    size_t max_body, size_t workers, struct err *e)
{
	memset(l, 0, sizeof(*l));
	l->listener = listener;
	l->due_end = &l->due;
	l->nworkers = workers;
	l->leaders_max = choose_leaders();
	l->workers = calloc(workers, sizeof(l->workers[0]));
	if (l->workers == NULL)
		abort();
	pthread_mutex_init(&l->lock, NULL);
	pthread_mutex_init(&l->due_lock, NULL);
	pthread_cond_init(&l->changed, NULL);
	int rc = open_events(l);

	conns_init(&l->conns, h, l->epoll, max_body);
	l->conns.tcp = listener->tcp;
	http_set_wake(h, on_wake, l);
	http_set_slow(h, on_slow);
	if (rc == 0)
		rc = start_threads(l);
	if (rc < 0) {
		err_set(
		    e, ERR_CONFIG, "不能启动服务线程：%s", err_reason(errno));
		loop_end(l);
	}
	return rc;
}

bool
loop_drain(struct loop *l, bool first, bool spare_new)
{
	if (first) {
		atomic_store(&l->conns.closing, true);
		(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->listener->fd, NULL);
		/* A supervisor's queue is for our successor. */
		listener_unlink(l->listener);
		while (!l->listener->given && accept_one(l))
			;
	}
	conns_cut(&l->conns, spare_new);
	return conns_count(&l->conns) == 0;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
loop_end(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	l->done = true;
	pthread_cond_broadcast(&l->changed);
	pthread_mutex_unlock(&l->lock);
	(void)eventfd_write(l->stop, 1);
	for (size_t i = 0; i < l->started; i++)
		pthread_join(l->workers[i].thread, NULL);
	http_set_wake(l->conns.http, NULL, NULL);
	http_set_slow(l->conns.http, NULL);
	conns_fini(&l->conns);
	close_fd(l->epoll);
	close_fd(l->woken);
	close_fd(l->stop);
	pthread_mutex_destroy(&l->lock);
	pthread_mutex_destroy(&l->due_lock);
	pthread_cond_destroy(&l->changed);
	free(l->workers);
}
