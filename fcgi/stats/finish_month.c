#include "base/json.h"
#include "stats/finish.h"
#include "stats/judge.h"

/* {due, met}, with the quotas, as by lead. */
static void
judge_all(struct frame *f, int64_t counts[CLASS__MAX], struct tally *all)
{
	struct assess_result r;

	for (size_t i = 0; i < f->ntasks; i++) {
		const struct frame_task *t = f->order[i];

		judge_task(f, t, &r, all);
		counts[r.class]++;
		for (size_t k = 0; k < t->nfigures; k++)
			tally_add_quotas(all, f, t->plan, t->figures[k].obliged,
			    t->figures[k].complete);
	}
}

static json_t *
month_row(struct frame *f, const char *month)
{
	int64_t counts[CLASS__MAX] = {0};
	struct tally all = {0};
	json_t *row = json_object(), *obligations = json_object();

	judge_all(f, counts, &all);
	json_put_str(row, "month", month);
	json_put_str(row, "asOf", f->args.as_of);
	json_put_int(row, "tasks", (int64_t)f->ntasks);
	json_put(row, "counts", class_counts(counts));
	json_put_int(obligations, "due", all.due);
	json_put_int(obligations, "met", all.due_met);
	json_put(row, "obligations", obligations);
	drill_stats(row, f, STAT_COMPLETION, "task");
	return row;
}

/* A frame of its own, so that a month says what it said when it ended. */
static int
add_month(struct frame *f, json_t *rows, period_t month, struct err *e)
{
	struct stats_query q = *f->q;
	char text[PERIOD_LEN + 1];
	struct frame at;
	int rc = -1;

	if (period_end(month) < q.as_of)
		q.as_of = period_end(month);
	if (frame_init(&at, &q, f->fetch, f->store, e) == 0 &&
	    judge_fetch(&at, e) == 0) {
		json_push(rows, month_row(&at, period_format(month, text)));
		rc = 0;
	}
	frame_fini(&at);
	return rc;
}

int
finish_by_month(struct frame *f, json_t *rows, struct err *e)
{
	period_t p, end;

	for (frame_months(f, &p, &end); p <= end; p++) {
		if (add_month(f, rows, p, e) < 0)
			return -1;
	}
	return 0;
}
