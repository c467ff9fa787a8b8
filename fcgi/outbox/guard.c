#include "outbox/guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ENTRIES_MAX 64
#define WORD_MAX 256
#define URL_MAX 2048

/* Every address is one of IPv6; one of IPv4 is ::ffff:a.b.c.d. */
struct range {
	struct in6_addr net;
	unsigned bits;
};

struct guard {
	struct range ranges[ENTRIES_MAX];
	size_t nranges;
	char hosts[ENTRIES_MAX][WORD_MAX];
	size_t nhosts;
};

/* What is not on the internet, or not one place on it. */
static const char *const inside[] = {
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
    "::/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "2002::/16",
    "fc00::/7",
    "fe80::/9",
    "ff00::/8",
};
#define NINSIDE (sizeof(inside) / sizeof(inside[0]))

static void
map_v4(const struct in_addr *v4, struct in6_addr *out)
{
	memset(out, 0, sizeof(*out));
	out->s6_addr[10] = 0xff;
	out->s6_addr[11] = 0xff;
	memcpy(out->s6_addr + 12, v4, 4);
}

static bool
read_bits(const char *s, unsigned most, unsigned *bits)
{
	size_t n = strspn(s, "0123456789");

	*bits = (unsigned)strtoul(s, NULL, 10);
	return n >= 1 && n <= 3 && s[n] == '\0' && *bits <= most;
}

/* "10.0.0.0/8", "::1"; false: something else. */
static bool
read_range(const char *word, struct range *out)
{
	char text[WORD_MAX];
	struct in_addr v4;
	char *slash;

	strcpy(text, word);
	slash = strchr(text, '/');
	if (slash != NULL)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		map_v4(&v4, &out->net);
		out->bits = 32;
		if (slash != NULL && !read_bits(slash, 32, &out->bits))
			return false;
		out->bits += 96;
		return true;
	}
	out->bits = 128;
	return inet_pton(AF_INET6, text, &out->net) == 1 &&
	       (slash == NULL || read_bits(slash, 128, &out->bits));
}

static bool
in_range(const struct range *r, const struct in6_addr *a)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;
	unsigned mask = 0xffU << (8 - rest) & 0xffU;

	if (memcmp(&r->net, a, whole) != 0)
		return false;
	return rest == 0 ||
	       ((r->net.s6_addr[whole] ^ a->s6_addr[whole]) & mask) == 0;
}

static bool
is_host(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789.-");

	return word[n] == '\0';
}

static int
add_word(struct guard *g, const char *word, struct err *e)
{
	if (g->nranges == ENTRIES_MAX || g->nhosts == ENTRIES_MAX)
		return err_set(
		    e, ERR_CONFIG, "webhook_allow：最多%d项", ENTRIES_MAX);
	if (read_range(word, &g->ranges[g->nranges])) {
		g->nranges++;
		return 0;
	}
	if (!is_host(word))
		return err_set(e, ERR_CONFIG,
		    "webhook_allow：“%.80s”不是主机名、地址或网段", word);
	strcpy(g->hosts[g->nhosts++], word);
	return 0;
}

struct guard *
guard_new(const char *list, struct err *e)
{
	struct guard *g = calloc(1, sizeof(*g));
	char word[WORD_MAX];

	if (g == NULL)
		abort();
	for (;;) {
		list += strspn(list, " ,\t");
		size_t n = strcspn(list, " ,\t");

		if (n == 0)
			return g;
		if (n >= sizeof(word)) {
			err_set(e, ERR_CONFIG, "webhook_allow：有一项过长");
			break;
		}
		memcpy(word, list, n);
		word[n] = '\0';
		list += n;
		if (add_word(g, word, e) < 0)
			break;
	}
	guard_free(g);
	return NULL;
}

void
guard_free(struct guard *g)
{
	free(g);
}

bool
guard_knows_host(const struct guard *g, const char *host)
{
	for (size_t i = 0; i < g->nhosts; i++)
		if (strcasecmp(g->hosts[i], host) == 0)
			return true;
	return false;
}

static bool
permits(const struct guard *g, const struct in6_addr *a)
{
	struct range r;

	for (size_t i = 0; i < g->nranges; i++)
		if (in_range(&g->ranges[i], a))
			return true;
	for (size_t i = 0; i < NINSIDE; i++)
		if (read_range(inside[i], &r) && in_range(&r, a))
			return false;
	return true;
}

bool
guard_permits(const struct guard *g, const struct sockaddr *to)
{
	struct in6_addr a;

	if (to->sa_family == AF_INET) {
		struct sockaddr_in v4;

		memcpy(&v4, to, sizeof(v4));
		map_v4(&v4.sin_addr, &a);
	} else if (to->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;

		memcpy(&v6, to, sizeof(v6));
		a = v6.sin6_addr;
	} else {
		return false;
	}
	return permits(g, &a);
}

/* ---- addresses of webhooks ---- */

/* new, or NULL: there is no such part. */
static char *
part_of(CURLU *u, CURLUPart part)
{
	char *text = NULL, *copy = NULL;

	if (curl_url_get(u, part, &text, 0) == CURLUE_OK)
		copy = strdup(text);
	curl_free(text);
	return copy;
}

static bool
has_part(CURLU *u, CURLUPart part)
{
	char *text = part_of(u, part);

	free(text);
	return text != NULL;
}

/* "[::1]" is spelled with brackets in an address only. */
static bool
host_permitted(const struct guard *g, const char *host)
{
	char text[WORD_MAX];
	struct range r;
	size_t n = strlen(host);

	if (n >= sizeof(text))
		return false;
	strcpy(text, host);
	if (host[0] == '[' && host[n - 1] == ']') {
		text[n - 1] = '\0';
		memmove(text, text + 1, n - 1);
	}
	if (strchr(text, '/') != NULL || !read_range(text, &r))
		return true; /* a name: judged when it is connected to */
	return permits(g, &r.net);
}

static int
check_parts(const struct guard *g, CURLU *u, const char *scheme,
    const char *host, const char *pointer, struct err *e)
{
	if (scheme == NULL ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		return err_add(e, ERR_INVALID, pointer, "url",
		    "地址须以https://或http://开头");
	if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD))
		return err_add(
		    e, ERR_INVALID, pointer, "url", "地址里不能有用户名和密码");
	if (has_part(u, CURLUPART_FRAGMENT))
		return err_add(e, ERR_INVALID, pointer, "url", "地址里不能有#");
	if (host == NULL || !host_permitted(g, host))
		return err_add(e, ERR_INVALID, pointer, "url",
		    "不能向内部地址推送；确有需要，请管理员把它写进设置"
		    "webhook_allow");
	return 0;
}

int
guard_check_url(const struct guard *g, const char *url, const char *pointer,
    char **host, struct err *e)
{
	CURLU *u = curl_url();
	char *scheme = NULL;
	int rc = -1;

	*host = NULL;
	if (u == NULL)
		abort();
	if (strlen(url) > URL_MAX ||
	    curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK) {
		err_add(e, ERR_INVALID, pointer, "url", "不是合法的网址");
		goto out;
	}
	scheme = part_of(u, CURLUPART_SCHEME);
	*host = part_of(u, CURLUPART_HOST);
	rc = check_parts(g, u, scheme, *host, pointer, e);
out:
	if (rc < 0) {
		free(*host);
		*host = NULL;
	}
	free(scheme);
	curl_url_cleanup(u);
	return rc;
}
