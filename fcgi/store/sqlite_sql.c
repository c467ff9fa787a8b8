#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "store/sqlite.h"

static const char *const plain[PLAIN__MAX] = {
    [PLAIN_BEGIN] = "BEGIN IMMEDIATE",
    [PLAIN_BEGIN_READ] = "BEGIN",
    [PLAIN_COMMIT] = "COMMIT",
    [PLAIN_ROLLBACK] = "ROLLBACK",
    [PLAIN_SAVE] = "SAVEPOINT one_set",
    [PLAIN_UNDO] = "ROLLBACK TO one_set",
    [PLAIN_KEEP] = "RELEASE one_set",
    [PLAIN_STAMP_BUMP] =
	"INSERT INTO stamps(plan_id, seq, at) VALUES(?1, 1, ?2)"
	" ON CONFLICT(plan_id) DO UPDATE SET seq = seq + 1,"
	" at = max(at, excluded.at) RETURNING seq, at",
    [PLAIN_STAMP_LIST] = "SELECT plan_id, seq, at FROM stamps",
    [PLAIN_STAMP_GET] = "SELECT seq, at FROM stamps WHERE plan_id = ?1",
    [PLAIN_PING] = "SELECT 1 FROM meta LIMIT 1",
};

void
sql_add_field(struct buf *b, enum field f)
{
	if (f == FIELD_ID) {
		buf_add(b, "id");
		return;
	}
	buf_add(b, "f_");
	for (const char *p = field_path(f); *p != '\0'; p++)
		buf_addc(b, *p == '.' ? '_' : *p);
}

/* ", f_planId, f_no" or ", f_planId = ?5, f_no = ?6". */
static void
add_fields(struct buf *b, enum coll c, bool assign)
{
	int at = SQL_FIELDS_AT;

	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++) {
		if (field_coll(f) != c)
			continue;
		buf_add(b, ", ");
		sql_add_field(b, f);
		if (assign)
			buf_addf(b, " = ?%d", at++);
	}
}

static int
count_fields(enum coll c)
{
	int n = 0;

	for (enum field f = FIELD_ID + 1; f < FIELD__MAX; f++)
		n += field_coll(f) == c;
	return n;
}

static void
print_head(struct buf *b, enum coll c)
{
	enum field plan = coll_plan_field(c);

	buf_add(b, "SELECT rev, created_at, ");
	if (plan == FIELD__MAX || plan == FIELD_NO_PLAN)
		buf_add(b, "''");
	else
		sql_add_field(b, plan);
	buf_addf(b, " FROM \"%s\" WHERE id = ?1", coll_name(c));
}

static void
print_insert(struct buf *b, enum coll c)
{
	buf_addf(
	    b, "INSERT INTO \"%s\"(id, rev, created_at, doc", coll_name(c));
	add_fields(b, c, false);
	buf_add(b, ") VALUES(?1, ?2, ?3, ?4");
	for (int i = 0; i < count_fields(c); i++)
		buf_addf(b, ", ?%d", SQL_FIELDS_AT + i);
	buf_add(b, ")");
}

static void
print_update(struct buf *b, enum coll c, const char *first)
{
	buf_addf(b, "UPDATE \"%s\" SET %s", coll_name(c), first);
	add_fields(b, c, true);
	buf_add(b, " WHERE id = ?1");
}

static void
print_next(struct buf *b, enum coll c)
{
	buf_add(b, "SELECT id, rev, created_at, doc");
	add_fields(b, c, false);
	buf_addf(
	    b, " FROM \"%s\" WHERE id > ?1 ORDER BY id LIMIT 1", coll_name(c));
}

static void
print_last(struct buf *b, enum coll c)
{
	buf_add(b, "SELECT doc, ");
	sql_add_field(b, coll_chain_field(c));
	buf_addf(b, " FROM \"%s\" ORDER BY ", coll_name(c));
	sql_add_field(b, coll_chain_field(c));
	buf_add(b, " DESC LIMIT 1");
}

static void
add_columns(struct buf *b, enum fact_table t)
{
	for (size_t i = 0; i < fact_column_count(t); i++)
		buf_addf(
		    b, "%s\"%s\"", i == 0 ? "" : ", ", fact_column_name(t, i));
}

static void
print_fact_insert(struct buf *b, enum fact_table t)
{
	buf_addf(b, "INSERT INTO \"%s\"(seq, ", fact_table_name(t));
	add_columns(b, t);
	buf_add(b, ") VALUES(?1");
	for (size_t i = 0; i < fact_column_count(t); i++)
		buf_addf(b, ", ?%zu", i + 2);
	buf_add(b, ")");
}

static void
print_fact_list(struct buf *b, enum fact_table t)
{
	buf_add(b, "SELECT ");
	add_columns(b, t);
	buf_addf(b,
	    " FROM \"%s\" WHERE plan_id = ?1 AND doc_id = ?2 ORDER BY seq",
	    fact_table_name(t));
}

static void
print_fact(struct buf *b, enum sql_kind kind, enum fact_table t)
{
	assert(t < FACT__MAX);
	if (kind == SQL_FACT_INSERT)
		print_fact_insert(b, t);
	else if (kind == SQL_FACT_LIST)
		print_fact_list(b, t);
	else
		buf_addf(b,
		    "DELETE FROM \"%s\" WHERE plan_id = ?1 AND doc_id = ?2",
		    fact_table_name(t));
}

static void
print_coll(struct buf *b, enum sql_kind kind, enum coll c)
{
	assert(c < COLL__MAX);
	switch (kind) {
	case SQL_GET:
		buf_addf(b,
		    "SELECT rev, doc, created_at FROM \"%s\" WHERE id = ?1",
		    coll_name(c));
		break;
	case SQL_HEAD:
		print_head(b, c);
		break;
	case SQL_INSERT:
		print_insert(b, c);
		break;
	case SQL_UPDATE:
		print_update(b, c, "rev = ?2, created_at = ?3, doc = ?4");
		break;
	case SQL_REFIELD:
		print_update(b, c, "id = id");
		break;
	case SQL_NEXT:
		print_next(b, c);
		break;
	case SQL_LAST:
		print_last(b, c);
		break;
	default:
		buf_addf(b, "DELETE FROM \"%s\" WHERE id = ?1", coll_name(c));
		break;
	}
}

void
sql_print(struct buf *b, enum sql_kind kind, size_t which)
{
	switch (kind) {
	case SQL_PLAIN:
		assert(which < PLAIN__MAX);
		buf_add(b, plain[which]);
		break;
	case SQL_FACT_INSERT:
	case SQL_FACT_DELETE:
	case SQL_FACT_LIST:
		print_fact(b, kind, (enum fact_table)which);
		break;
	default:
		print_coll(b, kind, (enum coll)which);
		break;
	}
}
