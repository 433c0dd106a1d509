/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two files of a boot share: its life, and the guest's reports.
 */
#ifndef NVME_FI_RUNNER_BOOT_INTERNAL_H
#define NVME_FI_RUNNER_BOOT_INTERNAL_H

#include "boot.h"
#include "collect.h"
#include "console.h"
#include "control.h"
#include "results.h"

typedef enum BootPhase {
    PHASE_BOOT,         /* until hello */
    PHASE_RUN,          /* until the end has a cause */
    PHASE_SALVAGE,      /* the drive is asked a last time */
    PHASE_QUIT,         /* QEMU was asked to quit */
    PHASE_KILL,         /* QEMU was killed */
    PHASE_DONE,
} BootPhase;

struct Boot {
    const BootHandlers *handlers;
    void *opaque;
    guint boot_timeout;
    guint case_timeout;
    Qemu *qemu;
    Qmp *qmp;
    Collector *collector;
    ControlPort *control;
    ResultsPort *results;
    Console *console;
    Join *join;
    BootPhase phase;
    guint deadline;         /* sources */
    guint idle;
    guint running;
    BootEnd end;
    char *reason;
    char *panic;            /* the console line that reports it */
    char *shutdown;         /* why the machine stopped, from QMP */
    char *exit;             /* how the process ended */
    gint64 batch;           /* being collected */
    DeviceEvidence *salvaged;
};

/* Handlers of the results port; their opaque is the Boot. */
extern const ResultsHandlers boot_results_handlers;

/* Something that only a live guest can say has come. */
void boot_progress(Boot *boot);

/* Takes @reason. The first cause of the end counts. */
void boot_settle(Boot *boot, BootEnd end, char *reason);

/*
 * Ends the boot when the process is gone and all that it wrote was read.
 * @opaque is the Boot.
 */
void boot_finish_if_over(void *opaque);

#endif
