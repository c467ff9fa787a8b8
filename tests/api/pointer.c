#include <stdlib.h>
#include <string.h>

#include "api/conversation.h"
#include "base/json.h"

#define KEY_BYTES 256

/* The next piece of a pointer, unescaped; NULL after the last. */
static const char *
next_key(const char *pointer, char key[KEY_BYTES])
{
	size_t n = 0;

	if (*pointer != '/')
		return NULL;
	for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++) {
		assert_true(n + 1 < KEY_BYTES);
		key[n] = *pointer;
		if (*pointer == '~')
			key[n] = *++pointer == '0' ? '~' : '/';
		n++;
	}
	key[n] = '\0';
	return pointer;
}

static json_t *
child(const json_t *v, const char *key)
{
	if (json_is_array(v))
		return json_array_get(v, strtoul(key, NULL, 10));
	return json_object_get(v, key);
}

static json_t *
find_all(const json_t *list, const char *rest)
{
	json_t *found = json_array();
	size_t i;
	json_t *v;

	json_array_foreach (list, i, v) {
		json_t *one = pointer_find(v, rest);

		json_push(found, one != NULL ? one : json_null());
	}
	return found;
}

json_t *
pointer_find(const json_t *v, const char *pointer)
{
	char key[KEY_BYTES];
	const char *rest = next_key(pointer, key);

	if (v == NULL)
		return NULL;
	if (rest == NULL)
		return json_deep_copy(v);
	if (strcmp(key, "*") == 0 && json_is_array(v))
		return find_all(v, rest);
	return pointer_find(child(v, key), rest);
}
