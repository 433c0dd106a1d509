/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trigger controller: what it may say, and the faults that show in CSTS:
 * fatal, and RDY or SHST that come late or never.
 */
#include "qemu/osdep.h"
#include "system/reset.h"
#include "controller.h"

/* The members besides "fault" that each fault has. */
enum {
    HAS_FOR_NS = 1 << 0,
    NEEDS_FOR_NS = 1 << 1,
    HAS_TIMES = 1 << 2,
    HAS_STICKY = 1 << 3,
    NEEDS_AER_ERROR = 1 << 4,
};

static unsigned members_of(NvmeFiControllerFault fault)
{
    switch (fault) {
    case NVME_FI_CONTROLLER_FAULT_FATAL:
        return HAS_FOR_NS | HAS_TIMES | HAS_STICKY;
    case NVME_FI_CONTROLLER_FAULT_READY_LATE:
    case NVME_FI_CONTROLLER_FAULT_DISABLE_LATE:
    case NVME_FI_CONTROLLER_FAULT_SHUTDOWN_LATE:
        return HAS_FOR_NS | NEEDS_FOR_NS | HAS_TIMES;
    case NVME_FI_CONTROLLER_FAULT_READY_NEVER:
    case NVME_FI_CONTROLLER_FAULT_DISABLE_NEVER:
    case NVME_FI_CONTROLLER_FAULT_SHUTDOWN_NEVER:
        return HAS_TIMES;
    case NVME_FI_CONTROLLER_FAULT_GONE:
    case NVME_FI_CONTROLLER_FAULT_LINK_DOWN:
        return HAS_FOR_NS;
    case NVME_FI_CONTROLLER_FAULT_AER:
        return NEEDS_AER_ERROR;
    case NVME_FI_CONTROLLER_FAULT_UNPLUG:
    case NVME_FI_CONTROLLER_FAULT_SURPRISE_UNPLUG:
    case NVME_FI_CONTROLLER_FAULT__MAX:
        break;
    }
    return 0;
}

static bool refuse(GError **error, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
static bool refuse(GError **error, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    if (error) {
        *error = g_error_new_valist(FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                                    format, ap);
    }
    va_end(ap);
    return false;
}

static bool check_numbers(const NvmeFiTriggerController *t, unsigned members,
                          GError **error)
{
    const char *fault = NvmeFiControllerFault_str(t->fault);

    if (t->has_for_ns && !(members & HAS_FOR_NS)) {
        return refuse(error, "for-ns %" PRIu64 ": not with fault '%s'",
                      t->for_ns, fault);
    }
    if (!t->has_for_ns && (members & NEEDS_FOR_NS)) {
        return refuse(error, "for-ns: must be given with fault '%s'", fault);
    }
    if (t->for_ns > INT64_MAX) {
        return refuse(error, "for-ns %" PRIu64 ": must be at most %" PRId64,
                      t->for_ns, INT64_MAX);
    }
    if (t->has_times && !(members & HAS_TIMES)) {
        return refuse(error, "times %" PRIu32 ": not with fault '%s'",
                      t->times, fault);
    }
    if (t->has_times && !t->times) {
        return refuse(error, "times 0: must be 1 or more");
    }
    return true;
}

static bool check(const NvmeFiTrigger *trigger, bool in_rule, GError **error)
{
    const NvmeFiTriggerController *t = &trigger->u.controller;
    const char *fault = NvmeFiControllerFault_str(t->fault);
    unsigned members = members_of(t->fault);
    uint32_t status;
    bool correctable;

    if (!check_numbers(t, members, error)) {
        return false;
    }
    if (t->has_sticky && !(members & HAS_STICKY)) {
        return refuse(error, "sticky: not with fault '%s', only with 'fatal'",
                      fault);
    }
    if (t->sticky && t->has_times) {
        return refuse(error, "times %" PRIu32 ": not with sticky on, which "
                      "outlasts every reset", t->times);
    }
    if (t->aer_error && !(members & NEEDS_AER_ERROR)) {
        return refuse(error, "aer-error '%s': not with fault '%s', only with "
                      "'aer'", t->aer_error, fault);
    }
    if (!(members & NEEDS_AER_ERROR)) {
        return true;
    }
    if (!t->aer_error) {
        return refuse(error, "aer-error: must be given with fault 'aer'");
    }
    if (!nvme_fi_aer_parse(t->aer_error, &status, &correctable)) {
        return refuse(error, "aer-error '%s': must be a name that "
                      "pcie_aer_inject_error takes, such as 'COMP_TIME' or "
                      "'BAD_TLP', or one bit of the Uncorrectable Error "
                      "Status register as a number", t->aer_error);
    }
    return true;
}

static bool possible(NvmeFi *fi, const NvmeFiTrigger *trigger,
                     const NvmeRequest *req, GError **error)
{
    switch (trigger->u.controller.fault) {
    case NVME_FI_CONTROLLER_FAULT_UNPLUG:
    case NVME_FI_CONTROLLER_FAULT_SURPRISE_UNPLUG:
        return nvme_fi_can_unplug(fi, error);
    case NVME_FI_CONTROLLER_FAULT_LINK_DOWN:
        if (pci_is_vf(PCI_DEVICE(fi->ctrl))) {
            return refuse(error, "fault 'link-down': a virtual function has "
                          "no link of its own; use 'gone'");
        }
        return true;
    case NVME_FI_CONTROLLER_FAULT_AER:
        if (!nvme_fi_aer_reporter(fi)) {
            return refuse(error, "fault 'aer': neither the device nor a port "
                          "above it has the Advanced Error Reporting "
                          "capability; put it behind a pcie-root-port");
        }
        return true;
    default:
        return true;
    }
}

void nvme_fi_timer_in(QEMUTimer *timer, uint64_t ns)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);

    timer_mod_ns(timer, now + MIN(ns, (uint64_t)(INT64_MAX - now)));
}

