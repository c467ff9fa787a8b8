#include "base/json.h"
#include "stats/finish.h"
#include "stats/judge.h"

static json_t *
headline_task(
    struct frame *f, const struct frame_task *t, const struct assess_result *r)
{
	json_t *assessed = assess_json(r);
	json_t *row = task_row(t);

	json_put_str(row, "class", class_text(r->class));
	json_put_str(row, "light", light_text(r->light));
	json_put(
	    row, "reasons", json_incref(json_object_get(assessed, "reasons")));
	drill_task(row, f, t);
	json_decref(assessed);
	return row;
}

static json_t *
labels_json(void)
{
	json_t *o = json_object();

	for (size_t i = 0; i < CLASS__MAX; i++)
		json_put_str(o, class_text((enum assess_class)i),
		    class_title((enum assess_class)i));
	return o;
}

/*
 * The headline is counts.  Percentages of unlike tasks are never averaged:
 * 60 centres and 44,400 examinations have no common per cent.
 */
int
finish_headline(struct frame *f, json_t *answer, struct err *e)
{
	json_t *tasks;
	int64_t n[CLASS__MAX] = {0};
	struct assess_result r;

	if (judge_fetch(f, e) < 0)
		return -1;
	tasks = json_array();
	for (size_t i = 0; i < f->ntasks; i++) {
		judge_task(f, f->order[i], &r, NULL);
		n[r.class]++;
		json_push(tasks, headline_task(f, f->order[i], &r));
	}
	json_put(answer, "counts", class_counts(n));
	json_put_int(answer, "total", (int64_t)f->ntasks);
	json_put(answer, "labels", labels_json());
	json_put(answer, "tasks", tasks);
	return 0;
}
