#include "api/mask.h"

#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "auth/auth.h"
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

/* Is there a number that is not hidden? */
static bool
shows_number(const char *text, size_t len)
{
	const char *end = text + len, *at = text;

	while ((at = memmem(at, (size_t)(end - at), member,
		    sizeof(member) - 1)) != NULL) {
		const char *quote;

		at += sizeof(member) - 1;
		quote = memchr(at, '"', (size_t)(end - at));
		if (quote != NULL &&
		    memchr(at, '*', (size_t)(quote - at)) == NULL)
			return true;
	}
	return false;
}

/* Is the contact of this task for these eyes?  1, 0, or -1. */
static int
may_read(struct req *r, const struct store_doc *d, struct err *e)
{
	struct auth_object o = {.org_id = NULL};
	json_t *task;

	if (api_scope(r, "contact.read") == 0)
		return 0;
	task = json_read_own(d->text, d->len, e);
	if (task == NULL)
		return -1;
	req_own_json(r, task);
	o.lead_id = json_peek_str(json_object_get(task, "lead"), "orgId");
	o.division = json_peek_str(task, "division");
	if (auth_allow(r->who, "contact.read", &o, e) == 0)
		return 1;
	if (e->code != ERR_FORBIDDEN)
		return -1;
	err_init(e);
	return 0;
}

int
mask_task(struct req *r, struct store_doc *d, bool *masked, struct err *e)
{
	char *copy;
	int may;

	*masked = false;
	if (!shows_number(d->text, d->len))
		return 0;
	may = may_read(r, d, e);
	if (may != 0)
		return may < 0 ? -1 : 0;
	copy = arena_strndup(&r->arena, d->text, d->len);
	mask_json(copy, d->len);
	d->text = copy;
	*masked = true;
	return 0;
}
