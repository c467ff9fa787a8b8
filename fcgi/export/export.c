#include "export/export.h"

#include <string.h>

#include "base/buf.h"
#include "export/internal.h"

static const struct {
	const char *name;
	const char *type;
	int (*print)(
	    const struct export_doc *doc, struct buf *out, struct err *e);
} formats[] = {
#define EXPORT_FORMAT(name, text, type, print) \
	[EXPORT_##name] = {text, type, print},
#include "export/formats.def"
#undef EXPORT_FORMAT
};

int
export_format_by_name(const char *name)
{
	for (size_t i = 0; i < EXPORT__MAX; i++) {
		if (strcmp(formats[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

const char *
export_format_name(enum export_format f)
{
	return formats[f].name;
}

const char *
export_format_type(enum export_format f)
{
	return formats[f].type;
}

int
export_print(enum export_format f, const struct export_doc *doc,
    struct buf *out, struct err *e)
{
	if (formats[f].print(doc, out, e) < 0)
		return -1;
	if (!buf_ok(out))
		return err_set(e, ERR_TOOBIG, "导出的文件过大");
	return 0;
}
