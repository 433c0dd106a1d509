/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often functions of the kernel are called while a case runs, by the
 * function tracer in a trace instance of its own.
 */
#ifndef GUEST_FUNCTIONS_H
#define GUEST_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

#define FUNCTIONS_MAX 48

/* In FunctionCounts: this kernel cannot trace it. */
#define FUNCTIONS_UNTRACED (-1)

/* Calls of each function, in the order of the list. */
typedef struct FunctionCounts {
    long n[FUNCTIONS_MAX];
} FunctionCounts;

typedef struct Functions {
    char *names[FUNCTIONS_MAX];
    size_t count;               /* of names */
    bool on;                    /* there is a trace instance */
    bool traced[FUNCTIONS_MAX]; /* as of the last functions_look() */
    Buf modules;                /* loaded when names were looked for */
    FunctionCounts before;      /* of the phases before a reset */
} Functions;

/* functions_init: takes the names of @list, separated by blanks. Returns 0, or
 * -1 after a message: more than FUNCTIONS_MAX. */
int functions_init(Functions *functions, const char *list);
void functions_done(Functions *functions);

/* The place of @name[0..len), or -1. */
int functions_find(const Functions *functions, const char *name, size_t len);

/*
 * functions_open:
 * Makes the trace instance. Without the function tracer in the kernel none of
 * the functions can be traced, which is no error.
 */
void functions_open(Functions *functions);
void functions_close(Functions *functions);

/*
 * functions_look:
 * Sets the filter where functions are not in it yet, such as those of modules
 * that were loaded since.
 */
void functions_look(Functions *functions);

/* The same, and begins to count. */
void functions_begin(Functions *functions);

/*
 * functions_end:
 * Ends counting and stores the calls since functions_begin(), and of the
 * phases before. Returns false where the kernel dropped calls: @counts are
 * too low.
 */
bool functions_end(Functions *functions, FunctionCounts *counts);

/* Stores the calls up to now, and of the phases before, while the counting goes
 * on. Returns false where they cannot be read. */
bool functions_so_far(const Functions *functions, FunctionCounts *counts);

/* For a case that goes on after a reset: @counts as one word, and back. */
void functions_save(const Functions *functions, const FunctionCounts *counts,
                    Buf *word);
void functions_restore(Functions *functions, const char *word);

/* Of which the functions above are made; for tests. */

/*
 * functions_match:
 * Returns the place of the symbol @name[0..len), or -1. A copy that the
 * compiler made of a whole function (NAME.isra.0, NAME.constprop.0) counts as
 * the function; what it has split off (NAME.part.0, NAME.cold) does not.
 */
int functions_match(const Functions *functions, const char *name, size_t len);

/* Adds the calls in @text, lines of the file "trace", to @counts. */
void functions_count(const Functions *functions, const char *text,
                     FunctionCounts *counts);

/* The sum of overruns and dropped events in @text, a file "stats" of one CPU;
 * -1 where it says nothing of them. */
long functions_lost(const char *text);

/* Adds the member "functions": {"name": calls, ...} to @record. */
void functions_write(const Functions *functions, const FunctionCounts *counts,
                     Buf *record);

/*
 * functions_expect:
 * Adds the member "functions" to @expected: what @spec says, words such as
 * "a=2 b>=1 c<=3 d=0", of the functions that are traced in @counts. Returns
 * NULL, or why not: a word that is none of these, or a name that is not in the
 * list; the reason is overwritten by the next call.
 */
const char *functions_expect(const Functions *functions,
                             const FunctionCounts *counts, const char *spec,
                             Buf *expected);

/* True where @counts have what each NAME>=N of such a @spec asks for, or say
 * that NAME is not traced. */
bool functions_reached(const Functions *functions,
                       const FunctionCounts *counts, const char *spec);

#endif
