/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What show.c and show-json.c share.
 */
#ifndef TRACE_SHOW_INTERNAL_H
#define TRACE_SHOW_INTERNAL_H

#include "show.h"

/* Fields of @command, which is named. */
const Field *show_fields(const EventCommand *command);

/* Of an asynchronous event; the second is NULL where it has no name. */
const char *show_async_type(const Event *event);
const char *show_async_info(const Event *event);

#endif