void nvme_fi_controller_kick(NvmeFi *fi)
{
    NvmeCtrl *n = fi->ctrl;

    for (uint32_t i = 0; i < n->params.max_ioqpairs + 1; i++) {
        if (n->cq[i]) {
            qemu_bh_schedule(n->cq[i]->bh);
        }
        if (n->sq[i]) {
            qemu_bh_schedule(n->sq[i]->bh);
        }
    }
}

static void end_fatal(struct NvmeFiController *c)
{
    timer_del(&c->fatal_timer);
    c->fatal = c->sticky = c->not_ready = false;
}

static void fatal_over(void *opaque)
{
    struct NvmeFiController *c = opaque;

    end_fatal(c);
    c->enables = 0;
    nvme_fi_controller_kick(c->fi);
}

static void wait_over(void *opaque)
{
    NvmeFiWait *wait = opaque;

    wait->on = false;
    nvme_fi_controller_kick(wait->fi);
}

void nvme_fi_wait_end(NvmeFiWait *wait)
{
    timer_del(&wait->timer);
    wait->on = false;
}

void nvme_fi_wait_begin(NvmeFiWait *wait)
{
    nvme_fi_wait_end(wait);
    if (!wait->left) {
        return;
    }
    wait->left--;
    wait->on = true;
    if (!wait->never) {
        nvme_fi_timer_in(&wait->timer, wait->for_ns);
    }
}

/* All that there are.  A reset of the machine completes the removal of devices
 * that wait for that, and no handler of it may be unregistered meanwhile. */
static QLIST_HEAD(, NvmeFiController) controllers =
    QLIST_HEAD_INITIALIZER(controllers);

/* The power was off and on again. */
static void machine_reset(void *opaque)
{
    struct NvmeFiController *c;

    QLIST_FOREACH(c, &controllers, entry) {
        end_fatal(c);
        c->enables = 0;
    }
}

void nvme_fi_controller_machine_init(void)
{
    static bool done;

    if (!done) {
        done = true;
        qemu_register_reset(machine_reset, NULL);
    }
}

struct NvmeFiController *nvme_fi_controller(NvmeFi *fi)
{
    struct NvmeFiController *c = fi->controller;

    if (c) {
        return c;
    }
    c = g_new0(struct NvmeFiController, 1);
    c->fi = fi;
    timer_init_ns(&c->fatal_timer, QEMU_CLOCK_VIRTUAL, fatal_over, c);
    for (int i = 0; i < NVME_FI_WAIT__MAX; i++) {
        c->wait[i].fi = fi;
        timer_init_ns(&c->wait[i].timer, QEMU_CLOCK_VIRTUAL, wait_over,
                      &c->wait[i]);
    }
    nvme_fi_link_init(c);
    QLIST_INSERT_HEAD(&controllers, c, entry);
    fi->controller = c;
    return c;
}

