/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a controller fails: one row a case, with the functions of Linux, mostly
 * of drivers/nvme/host, that say what comes of it.
 */
#include <errno.h>

#include "removal_fault.h"

/* A reset that worked: nvme_setup_io_queues(), and the scan that follows it
 * (nvme_process_ns_desc() or its successor, for the identifiers of QEMU). */
#define RESTARTED \
    "[\"default/read/poll queues\"],[\"bogus Namespace Identifiers\"]"
#define DOWN_ALL_ONES \
    "[\"controller is down; will reset: CSTS=0xffffffff\"]," \
    "[\"faulty power saving mode\"],[\"report a bug\"]," \
    "[\"Unable to change power state from D3cold to D0\"]"
#define GIVEN_UP "[\"Disabling device after reset failure: -19\"]"
#define GIVEN_UP_61 "[\"Removing after probe failure status: -19\"]," \
    CAPACITY_61
#define CAPACITY_61 "[\"detected capacity change\",\"to 0\"]"
#define NOT_READY(what, csts) \
    "[\"Device not ready; aborting " what ", CSTS=" csts "\"]"

/*
 * Where a read fails, a newer kernel may report that or not: the queues run
 * again (nvme_dev_disable) before the disk is marked (nvme_mark_namespaces_dead
 * and GD_DEAD in blk_update_request), so that its log is not judged. Before
 * 6.2 it is the other way round (nvme_set_queue_dying).
 *
 * io_timeout is 4 s; CAP.TO says 7.5 s, which is 8 s for the driver; the
 * shutdown gets 5 s (shutdown_timeout in core.c).
 */
