#include <stdlib.h>
#include <string.h>

#include "api/audit.h"
#include "base/json.h"
#include "base/mask.h"

#define HIDDEN "***"

static const char *const secrets[] = {"password", "passwordHistory", "secret",
    "secretHash", "secrets", "token", "tokenHash", "ticket", "signature"};

static bool
is_secret(const char *key)
{
	for (size_t i = 0;
	     key != NULL && i < sizeof(secrets) / sizeof(*secrets); i++)
		if (strcmp(key, secrets[i]) == 0)
			return true;
	return false;
}

static bool
is_phone(const char *key)
{
	return key != NULL && strcmp(key, "phone") == 0;
}

/* Most values are as they may be, and are only referred to. */
static bool
is_clean(const char *key, const json_t *v)
{
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_null(v))
		return true;
	if (is_secret(key))
		return false;
	if (json_is_string(v))
		return !is_phone(key) && !mask_finds(json_string_value(v));
	json_array_foreach (v, i, item)
		if (!is_clean(key, item))
			return false;
	if (!json_is_object(v))
		return true;
	json_object_foreach (json_iterable(v), name, item)
		if (!is_clean(name, item))
			return false;
	return true;
}

static json_t *
clean_text(const char *key, const json_t *v)
{
	const char *s = json_string_value(v);
	char *masked = is_phone(key) ? mask_phone(s) : mask_text(s);
	json_t *out = json_string(masked);

	free(masked);
	return out;
}

json_t *
audit_clean(const char *key, const json_t *v)
{
	const char *name;
	json_t *item, *out;
	size_t i;

	if (is_clean(key, v))
		return json_incref(json_iterable(v));
	if (is_secret(key))
		return json_string(HIDDEN);
	if (json_is_string(v))
		return clean_text(key, v);
	if (json_is_array(v)) {
		out = json_array();
		json_array_foreach (v, i, item)
			json_push(out, audit_clean(key, item));
		return out;
	}
	out = json_object();
	json_object_foreach (json_iterable(v), name, item)
		json_put(out, name, audit_clean(name, item));
	return out;
}
