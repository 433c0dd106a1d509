/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One command of the drive's log as a line.
 */
#ifndef NVME_FI_SESSION_COMMAND_LINE_H
#define NVME_FI_SESSION_COMMAND_LINE_H

#include <json-glib/json-glib.h>

/* Adds a line about @command, an NvmeFiCommand of QMP. */
void command_line_add(GString *text, JsonObject *command);

#endif
