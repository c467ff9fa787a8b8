#include "stats/parts.h"

const struct stats_part stats_parts[PART__MAX] = {
#define PART(part, text) [PART_##part].name = text,
#define PART_COLUMN(part, column, t) \
	[PART_##part].columns[COL_##part##_##column] = {#column, t},
#define PART_END(part) [PART_##part].ncolumns = COL_##part##__N,
#include "stats/parts.def"
#undef PART
#undef PART_COLUMN
#undef PART_END
};
