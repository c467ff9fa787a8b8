#include "schema/keywords.h"

#define KEYWORD(name, vocab, shape, tells, compile, check) \
	{name, VOCAB_##vocab, SHAPE_##shape, TELLS_##tells, compile, check},
const struct keyword schema_keywords[] = {
#include "schema/keywords.def"
    {NULL, VOCAB_CORE, SHAPE_NONE, TELLS_LITTLE, NULL, NULL}};
#undef KEYWORD
