/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of 'rules' in the guest and of 'nvme-fi rules' outside, done over
 * QMP.
 */
#ifndef NVME_FI_SESSION_FI_COMMAND_H
#define NVME_FI_SESSION_FI_COMMAND_H

#include "qmp.h"

/*
 * Does what @arguments ask for: {"argv": [...], "since": N, "file": TEXT}, the
 * last being the content of the rules file that argv[1] names; or {"complete":
 * LINE}, for the candidates of its last word. @reply gets, at
 * once or later, {"text": what to print, "status": exit status, "next": N};
 * next is there where the same is to be asked again, with since = next. It is
 * borrowed.
 */
void fi_command(Qmp *qmp, JsonObject *arguments,
                void (*reply)(void *opaque, JsonNode *answer), void *opaque);

#endif
