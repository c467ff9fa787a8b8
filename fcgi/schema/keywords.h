#ifndef SCHEMA_KEYWORDS_H
#define SCHEMA_KEYWORDS_H

#include "schema/node.h"

/*
 * The functions keywords.def names.  A compile function reads k->value and
 * fills the rest of *k, or returns -1 with *e.  A check function says whether
 * v fits and reports through check.h when it does not; it notes in *seen
 * (NULL when nobody asks) the members and items it has looked at.
 */
#define COMPILE(fn) int fn(struct schema_set *, struct key *, struct err *)
#define CHECK(fn) \
	bool fn(  \
	    struct check *, const struct key *, const json_t *, struct seen *)

COMPILE(compile_nodes);
COMPILE(compile_ref);
COMPILE(compile_dyn_ref);
COMPILE(compile_type);
COMPILE(compile_any);
COMPILE(compile_array);
COMPILE(compile_number);
COMPILE(compile_divisor);
COMPILE(compile_count);
COMPILE(compile_pattern);
COMPILE(compile_format);
COMPILE(compile_bool);
COMPILE(compile_strings);
COMPILE(compile_dep_required);
COMPILE(compile_patterns);
COMPILE(compile_additional);
COMPILE(compile_items);
COMPILE(compile_contains);
COMPILE(compile_if);

CHECK(check_ref);
CHECK(check_dyn_ref);
CHECK(check_type);
CHECK(check_const);
CHECK(check_enum);
CHECK(check_minimum);
CHECK(check_maximum);
CHECK(check_exclusive_minimum);
CHECK(check_exclusive_maximum);
CHECK(check_multiple_of);
CHECK(check_min_length);
CHECK(check_max_length);
CHECK(check_pattern);
CHECK(check_format);
CHECK(check_min_items);
CHECK(check_max_items);
CHECK(check_unique_items);
CHECK(check_required);
CHECK(check_dep_required);
CHECK(check_min_properties);
CHECK(check_max_properties);
CHECK(check_property_names);
CHECK(check_properties);
CHECK(check_pattern_properties);
CHECK(check_additional);
CHECK(check_prefix_items);
CHECK(check_items);
CHECK(check_contains);
CHECK(check_all_of);
CHECK(check_any_of);
CHECK(check_one_of);
CHECK(check_not);
CHECK(check_if);
CHECK(check_dep_schemas);
CHECK(check_unevaluated_items);
CHECK(check_unevaluated_properties);

#undef COMPILE
#undef CHECK

#endif
