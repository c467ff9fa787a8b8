#include "api/mask.h"

#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/mask.h"
#include "http/req.h"

static const char member[] = "\"phone\":\"";

/* The number from `at` on, of n bytes; false: it is hidden already. */
static bool
hide(char *at, size_t n)
{
	char *phone = strndup(at, n), *masked;
	bool differs;

	if (phone == NULL)
		abort();
	masked = mask_phone(phone);
	differs = strlen(masked) == n && memcmp(masked, at, n) != 0;
	if (differs)
		memcpy(at, masked, n);
	free(masked);
	free(phone);
	return differs;
}

size_t
mask_json(char *text, size_t len)
{
	char *end = text + len, *at = text, *quote;
	size_t n = 0;

	while ((at = memmem(at, (size_t)(end - at), member,
		    sizeof(member) - 1)) != NULL) {
		at += sizeof(member) - 1;
		quote = memchr(at, '"', (size_t)(end - at));
		if (quote != NULL)
			n += hide(at, (size_t)(quote - at));
	}
	return n;
}

/* Is the contact of this task for these eyes?  1, 0, or -1. */
static int
may_read(struct req *r, const struct store_doc *d, struct err *e)
{
	unsigned reach = api_scope(r, "contact.read");
	json_t *task;

	if (reach == 0)
		return 0;
	task = json_read_own(d->text, d->len, e);
	if (task == NULL)
		return -1;
	req_own_json(r, task);
	return api_may(r, "contact.read", NULL,
	    json_peek_str(json_object_get(task, "lead"), "orgId"));
}

int
mask_task(struct req *r, struct store_doc *d, bool *masked, struct err *e)
{
	char *copy;
	int may;

	*masked = false;
	if (memmem(d->text, d->len, member, sizeof(member) - 1) == NULL)
		return 0;
	copy = arena_strndup(&r->arena, d->text, d->len);
	if (mask_json(copy, d->len) == 0)
		return 0;
	may = may_read(r, d, e);
	if (may != 0)
		return may < 0 ? -1 : 0;
	d->text = copy;
	*masked = true;
	return 0;
}
