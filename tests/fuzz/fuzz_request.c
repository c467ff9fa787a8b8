#include <stdlib.h>
#include <string.h>

#include "api/app.h"
#include "base/buf.h"
#include "base/json.h"
#include "fuzz/fuzz.h"
#include "http/local.h"

/*
 * A request as text: "GET /api/v1/plans", lines "If-Match: 1", an empty line,
 * the body.  Whatever is asked, the answer is well formed, and never 5xx.
 */
const char *const fuzz_seeds[] = {
    "tests/fuzz/corpus/request",
    NULL,
};

static struct app app;

static void
set_up(void)
{
	static struct cfg cfg;
	struct store *store = fuzz_store(&cfg);
	struct err e;

	err_init(&e);
	FUZZ_CHECK(app_init(&app, &cfg, store, &e) == 0);
}

/* Where a header's value goes. */
static const char **
slot(struct local_request *in, const char *name)
{
	const struct {
		const char *name;
		const char **value;
	} slots[] = {
	    {"Content-Type", &in->content_type},
	    {"If-Match", &in->if_match},
	    {"If-None-Match", &in->if_none_match},
	    {"Idempotency-Key", &in->idempotency_key},
	    {"Authorization", &in->authorization},
	    {"Cookie", &in->cookie},
	    {"X-Request-Id", &in->request_id},
	    {"traceparent", &in->traceparent},
	};

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (strcmp(slots[i].name, name) == 0)
			return slots[i].value;
	return NULL;
}

/* The next line of *s, its end cut off; NULL when there is none. */
static char *
next_line(char **s)
{
	char *line = *s;
	char *end = strchr(line, '\n');

	if (*line == '\0')
		return NULL;
	*s = end != NULL ? end + 1 : line + strlen(line);
	if (end != NULL)
		*end = '\0';
	return line;
}

static void
parse(char *text, size_t n, struct local_request *in)
{
	char *s = text, *line = next_line(&s);
	char *blank = line != NULL ? strchr(line, ' ') : NULL;

	in->method = line != NULL ? line : "";
	in->target = "";
	if (blank != NULL) {
		*blank = '\0';
		in->target = blank + 1;
	}
	while ((line = next_line(&s)) != NULL && *line != '\0') {
		char *colon = strstr(line, ": ");
		const char **value;

		if (colon == NULL)
			continue;
		*colon = '\0';
		value = slot(in, line);
		if (value != NULL)
			*value = colon + 2;
	}
	in->body = s;
	in->body_len = n - (size_t)(s - text);
}

/* Header lines hold no control characters; the body is what it says. */
static void
check_answer(int status, const struct buf *out)
{
	const char *body = strstr(out->data, "\r\n\r\n");
	const char *json = strstr(out->data, "json\r\n");
	struct err e;
	json_t *v;

	FUZZ_CHECK(status >= 200 && status < 500);
	FUZZ_CHECK(body != NULL);
	for (const char *s = out->data; s < body; s++)
		FUZZ_CHECK(
		    (unsigned char)*s >= 0x20 || *s == '\r' || *s == '\n');
	body += strlen("\r\n\r\n");
	if (*body == '\0' || json == NULL || json > body)
		return;
	err_init(&e);
	v = json_read_own(body, out->len - (size_t)(body - out->data), &e);
	FUZZ_CHECK(v != NULL);
	json_decref(v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct local_request in = {.method = "", .local = true};
	char *text = malloc(n + 1);
	struct buf out;
	int status;

	FUZZ_CHECK(text != NULL);
	if (app.http == NULL)
		set_up();
	if (n > 0)
		memcpy(text, data, n);
	text[n] = '\0';
	parse(text, n, &in);
	buf_init(&out, 0);
	status = local_request(app.http, &in, &out);
	check_answer(status, &out);
	buf_fini(&out);
	free(text);
	return 0;
}