void nvme_fi_controller_exit(NvmeFi *fi)
{
    struct NvmeFiController *c = fi->controller;

    if (!c) {
        return;
    }
    QLIST_SAFE_REMOVE(c, entry);
    timer_del(&c->fatal_timer);
    for (int i = 0; i < NVME_FI_WAIT__MAX; i++) {
        nvme_fi_wait_end(&c->wait[i]);
    }
    nvme_fi_link_exit(c);
}

void nvme_fi_controller_free(NvmeFi *fi)
{
    g_free(fi->controller);
}

void nvme_fi_controller_reset(NvmeFi *fi)
{
    struct NvmeFiController *c = fi->controller;

    if (!c) {
        return;
    }
    /* what completes during the reset must not be seen */
    c->quiet = nvme_fi_controller_stopped(fi);
    if (!c->sticky) {
        c->fatal = c->not_ready = false;
        if (!c->enables) {
            timer_del(&c->fatal_timer);
        }
    }
    nvme_fi_wait_end(&c->wait[NVME_FI_WAIT_READY]);
    nvme_fi_wait_end(&c->wait[NVME_FI_WAIT_SHUTDOWN]);
    if (!c->disabling) {
        nvme_fi_wait_end(&c->wait[NVME_FI_WAIT_DISABLED]);
    }
    c->disabling = false;
}

static void be_fatal(struct NvmeFiController *c,
                     const NvmeFiTriggerController *t)
{
    end_fatal(c);
    c->fatal = true;
    c->sticky = t->sticky;
    c->not_ready = !NVME_CC_EN(ldl_le_p(&c->fi->ctrl->bar.cc));
    c->enables = t->has_times ? t->times - 1 : 0;
    if (t->has_for_ns) {
        nvme_fi_timer_in(&c->fatal_timer, t->for_ns);
    }
}

static void arm(NvmeFiWait *wait, const NvmeFiTriggerController *t)
{
    wait->left = t->has_times ? t->times : 1;
    wait->never = !t->has_for_ns;
    wait->for_ns = t->for_ns;
}

static void fire(NvmeFi *fi, const NvmeFiTrigger *trigger, NvmeRequest *req)
{
    const NvmeFiTriggerController *t = &trigger->u.controller;
    struct NvmeFiController *c = nvme_fi_controller(fi);
    const uint64_t *for_ns = t->has_for_ns ? &t->for_ns : NULL;

    switch (t->fault) {
    case NVME_FI_CONTROLLER_FAULT_FATAL:
        be_fatal(c, t);
        break;
    case NVME_FI_CONTROLLER_FAULT_READY_LATE:
    case NVME_FI_CONTROLLER_FAULT_READY_NEVER:
        arm(&c->wait[NVME_FI_WAIT_READY], t);
        break;
    case NVME_FI_CONTROLLER_FAULT_DISABLE_LATE:
    case NVME_FI_CONTROLLER_FAULT_DISABLE_NEVER:
        arm(&c->wait[NVME_FI_WAIT_DISABLED], t);
        break;
    case NVME_FI_CONTROLLER_FAULT_SHUTDOWN_LATE:
    case NVME_FI_CONTROLLER_FAULT_SHUTDOWN_NEVER:
        arm(&c->wait[NVME_FI_WAIT_SHUTDOWN], t);
        break;
    case NVME_FI_CONTROLLER_FAULT_GONE:
    case NVME_FI_CONTROLLER_FAULT_LINK_DOWN:
        nvme_fi_link_lose(c, for_ns,
                          t->fault == NVME_FI_CONTROLLER_FAULT_LINK_DOWN);
        break;
    case NVME_FI_CONTROLLER_FAULT_UNPLUG:
        nvme_fi_unplug(fi, false);
        break;
    case NVME_FI_CONTROLLER_FAULT_SURPRISE_UNPLUG:
        nvme_fi_link_lose(c, NULL, false);
        nvme_fi_unplug(fi, true);
        break;
    case NVME_FI_CONTROLLER_FAULT_AER:
        nvme_fi_aer_report(fi, t->aer_error);
        break;
    case NVME_FI_CONTROLLER_FAULT__MAX:
        g_assert_not_reached();
    }
}

const NvmeFiTriggerOps nvme_fi_controller_trigger = {
    .check = check,
    .possible = possible,
    .fire = fire,
};
