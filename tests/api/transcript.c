#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/conversation.h"
#include "base/buf.h"

#define LINK "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* "2019-04-04T00:00:00.000Z": the digits' places. */
static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";

static bool
is_instant(const char *s)
{
	for (size_t i = 0; shape[i] != '\0'; i++) {
		if (shape[i] == 'd' ? !isdigit((unsigned char)s[i])
				    : s[i] != shape[i])
			return false;
	}
	return true;
}

/* Instants of this run differ from run to run; those of the data do not. */
static bool
is_of_this_run(const char *s)
{
	return is_instant(s) && strncmp(s, "2025", 4) >= 0 &&
	       strncmp(s, "2100", 4) < 0;
}

static const char *const masked[] = {"\"traceId\":\"", "\"key\":\"",
    "\"store\":\"", "\"nextCursor\":\"", "\"version\":\"", "\"blob\":\"",
    "\"_id\":\"whk-", "\"id\":\"evt_", "\"id\":\"whk-", "\"secret\":\"",
    "\"requestId\":\"", "\"headHash\":\"", "\"ticket\":\""};

/* The id of an entry of the audit, and its links: of this run, too. */
static const char entry_id[] = "xxxxxxxxxxxx-xxxxxxxxxxxx-xxxxxxxx\"";
static const char entry_links[] = "\"prev\":\"" LINK "\",\"hash\":\"" LINK;

/* Where the pattern has an x there is a hexadecimal digit. */
static bool
has_shape(const char *s, const char *pattern)
{
	for (; *pattern != '\0'; s++, pattern++)
		if (*pattern == 'x' ? !isxdigit((unsigned char)*s)
				    : *s != *pattern)
			return false;
	return true;
}

/* The length of a member's beginning whose text is of this run, or 0. */
static size_t
masked_member(const char *s)
{
	for (size_t i = 0; i < COUNT(masked); i++) {
		if (strncmp(s, masked[i], strlen(masked[i])) == 0)
			return strlen(masked[i]);
	}
	return 0;
}

/* "k" and twelve digits: the id of an API key. */
static bool
is_key_id(const char *s)
{
	return s[0] == '"' && s[1] == 'k' &&
	       strspn(s + 2, "0123456789abcdef") == 12 && s[14] == '"';
}

static void
add_masked(struct buf *b, const char *s)
{
	size_t n;

	while (*s != '\0') {
		if (is_of_this_run(s)) {
			buf_add(b, "<instant>");
			s += strlen(shape);
		} else if (has_shape(s, entry_id)) {
			s += strlen(entry_id);
		} else if (has_shape(s, entry_links)) {
			s += strlen(entry_links);
		} else if ((n = masked_member(s)) > 0) {
			buf_addn(b, s, n);
			s += n + strcspn(s + n, "\"");
		} else if (is_key_id(s)) {
			buf_add(b, "\"<key>\"");
			s += strlen("\"k000000000000\"");
		} else {
			buf_addc(b, *s++);
		}
	}
}

/* A change stamp, or the hash of bytes that hold instants. */
static bool
is_of_run(const char *tag)
{
	return strchr(tag, '-') != NULL || strlen(tag) > 64;
}

void
transcript_add(struct buf *b, const struct answer *a)
{
	char *type = answer_header(a, "Content-Type");
	char *tag = answer_header(a, "ETag");

	buf_addf(b, "%d %s %s\n", a->status, type != NULL ? type : "-",
	    tag == NULL      ? "-"
	    : is_of_run(tag) ? "<stamp>"
			     : tag);
	if (type == NULL || strstr(type, "text/plain") == NULL)
		add_masked(b, a->body);
	buf_addc(b, '\n');
	free(type);
	free(tag);
}
