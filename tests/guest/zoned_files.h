/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "zoned": a zone as a file of zonefs.
 */
#ifndef ZONED_FILES_H
#define ZONED_FILES_H

#include "zoned.h"

/*
 * zoned_file_open, zoned_file_close:
 * Mount zonefs with errors=@policy and open the file @number; the other way
 * round.  @sync: W waits in the kernel, else it is AIO.  NULL, or why not.
 */
const char *zoned_file_open(const char *policy, unsigned number, bool sync);
void zoned_file_close(void);

/*
 * zoned_file_step:
 * W writes a block at the end of the file, P reads the first one ("end":
 * there is none), E and F truncate it to nothing and to the whole zone, I
 * adds BLOCKS/MODE/MOUNT, such as "1/640/rw".
 */
void zoned_file_step(char step, Buf *results);

#endif
