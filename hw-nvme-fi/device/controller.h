/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a controller fails as a whole: the state that these files share:
 * controller.c, registers.c (CSTS and CC), link.c (gone, link-down) and
 * removal.c (unplug, AER).
 */
#ifndef HW_NVME_FI_CONTROLLER_H
#define HW_NVME_FI_CONTROLLER_H

#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "action.h"

/* What a host does to the controller and then waits for in CSTS. */
typedef enum NvmeFiWaitFor {
    NVME_FI_WAIT_READY,         /* CC.EN 0 to 1: RDY becomes 1 */
    NVME_FI_WAIT_DISABLED,      /* CC.EN 1 to 0: RDY becomes 0 */
    NVME_FI_WAIT_SHUTDOWN,      /* CC.SHN set: SHST becomes 10b */
    NVME_FI_WAIT__MAX,
} NvmeFiWaitFor;

typedef struct NvmeFiWait {
    NvmeFi *fi;
    uint32_t left;              /* so many times the host has to wait */
    bool never;
    uint64_t for_ns;
    bool on;                    /* it waits now */
    QEMUTimer timer;
} NvmeFiWait;

/* The device does not answer on the bus; see link.c. */
typedef struct NvmeFiLink {
    bool absent;
    bool down;                  /* the link, too */
    bool dllla;                 /* the port said that the link is active */
    QEMUTimer timer;
    QEMUBH *bh;                 /* it has just gone */
    PCIConfigReadFunc *config_read;
    PCIConfigWriteFunc *config_write;
    MemoryRegion over[PCI_ROM_SLOT];    /* of all ones, one for each BAR */
    bool covered;               /* over[] is set up */
} NvmeFiLink;

struct NvmeFiController {
    NvmeFi *fi;
    QLIST_ENTRY(NvmeFiController) entry;

    bool fatal;                 /* CSTS.CFS */
    bool sticky;                /* a reset does not end it */
    bool not_ready;             /* it came as the host enabled */
    bool quiet;                 /* from a reset to the next enable */
    uint32_t enables;           /* so many of the next end in CFS, too */
    QEMUTimer fatal_timer;

    NvmeFiWait wait[NVME_FI_WAIT__MAX];
    bool disabling;             /* the reset that comes is the host's CC.EN */

    NvmeFiLink link;
};

/* controller.c: the controller's state, made if need be. */
struct NvmeFiController *nvme_fi_controller(NvmeFi *fi);
/* Has all queues served, which nobody looked at for some time. */
void nvme_fi_controller_kick(NvmeFi *fi);
/* The host does what @wait is about: it has to wait if that was armed.  And
 * the end of it. */
void nvme_fi_wait_begin(NvmeFiWait *wait);
void nvme_fi_wait_end(NvmeFiWait *wait);
/* Lets @timer, of the virtual clock, expire in @ns. */
void nvme_fi_timer_in(QEMUTimer *timer, uint64_t ns);

/*
 * link.c
 * nvme_fi_link_init, nvme_fi_link_exit: with the state, and when the device
 * leaves the machine (may be called twice).
 * nvme_fi_link_lose: the device is gone, for *@for_ns (NULL: for ever); with
 * @down its link is down, too.  Replaces what was said before.
 * nvme_fi_port_above: the PCI Express port above, or NULL.
 */
void nvme_fi_link_init(struct NvmeFiController *c);
void nvme_fi_link_exit(struct NvmeFiController *c);
void nvme_fi_link_lose(struct NvmeFiController *c, const uint64_t *for_ns,
                       bool down);
PCIDevice *nvme_fi_port_above(NvmeCtrl *n);

/*
 * removal.c
 * nvme_fi_unplug: soon; with @at_once without asking the guest.
 * nvme_fi_aer_parse: false unless @name is an error that QEMU can inject.
 * nvme_fi_aer_reporter: the device or port that can report an error, or NULL.
 */
bool nvme_fi_can_unplug(NvmeFi *fi, GError **error);
void nvme_fi_unplug(NvmeFi *fi, bool at_once);
bool nvme_fi_aer_parse(const char *name, uint32_t *status, bool *correctable);
PCIDevice *nvme_fi_aer_reporter(NvmeFi *fi);
void nvme_fi_aer_report(NvmeFi *fi, const char *name);

#endif
