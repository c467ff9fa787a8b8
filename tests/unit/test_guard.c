#include "outbox/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "outbox/hook_sign.h"
#include "outbox/sender.h"
#include "unit/support.h"

static bool
permits(const struct guard *g, const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_storage to;

	memset(&to, 0, sizeof(to));
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		memcpy(&to, &v4, sizeof(v4));
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		memcpy(&to, &v6, sizeof(v6));
	else
		fail_msg("%s", text);
	return guard_permits(g, (const struct sockaddr *)&to);
}

/* What SSRF aims at: refused, and permitted where the list says so. */
static void
inside_is_refused(void **state)
{
	static const char *const refused[] = {"127.0.0.1", "127.255.255.254",
	    "0.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1",
	    "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
	    "224.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1",
	    "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254",
	    "64:ff9b::7f00:1", "2002:7f00:1::", "fc00::1", "fd12:3456::1",
	    "fe80::1", "febf::1", "fec0::1", "ff02::1"};
	static const char *const permitted[] = {"8.8.8.8", "1.1.1.1",
	    "172.15.255.255", "172.32.0.1", "192.167.255.255",
	    "169.253.255.255", "11.0.0.1", "126.255.255.255", "128.0.0.1",
	    "2400:3200::1", "::ffff:8.8.8.8", "fbff::1"};
	struct err e;
	struct guard *g, *open;

	(void)state;
	err_init(&e);
	g = guard_new("", &e);
	open = guard_new("0.0.0.0/0, ::/0", &e);
	assert_non_null(g);
	assert_non_null(open);
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (permits(g, refused[i]) || !permits(open, refused[i]))
			fail_msg("%s", refused[i]);
	}
	for (size_t i = 0; i < COUNT(permitted); i++)
		if (!permits(g, permitted[i]))
			fail_msg("%s", permitted[i]);
	guard_free(g);
	guard_free(open);
}

static void
the_list(void **state)
{
	static const char *const bad[] = {
	    "10.0.0.0/33", "::/129", "10.0.0.0/", "a_b", "a/b", "http://x"};
	struct err e;
	struct guard *g;

	(void)state;
	err_init(&e);
	g = guard_new(" 10.1.0.0/16,fd00::/8\t192.168.1.7 oa.example.cn", &e);
	assert_non_null(g);
	assert_true(permits(g, "10.1.255.1"));
	assert_false(permits(g, "10.2.0.1"));
	assert_true(permits(g, "::ffff:10.1.0.1"));
	assert_true(permits(g, "fd11::1"));
	assert_false(permits(g, "fc00::1"));
	assert_true(permits(g, "192.168.1.7"));
	assert_false(permits(g, "192.168.1.8"));
	assert_true(guard_knows_host(g, "OA.example.cn"));
	assert_false(guard_knows_host(g, "x.oa.example.cn"));
	guard_free(g);
	for (size_t i = 0; i < COUNT(bad); i++) {
		err_init(&e);
		assert_null(guard_new(bad[i], &e));
		assert_int_equal(e.code, ERR_CONFIG);
	}
	guard_free(NULL);
}

static void
addresses_of_webhooks(void **state)
{
	static const struct {
		const char *url;
		bool good;
	} cases[] = {
	    {"https://oa.example.cn/hook?x=1", true},
	    {"http://oa.example.cn:8080", true},
	    {"https://8.8.8.8/", true},
	    {"ftp://oa.example.cn/", false},
	    {"file:///etc/passwd", false},
	    {"gopher://x/", false},
	    {"oa.example.cn", false},
	    {"//oa.example.cn/", false},
	    {"https://user@oa.example.cn/", false},
	    {"https://user:pass@oa.example.cn/", false},
	    {"https://oa.example.cn/#x", false},
	    {"http://127.0.0.1/", false},
	    {"http://127.1/", false},
	    {"http://2130706433/", false},
	    {"http://0x7f000001/", false},
	    {"http://017700000001/", false},
	    {"http://[::1]/", false},
	    {"http://[::ffff:127.0.0.1]:80/", false},
	    {"http://[fe80::1]/", false},
	    {"http://169.254.169.254/latest/meta-data", false},
	    {"http://10.0.0.1:6379/", false},
	    {"http://0.0.0.0/", false},
	    {"http://a b/", false},
	    {"", false},
	};
	struct err e;
	struct guard *g;
	char *host;

	(void)state;
	err_init(&e);
	g = guard_new("", &e);
	assert_non_null(g);
	for (size_t i = 0; i < COUNT(cases); i++) {
		int rc;

		err_init(&e);
		rc = guard_check_url(g, cases[i].url, "/url", &host, &e);
		if ((rc == 0) != cases[i].good)
			fail_msg("%s", cases[i].url);
		assert_true((host != NULL) == cases[i].good);
		if (!cases[i].good)
			assert_string_equal(e.items[0].pointer, "/url");
		free(host);
	}
	guard_free(g);
}

