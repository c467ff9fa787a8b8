#include "api/audit_verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/anchor.h"
#include "base/arena.h"
#include "base/json.h"

#define PAGE 500
#define LINE_MAX_BYTES 320

struct walk {
	struct audit_verdict *v;
	audit_tell_fn tell;
	void *arg;
	struct anchor *anchors;
	size_t nanchors;
	size_t at; /* the next anchor that is to be compared */
};

static void PRINTF(4, 5)
    say(struct walk *w, const char *kind, int64_t seq, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	if (w->v->faults++ >= AUDIT_FAULTS_TOLD)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	w->tell(w->arg, kind, seq, line);
}

static void
say_gap(struct walk *w, int64_t from, int64_t to)
{
	if (from == to)
		say(w, "removed", from, "第%lld条不见了：被删除",
		    (long long)from);
	else
		say(w, "removed", from, "第%lld至%lld条不见了：被删除",
		    (long long)from, (long long)to);
}

/* ---- anchors ---- */

/* The anchors of this number, and of those that are missing before it. */
static void
compare_anchors(struct walk *w, const struct chain_head *self)
{
	while (w->at < w->nanchors && w->anchors[w->at].seq <= self->seq) {
		const struct anchor *a = &w->anchors[w->at++];

		if (a->seq < self->seq || strcmp(a->hash, self->hash) == 0)
			continue;
		say(w, "rechained", a->seq,
		    "第%lld条与%s锚定的指纹不同：它或它以前的记录"
		    "被改写后，整条链又重新计算过",
		    (long long)a->seq, a->at);
	}
}

/* Anchors beyond the last entry. */
static void
compare_rest(struct walk *w)
{
	const struct anchor *last =
	    w->nanchors > 0 ? &w->anchors[w->nanchors - 1] : NULL;

	if (last == NULL || last->seq <= w->v->head.seq)
		return;
	say(w, "cut", w->v->head.seq + 1,
	    "%s锚定时有%lld条，现在只到第%lld条：尾部被截去", last->at,
	    (long long)last->seq, (long long)w->v->head.seq);
}

/* ---- entries ---- */

static void
judge(struct walk *w, enum chain_fault fault, const struct chain_head *self,
    const char *id)
{
	struct chain_head *head = &w->v->head;
	long long seq = (long long)self->seq;

	switch (fault) {
	case CHAIN_OK:
		break;
	case CHAIN_SHAPE:
		say(w, "damaged", head->seq + 1,
		    "第%lld条之后的记录“%s”缺少序号、指纹或算法："
		    "被改动过，或不是本程序写的",
		    (long long)head->seq, id);
		break;
	case CHAIN_TWICE:
		say(w, "reordered", self->seq,
		    "第%lld条（“%s”）出现在第%lld条之后："
		    "是插入的，或次序被调换",
		    seq, id, (long long)head->seq);
		break;
	case CHAIN_GAP:
		say_gap(w, head->seq + 1, self->seq - 1);
		break;
	case CHAIN_EDITED:
		say(w, "edited", self->seq,
		    "第%lld条（“%s”）的内容与指纹不符：被改动过", seq, id);
		break;
	case CHAIN_BROKEN:
		say(w, "inserted", self->seq,
		    "第%lld条（“%s”）与前一条接不上："
		    "前一条被替换，或是插入的",
		    seq, id);
		break;
	}
}

static void
check_entry(struct walk *w, const json_t *doc, const char *id)
{
	struct chain_head *head = &w->v->head;
	enum chain_fault fault = chain_check(head, doc);
	struct chain_head self;

	w->v->entries++;
	if (!chain_head_of(&self, doc)) {
		judge(w, CHAIN_SHAPE, head, id);
		return;
	}
	judge(w, fault, &self, id);
	/* Of one that was edited the number is the least to be trusted. */
	if (fault == CHAIN_EDITED)
		self.seq = head->seq + 1;
	if (fault != CHAIN_TWICE) {
		compare_anchors(w, &self);
		*head = self; /* what follows is judged by what it says */
	}
}

static int
check_page(struct walk *w, const struct store_page *page)
{
	for (size_t i = 0; i < page->ndocs; i++) {
		const struct store_doc *d = &page->docs[i];
		struct err ignored;
		json_t *doc;

		err_init(&ignored);
		doc = json_read_own(d->text, d->len, &ignored);
		check_entry(w, doc, d->id);
		json_decref(doc);
	}
	return 0;
}

static int
walk_all(struct walk *w, struct store *s, struct err *e)
{
	struct store_query q = {
	    .coll = COLL_AUDIT, .sort = FIELD_AUDIT_SEQ, .limit = PAGE};
	struct arena pages[2]; /* a cursor outlives the page it is for */
	struct store_page page;
	int rc = 0;

	arena_init(&pages[0]);
	arena_init(&pages[1]);
	for (size_t i = 0; rc == 0; i++) {
		struct arena *a = &pages[i % 2];

		arena_reset(a);
		rc = store_find(s, &q, a, &page, e);
		if (rc == 0)
			rc = check_page(w, &page);
		q.after = page.next;
		if (page.next == NULL)
			break;
	}
	arena_fini(&pages[0]);
	arena_fini(&pages[1]);
	return rc;
}

int
audit_verify(struct store *s, const struct cfg *cfg, audit_tell_fn tell,
    void *arg, struct audit_verdict *out, struct err *e)
{
	struct walk w = {.v = out, .tell = tell, .arg = arg};
	size_t odd = 0;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	chain_head_init(&out->head);
	/* First: what is anchored meanwhile need not be in what is read. */
	if (anchor_read(cfg, &w.anchors, &w.nanchors, &odd, e) < 0)
		goto out;
	out->anchors = w.nanchors;
	if (walk_all(&w, s, e) < 0)
		goto out;
	compare_rest(&w);
	if (odd > 0)
		say(&w, "damaged", 0, "锚定文件里有%zu行读不懂：被改动过", odd);
	rc = 0;
out:
	free(w.anchors);
	return rc;
}
