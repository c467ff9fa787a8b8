#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/internal.h"
#include "base/arena.h"

#define SLOTS 1024U

struct known {
	pthread_mutex_t mutex;
	struct proof slots[SLOTS]; /* token "": free */
};

struct known *
known_new(void)
{
	struct known *k = calloc(1, sizeof(*k));

	if (k == NULL)
		abort();
	pthread_mutex_init(&k->mutex, NULL);
	return k;
}

void
proof_fini(struct proof *p)
{
	free(p->credential);
	free(p->user);
	free(p->ips);
	free(p->name);
	free(p->org_id);
	memset(p, 0, sizeof(*p));
}

void
known_free(struct known *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		proof_fini(&k->slots[i]);
	pthread_mutex_destroy(&k->mutex);
	free(k);
}

/* The token is a hash already: its first digits are as good as any. */
static struct proof *
find_slot(struct known *k, const char *token)
{
	return &k->slots[hash_more(HASH_START, token, 16) % SLOTS];
}

static char *
keep_text(struct arena *a, const char *s)
{
	return s != NULL ? arena_strdup(a, s) : NULL;
}

void
proof_copy(const struct proof *p, struct arena *a, struct proof *out)
{
	*out = *p;
	out->credential = keep_text(a, p->credential);
	out->user = keep_text(a, p->user);
	out->ips = keep_text(a, p->ips);
	out->name = keep_text(a, p->name);
	out->org_id = keep_text(a, p->org_id);
}

bool
known_get(
    struct known *k, const char *token, struct arena *a, struct proof *out)
{
	struct proof *slot = find_slot(k, token);
	bool found;

	pthread_mutex_lock(&k->mutex);
	found = memcmp(slot->token, token, SHA256_HEX) == 0;
	if (found)
		proof_copy(slot, a, out);
	pthread_mutex_unlock(&k->mutex);
	return found;
}

void
known_put(struct known *k, struct proof *p)
{
	struct proof *slot = find_slot(k, p->token);
	struct proof old;

	pthread_mutex_lock(&k->mutex);
	old = *slot;
	*slot = *p;
	pthread_mutex_unlock(&k->mutex);
	proof_fini(&old);
	memset(p, 0, sizeof(*p));
}

bool
known_seen(struct known *k, const char *token, instant_t now, instant_t every)
{
	struct proof *slot = find_slot(k, token);
	bool first = false;

	pthread_mutex_lock(&k->mutex);
	if (memcmp(slot->token, token, SHA256_HEX) == 0 &&
	    now - slot->seen >= every) {
		slot->seen = now;
		first = true;
	}
	pthread_mutex_unlock(&k->mutex);
	return first;
}

void
known_forget(struct known *k, const char *token)
{
	struct proof *slot = find_slot(k, token);
	struct proof old = {.token = ""};

	pthread_mutex_lock(&k->mutex);
	if (memcmp(slot->token, token, SHA256_HEX) == 0) {
		old = *slot;
		memset(slot, 0, sizeof(*slot));
	}
	pthread_mutex_unlock(&k->mutex);
	proof_fini(&old);
}
