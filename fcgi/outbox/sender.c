#include "outbox/sender.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "outbox/guard.h"

#define CONNECT_MS 5000L
#define ANSWER_MAX ((size_t)64 << 10)
#define HEADER_MAX 512
#define PER_HOST 16L

struct sending {
	struct sender *sender;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	bool by_name; /* the list names the host */
	bool refused;
	bool too_big;
	size_t answer; /* bytes of the answer, which nobody keeps */
	sender_fn *done;
	void *arg;
	struct sending *prev, *next;
};

struct sender {
	CURLM *multi;
	const struct guard *guard;
	long timeout_ms;
	struct curl_slist *resolve;
	struct sending *head;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void
start_curl(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
}

struct sender *
sender_new(const struct guard *guard, int64_t timeout_ms)
{
	struct sender *s = calloc(1, sizeof(*s));

	pthread_once(&curl_once, start_curl);
	if (s == NULL || (s->multi = curl_multi_init()) == NULL)
		abort();
	s->guard = guard;
	s->timeout_ms = (long)timeout_ms;
	curl_multi_setopt(s->multi, CURLMOPT_MAX_HOST_CONNECTIONS, PER_HOST);
	return s;
}

static void
sending_free(struct sending *t)
{
	struct sender *s = t->sender;

	if (t->prev != NULL)
		t->prev->next = t->next;
	else
		s->head = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	curl_multi_remove_handle(s->multi, t->easy);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	free(t->body);
	free(t);
}

void
sender_free(struct sender *s)
{
	if (s == NULL)
		return;
	while (s->head != NULL)
		sending_free(s->head);
	curl_multi_cleanup(s->multi);
	curl_slist_free_all(s->resolve);
	free(s);
}

void
sender_cancel(struct sender *s, struct sending *t)
{
	(void)s;
	sending_free(t);
}

void
sender_wake(struct sender *s)
{
	curl_multi_wakeup(s->multi);
}

void
sender_resolve(struct sender *s, const char *entry)
{
	curl_slist_free_all(s->resolve);
	s->resolve = curl_slist_append(NULL, entry);
}

/* Here the address is known that will be connected to: the last moment. */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct sending *t = arg;

	(void)purpose;
	if (!t->by_name && !guard_permits(t->sender->guard, &to->addr)) {
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* What the receiver says beside its status is of no interest. */
static size_t
take_answer(char *data, size_t size, size_t n, void *arg)
{
	struct sending *t = arg;

	(void)data;
	t->answer += size * n;
	if (t->answer <= ANSWER_MAX)
		return size * n;
	t->too_big = true;
	return 0;
}

static void
add_header(struct sending *t, const char *name, const char *value)
{
	char line[HEADER_MAX];

	snprintf(line, sizeof(line), "%s: %s", name, value);
	t->headers = curl_slist_append(t->headers, line);
	if (t->headers == NULL)
		abort();
}

static void
add_headers(struct sending *t, const struct sender_request *q)
{
	char seconds[24];

	snprintf(seconds, sizeof(seconds), "%lld", (long long)q->seconds);
	add_header(t, "Content-Type", "application/json");
	add_header(t, "User-Agent", "minsheng/" MS_VERSION);
	add_header(t, "webhook-id", q->id);
	add_header(t, "webhook-timestamp", seconds);
	add_header(t, "webhook-signature", q->signature);
	/* curl asks "100-continue" for larger bodies: a round trip. */
	t->headers = curl_slist_append(t->headers, "Expect:");
}

static void
set_options(struct sender *s, struct sending *t, const char *url)
{
	CURL *c = t->easy;

	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, s->timeout_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_POST, 1L);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->body);
	curl_easy_setopt(
	    c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(t->body));
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(c, CURLOPT_PIPEWAIT, 0L);
	if (s->resolve != NULL)
		curl_easy_setopt(c, CURLOPT_RESOLVE, s->resolve);
}

/* Is the host on the list by its name?  Not what it leads to. */
static bool
named(const struct guard *g, const char *url)
{
	struct err ignored;
	char *host = NULL;
	bool known = false;

	err_init(&ignored);
	if (guard_check_url(g, url, "", &host, &ignored) == 0)
		known = guard_knows_host(g, host);
	free(host);
	return known;
}

struct sending *
sender_start(struct sender *s, const struct sender_request *q, sender_fn *done,
    void *arg)
{
	struct sending *t = calloc(1, sizeof(*t));

	if (t == NULL || (t->easy = curl_easy_init()) == NULL ||
	    (t->body = strdup(q->body)) == NULL)
		abort();
	t->sender = s;
	t->done = done;
	t->arg = arg;
	t->by_name = named(s->guard, q->url);
	t->next = s->head;
	if (s->head != NULL)
		s->head->prev = t;
	s->head = t;
	add_headers(t, q);
	set_options(s, t, q->url);
	curl_multi_add_handle(s->multi, t->easy);
	return t;
}

static struct sent_result
result_of(const struct sending *t, CURLcode code)
{
	struct sent_result r = {.how = SENT_FAILED};
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	r.status = (int)status;
	if (t->refused)
		r.how = SENT_REFUSED;
	else if (t->too_big)
		r.how = SENT_TOOBIG;
	else if (code == CURLE_OPERATION_TIMEDOUT)
		r.how = SENT_TIMEOUT;
	else if (code == CURLE_OK)
		r.how = status >= 200 && status < 300 ? SENT_OK : SENT_STATUS;
	return r;
}

static void
reap(struct sender *s)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
		struct sending *t = NULL;
		struct sent_result r;
		sender_fn *done;
		void *arg;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		r = result_of(t, m->data.result);
		done = t->done;
		arg = t->arg;
		sending_free(t);
		done(arg, &r);
	}
}

void
sender_run(struct sender *s, int wait_ms)
{
	int running;

	curl_multi_perform(s->multi, &running);
	reap(s);
	if (wait_ms > 0)
		curl_multi_poll(s->multi, NULL, 0, wait_ms, NULL);
	curl_multi_perform(s->multi, &running);
	reap(s);
}