/* ---- sending ---- */

/* A receiver that answers every request with the same text. */
struct receiver {
	int fd;
	int port;
	int nrequests;
	const char *answer;
	pthread_t thread;
};

static void *
receive(void *arg)
{
	struct receiver *v = arg;
	char in[4096];
	int fd;

	while ((fd = accept(v->fd, NULL, NULL)) >= 0) {
		__atomic_add_fetch(&v->nrequests, 1, __ATOMIC_SEQ_CST);
		if (recv(fd, in, sizeof(in), 0) > 0)
			(void)!write(fd, v->answer, strlen(v->answer));
		/* Without an end: keep it open until the other side goes. */
		if (*v->answer == '\0')
			(void)!recv(fd, in, sizeof(in), 0);
		close(fd);
	}
	return NULL;
}

static void
receiver_start(struct receiver *v, const char *answer)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*v = (struct receiver){.answer = answer};
	v->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(v->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(v->fd, 8), 0);
	assert_int_equal(getsockname(v->fd, (struct sockaddr *)&at, &len), 0);
	v->port = ntohs(at.sin_port);
	pthread_create(&v->thread, NULL, receive, v);
}

static void
receiver_stop(struct receiver *v)
{
	shutdown(v->fd, SHUT_RDWR);
	pthread_join(v->thread, NULL);
	close(v->fd);
}

struct outcome {
	int times;
	struct sent_result result;
};

static void
note(void *arg, const struct sent_result *result)
{
	struct outcome *o = arg;

	o->times++;
	o->result = *result;
}

static struct outcome
send_to(struct sender *s, const char *host, int port)
{
	struct outcome o = {0};
	char url[128];
	struct sender_request q = {url, "evt_1", 1567209600, "v1,x", "{}"};

	snprintf(url, sizeof(url), "http://%s:%d/hook", host, port);
	assert_non_null(sender_start(s, &q, note, &o));
	for (int i = 0; i < 200 && o.times == 0; i++)
		sender_run(s, 50);
	assert_int_equal(o.times, 1);
	return o;
}

/* A name that changes its answer is judged by what is connected to. */
static void
names_that_change(void **state)
{
	struct receiver v;
	struct outcome o;
	struct guard *g;
	struct sender *s;
	char entry[128];
	struct err e;

	(void)state;
	err_init(&e);
	receiver_start(&v, "HTTP/1.1 204 No Content\r\n"
			   "Connection: close\r\n\r\n");
	g = guard_new("127.0.0.2", &e);
	s = sender_new(g, 2000);
	/* First it leads where it may ... */
	snprintf(entry, sizeof(entry), "oa.test:%d:127.0.0.2", v.port);
	sender_resolve(s, entry);
	o = send_to(s, "oa.test", v.port);
	assert_int_not_equal(o.result.how, SENT_REFUSED);
	/* ... then inside: nothing reaches the receiver. */
	__atomic_store_n(&v.nrequests, 0, __ATOMIC_SEQ_CST);
	static const char *const inner[] = {
	    "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"};
	for (size_t i = 0; i < COUNT(inner); i++) {
		snprintf(entry, sizeof(entry), "oa%zu.test:%d:%s", i, v.port,
		    inner[i]);
		sender_resolve(s, entry);
		char name[32];

		snprintf(name, sizeof(name), "oa%zu.test", i);
		o = send_to(s, name, v.port);
		assert_int_equal(o.result.how, SENT_REFUSED);
		assert_int_equal(o.result.status, 0);
	}
	assert_int_equal(__atomic_load_n(&v.nrequests, __ATOMIC_SEQ_CST), 0);
	sender_free(s);
	guard_free(g);
	/* A host that is named on the list may lie anywhere. */
	g = guard_new("oa.test", &e);
	s = sender_new(g, 2000);
	snprintf(entry, sizeof(entry), "oa.test:%d:127.0.0.1", v.port);
	sender_resolve(s, entry);
	o = send_to(s, "oa.test", v.port);
	assert_int_equal(o.result.how, SENT_OK);
	assert_int_equal(o.result.status, 204);
	sender_free(s);
	guard_free(g);
	receiver_stop(&v);
}

