#include "store/chain.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "store/engine.h"

static const char *const members[] = {"seq", "prev", "hash"};

#define NMEMBERS (sizeof(members) / sizeof(members[0]))

void
chain_head_init(struct chain_head *head)
{
	head->seq = 0;
	memcpy(head->hash, CHAIN_START, sizeof(head->hash));
}

bool
chain_head_of(struct chain_head *out, const json_t *doc)
{
	const char *hash = json_peek_str(doc, "hash");
	int64_t seq = json_peek_int(doc, "seq", 0);

	if (seq < 1 || hash == NULL || strlen(hash) != SHA256_HEX)
		return false;
	out->seq = seq;
	memcpy(out->hash, hash, sizeof(out->hash));
	return true;
}

void
chain_digest(const json_t *doc, char out[SHA256_HEX + 1])
{
	bool linked = json_object_get(doc, "seq") != NULL;
	json_t *bare = NULL;
	struct buf b;

	if (linked) {
		bare = json_copy(json_iterable(doc));
		chain_clear(bare);
	}
	buf_init(&b, 0);
	json_print_canonical(&b, linked ? bare : doc);
	sha256_hex(b.data, b.len, out);
	buf_fini(&b);
	json_decref(bare);
}

static void
hash_link(
    const char *prev, int64_t seq, const char *digest, char out[SHA256_HEX + 1])
{
	char text[2 * SHA256_HEX + TEXT_DECIMAL + 2];
	char *p = text;

	memcpy(p, prev, SHA256_HEX);
	p += SHA256_HEX;
	*p++ = '\n';
	p = text_print_decimal(p, seq);
	*p++ = '\n';
	memcpy(p, digest, SHA256_HEX);
	p += SHA256_HEX;
	sha256_hex(text, (size_t)(p - text), out);
}

void
chain_append(
    struct chain_head *head, const char *digest, struct chain_link *link)
{
	link->seq = head->seq + 1;
	memcpy(link->prev, head->hash, sizeof(link->prev));
	hash_link(link->prev, link->seq, digest, link->hash);
	head->seq = link->seq;
	memcpy(head->hash, link->hash, sizeof(head->hash));
}

void
chain_put(json_t *doc, const struct chain_link *link)
{
	json_put_int(doc, "seq", link->seq);
	json_put_str(doc, "prev", link->prev);
	json_put_str(doc, "hash", link->hash);
}

void
chain_clear(json_t *doc)
{
	for (size_t i = 0; i < NMEMBERS; i++)
		json_object_del(doc, members[i]);
}

enum chain_fault
chain_check(const struct chain_head *head, const json_t *doc)
{
	const char *alg = json_peek_str(doc, "alg");
	const char *prev = json_peek_str(doc, "prev");
	char digest[SHA256_HEX + 1], hash[SHA256_HEX + 1];
	struct chain_head self;

	if (!chain_head_of(&self, doc) || alg == NULL ||
	    strcmp(alg, CHAIN_ALG) != 0 || prev == NULL ||
	    strlen(prev) != SHA256_HEX)
		return CHAIN_SHAPE;
	if (self.seq <= head->seq)
		return CHAIN_TWICE;
	chain_digest(doc, digest);
	hash_link(prev, self.seq, digest, hash);
	if (strcmp(hash, self.hash) != 0)
		return CHAIN_EDITED;
	if (self.seq != head->seq + 1)
		return CHAIN_GAP;
	return strcmp(prev, head->hash) == 0 ? CHAIN_OK : CHAIN_BROKEN;
}

int
chain_head_read(
    struct store *s, enum coll c, struct chain_head *out, struct err *e)
{
	struct store_query q = {
	    .coll = c, .sort = coll_chain_field(c), .desc = true, .limit = 1};
	struct store_page page;
	json_t *doc = NULL;
	struct arena a;
	int rc = -1;

	assert(q.sort != FIELD__MAX);
	chain_head_init(out);
	arena_init(&a);
	if (store_find(s, &q, &a, &page, e) < 0)
		goto out;
	if (page.ndocs > 0) {
		doc = json_read_own(page.docs[0].text, page.docs[0].len, e);
		if (doc == NULL)
			goto out;
		chain_head_of(out, doc);
	}
	rc = 0;
out:
	json_decref(doc);
	arena_fini(&a);
	return rc;
}
