#ifndef MEDIA_HELPER_H
#define MEDIA_HELPER_H

/*
 * Be the process that decodes: confine yourself, say hello, then answer
 * pictures from standard input until it ends.  Never returns: exit status 0,
 * or 1 when this system offers no confinement or the asker speaks nonsense.
 */
_Noreturn void helper_run(void);

#endif