static void
answers(void **state)
{
	static char endless[100 << 10];
	static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
	const struct {
		const char *answer;
		enum sent how;
		int status;
	} cases[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
	     "Connection: close\r\n\r\n",
		SENT_OK, 200},
	    {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
	     "Content-Length: 0\r\nConnection: close\r\n\r\n",
		SENT_STATUS, 302},
	    {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n"
	     "Connection: close\r\n\r\n",
		SENT_STATUS, 500},
	    {"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n"
	     "Connection: close\r\n\r\n",
		SENT_STATUS, 410},
	    {"nonsense", SENT_FAILED, 0},
	    {"", SENT_TIMEOUT, 0},
	    {endless, SENT_TOOBIG, 200},
	};
	struct err e;
	struct guard *g;
	struct sender *s;

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	memcpy(endless, head, strlen(head));
	err_init(&e);
	g = guard_new("127.0.0.0/8", &e);
	s = sender_new(g, 500);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct receiver v;
		struct outcome o;

		receiver_start(&v, cases[i].answer);
		o = send_to(s, "127.0.0.1", v.port);
		if (o.result.how != cases[i].how ||
		    o.result.status != cases[i].status)
			fail_msg("%.40s: %d %d", cases[i].answer,
			    (int)o.result.how, o.result.status);
		receiver_stop(&v);
	}
	/* Nobody there. */
	assert_int_equal(send_to(s, "127.0.0.1", 1).result.how, SENT_FAILED);
	sender_free(s);
	guard_free(g);
}

/* The example of the Standard Webhooks specification's libraries. */
static void
signatures(void **state)
{
	const char *secret[] = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	    "whsec_AAAA", "whsec_?", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
	char made[HOOK_SECRET_TEXT];
	struct buf out;
	struct err e;

	(void)state;
	err_init(&e);
	buf_init(&out, 0);
	assert_int_equal(
	    hook_sign(&out, secret, 1, "msg_p5jXN8AQM9LWM0D4loKWxJek",
		1614265330, "{\"test\": 2432232314}", &e),
	    0);
	assert_string_equal(
	    out.data, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buf_reset(&out);
	assert_int_equal(hook_sign(&out, secret, 2, "a", 1, "{}", &e), 0);
	assert_non_null(strstr(out.data, "= v1,"));
	assert_int_equal(hook_sign(&out, secret + 2, 1, "a", 1, "", &e), -1);
	assert_int_equal(hook_sign(&out, secret + 3, 1, "a", 1, "", &e), -1);
	hook_secret_make(made);
	secret[0] = made;
	assert_int_equal(strlen(made), 6 + 44);
	assert_int_equal(hook_sign(&out, secret, 1, "a", 1, "{}", &e), 0);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(inside_is_refused),
	    cmocka_unit_test(the_list),
	    cmocka_unit_test(addresses_of_webhooks),
	    cmocka_unit_test(names_that_change),
	    cmocka_unit_test(answers),
	    cmocka_unit_test(signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
