#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/err.h"

struct cfg;
struct http;

/*
 * Block SIGTERM and SIGINT and ignore SIGPIPE.  A program that serves calls
 * this first of all, before anything (a store) starts a thread: the signals
 * belong to server_run.
 */
void server_signals(void);

/*
 * Serve FastCGI on cfg->listen until SIGTERM or SIGINT: one shared epoll over
 * the listening socket, idle kept connections, finished writes and the stop
 * event; cfg->workers threads, one of them polling (half as many as there are
 * processors on larger machines).  ready() is called once it listens.  Takes
 * the socket of a supervisor (LISTEN_FDS) when given.
 *
 * Returns 0 after a graceful stop (requests in flight, parked ones too, are
 * answered), or -1: ERR_CONFIG when the socket cannot be opened;
 * ERR_UNAVAILABLE when requests still ran after cfg->drain.  Then threads are
 * left behind that use h and what is below it: the process must end (_exit)
 * without closing anything.
 */
int server_run(const struct cfg *cfg, struct http *h, void (*ready)(void *arg),
    void *arg, struct err *e) MUST_CHECK;

#endif