static const FaultCase cases[] = {
    { "removal/fatal", ACT_READ, "\"fatal\"", 0, END_LIVE, true, 4, 7,
      "[\"controller is down; will reset: CSTS=0x3\"]," RESTARTED, NULL,
      "nvme_timeout, nvme_warn_reset, nvme_reset_work, "
      "nvme_decide_disposition" },
    { "removal/fatal-sticky", ACT_READ, "\"fatal\",\"sticky\":true", EIO,
      END_DEAD, false, 12, 16,
      NULL,
      "[\"controller is down; will reset: CSTS=0x3\"],"
      NOT_READY("initialisation", "0x2") "," GIVEN_UP_61,
      "nvme_timeout, nvme_wait_ready, nvme_reset_work, nvme_queue_rq" },
    { "removal/fatal-twice", ACT_READ, "\"fatal\",\"times\":2", EIO,
      END_DEAD, false, 12, 16,
      NULL,
      "[\"controller is down; will reset: CSTS=0x3\"],"
      NOT_READY("initialisation", "0x2") "," GIVEN_UP_61,
      "nvme_reset_work: no second attempt" },
    { "removal/gone", ACT_READ, "\"gone\"", EIO, END_DEAD, false, 4, 9,
      NULL, DOWN_ALL_ONES "," GIVEN_UP_61,
      "nvme_timeout, nvme_warn_reset, nvme_pci_enable" },
    { "removal/gone-for-a-while", ACT_READ,
      "\"gone\",\"for-ns\":2000000000", 0, END_LIVE, false, 2, 7, NULL, NULL,
      "nvme_timeout: the completion was posted meanwhile" },
    /* The BARs are lost, and QEMU reads as 0 what nobody decodes: no reset at
     * once but Abort, which times out, too, then CAP.TO 0, which is 0.5 s. */
    { "removal/link-down-for-a-while", ACT_READ,
      "\"link-down\",\"for-ns\":2000000000", EIO, END_DEAD, false, 8, 13,
      NULL, NULL,
      "nvme_timeout, nvme_reset_work, nvme_wait_ready: nothing restores the "
      "configuration space without a slot reset" },
    { "removal/ready-late", ACT_RESET,
      "\"ready-late\",\"for-ns\":3000000000", 0, END_LIVE, true, 3, 6,
      RESTARTED, NULL, "nvme_wait_ready, nvme_reset_ctrl_sync" },
    { "removal/ready-never", ACT_RESET, "\"ready-never\"", ENETRESET,
      END_DEAD, false, 8, 12,
      NOT_READY("initialisation", "0x0") "," GIVEN_UP,
      NOT_READY("initialisation", "0x0") "," GIVEN_UP_61,
      "nvme_wait_ready, nvme_reset_work, nvme_reset_ctrl_sync" },
    { "removal/disable-late", ACT_RESET,
      "\"disable-late\",\"for-ns\":2000000000", 0, END_LIVE, true, 2, 5,
      RESTARTED, NULL, "nvme_disable_ctrl, nvme_wait_ready" },
    { "removal/disable-never", ACT_RESET, "\"disable-never\"", 0, END_LIVE,
      true, 16, 22,
      NOT_READY("reset", "0x1") "," NOT_READY("reset", "0x1") ","
      "[\"controller reset completed after pcie flr\"]," RESTARTED, NULL,
      "nvme_dev_disable and nvme_pci_configure_admin_queue wait, each; the "
      "second tries pcie_reset_flr", SINCE_6_2 },
    { "removal/disable-never", ACT_RESET, "\"disable-never\"", ENETRESET,
      END_DEAD, false, 24, 30, NULL,
      NOT_READY("reset", "0x1") "," NOT_READY("reset", "0x1") ","
      "[\"Removing after probe failure status: -19\"],"
      NOT_READY("reset", "0x1") "," CAPACITY_61,
      "nvme_dev_disable, nvme_pci_configure_admin_queue and again "
      "nvme_dev_disable, in nvme_remove_dead_ctrl, wait", BEFORE_6_2 },
    { "removal/shutdown-late", ACT_UNPLUG,
      "\"shutdown-late\",\"for-ns\":2000000000", 0, END_REMOVED, false, 2,
      5, "", NULL, "nvme_remove, nvme_dev_disable" },
    { "removal/shutdown-never", ACT_UNPLUG, "\"shutdown-never\"", 0,
      END_REMOVED, false, 5, 8, NOT_READY("shutdown", "0x5"),
      "[\"Device shutdown incomplete; abort shutdown\"]",
      "nvme_disable_ctrl; nvme_shutdown_ctrl before 6.2" },
    /*
     * The port reports, as QEMU's drive has no AER.  A fatal error resets what
     * is below it while the drive's channel is frozen; its lines in the log
     * and those of the scan come in either order.  It comes second because
     * Linux leaves its bit in the port's status, which each report prints.
     * Debian's 6.1 waited for the link at 5 GT/s, too: not understood yet.
     */
    { "removal/aer-nonfatal", ACT_READ,
      "\"aer\",\"aer-error\":\"COMP_TIME\"", 0, END_LIVE, false, 0, 4,
      "[\"error message received\"],"
      "[\"severity=Uncorrect\",\"(Non-Fatal)\"],"
      "[\"error status/mask=00004000/\"],[\"[14] CmpltTO\"],"
      "[\"device recovery successful\"]", NULL,
      "pcie_do_recovery; nvme_error_detected: can recover, nothing to do",
      ALL, "aer_rootport_total_err_nonfatal" },
    { "removal/aer-fatal", ACT_READ, "\"aer\",\"aer-error\":\"DLP\"", 0,
      END_LIVE, true, 0, 4, NULL, NULL,
      "pcie_do_recovery, aer_root_reset, nvme_error_detected, "
      "nvme_slot_reset", SINCE_6_2, "aer_rootport_total_err_fatal" },
    { "removal/surprise-unplug", ACT_LOSE, "\"surprise-unplug\"", EIO,
      END_REMOVED, false, 0, 4, NULL, NULL,
      "nvme_remove: not present, nvme_dev_disable, nvme_queue_rq" },
};

const FaultCase *fault_case(size_t i)
{
    return i < sizeof(cases) / sizeof(cases[0]) ? &cases[i] : NULL;
}
