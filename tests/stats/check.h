#ifndef STATS_CHECK_H
#define STATS_CHECK_H

/* What cmocka.h needs before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#endif
