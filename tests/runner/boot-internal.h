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
    const Machine *machine;
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
    bool was_reset;         /* the machine was, not looked at yet */
    char *exit;             /* how the process ended */
    gint64 batch;           /* being collected */
    guint resets;           /* of the machine, without a case between */
    bool again;             /* the guest boots again in this QEMU */
    DeviceEvidence *salvaged;
};

/* Handlers of the results port; their opaque is the Boot. */
extern const ResultsHandlers boot_results_handlers;

/* What QMP says; @opaque is the Boot. */
void boot_on_qmp_ready(void *opaque);
void boot_on_event(void *opaque, const char *name, JsonObject *data);

/* Of the controllers that are there from the start. */
Collector *boot_collector(Boot *boot);

/* How the boot ends when the guest or QEMU is lost now. */
BootEnd boot_lost_end(const Boot *boot);

/* The sentence on a panic; the caller frees it. */
char *boot_panic_reason(const Boot *boot);

/* Looks at a reset of the machine, once all from before it was read. */
void boot_settle_reset(Boot *boot);

/* Waits for another hello. */
void boot_again(Boot *boot);

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
