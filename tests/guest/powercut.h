/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of suite "powercut": written with a promise of some kind before
 * the power fails, and looked at afterwards.
 */
#ifndef GUEST_POWERCUT_H
#define GUEST_POWERCUT_H

#include <stdbool.h>

#define MOUNT_POINT "/mnt"
#define FILES 24                /* with a promise */

typedef enum Promise {
    PROMISE_FSYNC,              /* fsync() of file and directory */
    PROMISE_FDATASYNC,          /* fdatasync() of a file that was there */
    PROMISE_O_SYNC,             /* a file opened with O_SYNC; directory */
    PROMISE_RENAME,             /* over an older one; directory */
    PROMISE_SYNCFS,             /* one syncfs() at the end */
    PROMISE_NONE,               /* write() only */
    PROMISE_DIRECT,             /* O_DIRECT over an older one: the drive has
                                   acknowledged it */
    PROMISE_RENAME_ONLY,        /* over an older one, and nothing more */
} Promise;

typedef struct Files {
    int kept;                   /* hold all that was written last */
    int old;                    /* hold all that was there before */
    int missing;
    int broken;                 /* anything else */
} Files;

/* Writes what has to be there before, and makes it last.  0 or a negative
 * errno. */
int files_before(Promise promise);

/* Writes the files, each followed by one without a promise, and some more of
 * these at the end. */
int files_write(Promise promise);

/* Writes other files, and has some of them promised, until that fails. */
void files_go_on(void);

/* Looks at the files; fills in @files. */
int files_check(Files *files);

#endif
