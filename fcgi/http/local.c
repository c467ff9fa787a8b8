#include "http/local.h"

#include <pthread.h>
#include <string.h>

#include "base/buf.h"
#include "http/internal.h"

struct local {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
};

static void
finish(struct req *r)
{
	struct local *l = r->transport;

	pthread_mutex_lock(&l->lock);
	l->done = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

static void
fill(struct req *r, const struct local_request *in)
{
	const char *target = in->target;
	size_t path_len = strcspn(target, "?");

	r->method_text = in->method;
	r->path = arena_strndup(&r->arena, target, path_len);
	r->query = target + path_len + (target[path_len] == '?');
	r->accept = in->accept;
	r->content_type = in->content_type;
	r->if_match = in->if_match;
	r->if_none_match = in->if_none_match;
	r->idempotency_key = in->idempotency_key;
	r->authorization = in->authorization;
	r->cookie = in->cookie;
	r->host = in->host;
	r->origin = in->origin;
	r->fetch_site = in->fetch_site;
	r->requested_with = in->requested_with;
	r->https = in->https;
	r->request_id_in = in->request_id;
	r->traceparent = in->traceparent;
	r->sign = in->sign;
	if (in->body != NULL) {
		r->raw = in->body;
		r->raw_len = in->body_len;
	}
	r->local = in->local;
	r->remote = in->remote != NULL ? in->remote : "local";
	r->finish = finish;
}

int
local_request(struct http *h, const struct local_request *in, struct buf *out)
{
	struct local l = {
	    PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
	struct req r;
	const char *body;
	size_t len;
	int status;

	req_init(&r);
	fill(&r, in);
	r.transport = &l;
	http_dispatch(h, &r);
	pthread_mutex_lock(&l.lock);
	while (!l.done)
		pthread_cond_wait(&l.changed, &l.lock);
	pthread_mutex_unlock(&l.lock);
	res_print_head(&r, out);
	body = res_bytes(&r, &len);
	buf_addn(out, body, len);
	status = r.res.status;
	req_fini(&r);
	pthread_cond_destroy(&l.changed);
	pthread_mutex_destroy(&l.lock);
	return status;
}
