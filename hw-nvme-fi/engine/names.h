/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of NVMe status codes and opcodes, both ways.  A name is the
 * specification's, lower case, words joined by '-'.
 */
#ifndef FI_NAMES_H
#define FI_NAMES_H

#include "rule.h"

/* Name of the status with these SCT and SC (FI_STATUS_CODE_MASK of @status
 * counts), or NULL where no specification names it. */
const char *fi_status_name(guint16 status);

/*
 * fi_status_parse:
 * @text: a name, or a number (decimal, or hexadecimal with 0x) of at most 15
 * bits.  On FALSE @error says what is allowed, with the nearest name.
 */
gboolean fi_status_parse(const char *text, guint16 *status, GError **error);

/* Name of @opcode on the admin or the I/O queues (NVM, ZNS), or NULL. */
const char *fi_opcode_name(gboolean admin, guint8 opcode);

/*
 * fi_opcode_parse:
 * @text: a name, or a number 0..255 as above.  @queue says where to look and,
 * where it is FI_QUEUE_ANY and @text is a name, is set to the queue that the
 * name belongs to.  On FALSE nothing is changed.
 */
gboolean fi_opcode_parse(const char *text, FiQueue *queue, guint8 *opcode,
                         GError **error);

/* Calls @func for each named status / opcode, in ascending order. */
typedef void (*FiStatusNameFunc)(guint16 status, const char *name,
                                 gpointer opaque);
void fi_status_names_foreach(FiStatusNameFunc func, gpointer opaque);
typedef void (*FiOpcodeNameFunc)(gboolean admin, guint8 opcode,
                                 const char *name, gpointer opaque);
void fi_opcode_names_foreach(FiOpcodeNameFunc func, gpointer opaque);

#endif
