#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/err.h"

struct cfg;
struct http;

/*
 * Serve FastCGI on cfg->listen until SIGTERM or SIGINT: one shared epoll over
 * the listening socket, idle kept connections, finished writes and the stop
 * event; cfg->workers threads, one of them polling.  Returns 0 after a
 * graceful stop (requests in flight, parked ones too, are answered), or -1:
 * ERR_CONFIG when the socket cannot be opened.  ready() is called once it
 * listens.  Takes the socket of a supervisor (LISTEN_FDS) when given.
 */
int server_run(const struct cfg *cfg, struct http *h, void (*ready)(void *arg),
    void *arg, struct err *e) MUST_CHECK;

#endif
