#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* The codes come from err.def, the only list. */
enum err_code {
	ERR_NONE,
#define ERR(name, status, slug, title) ERR_##name,
#include "base/err.def"
#undef ERR
	ERR__MAX
};

#define ERR_ITEMS 20

/* One thing that is wrong with a document, and where. */
struct err_item {
	char pointer[192]; /* RFC 6901, "" is the whole document */
	char keyword[32];  /* the schema keyword or import rule it breaks */
	char detail[256];  /* one Chinese sentence */
};

/*
 * The story of a failure.  Every function that can fail takes one last,
 * fills it where the failure is detected and returns -1 or NULL; layers
 * above pass both on untouched.  It owns no memory and needs no cleaning.
 * Only err_init() makes one valid; `detail` never holds engine words.
 */
struct err {
	enum err_code code;
	char detail[512];
	size_t nitems; /* items kept, at most ERR_ITEMS */
	size_t nmore;  /* items that were counted but not kept */
	struct err_item items[ERR_ITEMS];
};

/* Make *e empty: ERR_NONE, no detail, no items. */
void err_init(struct err *e);

/*
 * Set code and detail (Chinese, printf-like; cut at a character boundary)
 * and drop the items.  Always returns -1, so `return err_set(...)`.
 */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
    PRINTF(3, 4);

/*
 * Add one item under `code` (kept if there is room, counted if not).  The
 * detail of the whole is set by the first item if it was empty.  Returns -1.
 */
int err_add(struct err *e, enum err_code code, const char *pointer,
    const char *keyword, const char *fmt, ...) PRINTF(5, 6);

/*
 * What an errno means to the people who run the program; strerror() is for
 * the log.  borrowed until the next call in this thread.
 */
const char *err_reason(int number);

/* Facts about a code: from the table, for every code below ERR__MAX. */
int err_status(enum err_code code);
const char *err_slug(enum err_code code);
const char *err_title(enum err_code code);

#endif
