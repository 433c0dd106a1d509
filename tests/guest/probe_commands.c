/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "probe": the admin commands that drivers/nvme/host sends to QEMU's
 * drive while it starts it, in their order, and what it makes of a failure.
 *
 * All wait in nvme_execute_rq(), which returns a status above 0, or -EINTR
 * where nvme_timeout() gave the command up. Commands of the driver itself are
 * not retried.
 */
#include "probe.h"

#define CREATE_SQ       0x01
#define GET_LOG_PAGE    0x02
#define DELETE_SQ       0x00
#define DELETE_CQ       0x04
#define CREATE_CQ       0x05
#define IDENTIFY        0x06
#define SET_FEATURES    0x09
#define ASYNC_EVENT     0x0c
#define DOORBELL_BUFFER 0x7c

#define AT_BIND         (1 << BIND)
#define AT_RESET        (1 << RESET)
#define ALWAYS          (AT_BIND | AT_RESET)

/* Fates by how it fails: a status, one with DNR, no answer; for both starts. */
#define FATAL       .fate = { { GONE, GONE, GONE }, { GONE, GONE, GONE } }
/* Of a status above 0 the callers think "not supported". */
#define OPTIONAL    .fate = { { FINE, FINE, GONE }, { FINE, FINE, GONE } }
/* "Degraded controllers might return an error": nvme_set_queue_count(). */
#define QUEUES      .fate = { { NO_QUEUES, NO_QUEUES, GONE }, \
                              { NO_QUEUES, NO_QUEUES, GONE } }
/* Once live, a command without an answer leads to one more reset, and that to
 * one more scan. */
#define HARMLESS    .fate = { { FINE, FINE, FINE }, { FINE, FINE, FINE } }
/* The first scan finds no namespace; a later one leaves what it knows. */
#define SCAN        .fate = { { NO_DISK, NO_DISK, FINE }, \
                              { FINE, FINE, FINE } }
/* A disk that is there goes only if DNR says so: nvme_validate_ns(). */
#define VALIDATE    .fate = { { NO_DISK, NO_DISK, FINE }, \
                              { FINE, NO_DISK, FINE } }
/* The scan that goes through all numbers finds it nevertheless. */
#define LIST        .fate = { { NO_DISK, FINE, FINE }, { FINE, FINE, FINE } }

#define FROM_DELETE "nvme_dev_disable,nvme_del_queue_end"
#define FROM_QUEUE  "nvme_create_queue,nvme_create_io_queues," \
                    "nvme_setup_io_queues"

/* Where it is lost at a bind only, that saves time: at a reset another command
 * that the same function waits for in the same state is lost. */
const Command probe_commands[] = {
    /* Two I/O queues: one with interrupts, and a polled one. */
    { "delete-second-sq", DELETE_SQ, -1, 1, AT_RESET, DISABLING, HARMLESS,
      .from = FROM_DELETE },
    { "delete-first-sq", DELETE_SQ, -1, 2, AT_RESET, DISABLING, HARMLESS,
      .from = FROM_DELETE },
    { "delete-second-cq", DELETE_CQ, -1, 1, AT_RESET, DISABLING, HARMLESS,
      .from = FROM_DELETE },
    { "delete-first-cq", DELETE_CQ, -1, 2, AT_RESET, DISABLING, HARMLESS,
      .from = FROM_DELETE },

    { "identify-controller", IDENTIFY, 1, 1, ALWAYS, STARTING, FATAL,
      .message = "Identify Controller failed", .error = 5,
      .sent = 1, .from = "nvme_identify_ctrl,nvme_init_identify" },
    { "get-log-effects", GET_LOG_PAGE, 5, 1, AT_BIND, STARTING, OPTIONAL,
      .error = 4, .sent = 1,
      .from = "nvme_get_effects_log,nvme_init_identify" },
    { "set-features-timestamp", SET_FEATURES, 0x0e, 1, ALWAYS, STARTING,
      OPTIONAL, .message = "could not set timestamp", .once = true,
      .error = 4, .lost_at = AT_BIND,
      .from = "nvme_configure_timestamp,nvme_init_ctrl_finish" },
    { "set-features-host-behavior", SET_FEATURES, 0x16, 1, ALWAYS, STARTING,
      OPTIONAL, .error = 4,
      .lost_at = AT_BIND,
      .from = "nvme_configure_host_options,nvme_init_ctrl_finish" },
    { "get-log-smart", GET_LOG_PAGE, 2, 1, AT_BIND, STARTING, OPTIONAL,
      .message = "Failed to read smart log", .error = 4,
      .hwmon = true,
      .from = "nvme_hwmon_init,nvme_init_ctrl_finish" },
    { "set-features-queues", SET_FEATURES, 7, 1, ALWAYS, STARTING, QUEUES,
      .message = "Could not set queue count", .error = 4,
      .lost_at = AT_BIND,
      .sent = 1, .from = "nvme_set_queue_count,nvme_setup_io_queues" },
    { "create-first-cq", CREATE_CQ, -1, 1, ALWAYS, STARTING, QUEUES,
      .error = 4, .lost_at = AT_BIND,
      .from = FROM_QUEUE },
    { "create-first-sq", CREATE_SQ, -1, 1, ALWAYS, STARTING, QUEUES,
      .error = 4, .from = FROM_QUEUE },
    /* Without the second all queues are deleted, and one is made again. */
    { "create-second-cq", CREATE_CQ, -1, 2, ALWAYS, STARTING, OPTIONAL,
      .error = 4, .queues = 1, .lost_at = AT_BIND,
      .from = FROM_QUEUE },
    { "create-second-sq", CREATE_SQ, -1, 2, ALWAYS, STARTING, OPTIONAL,
      .error = 4, .queues = 1, .lost_at = AT_BIND,
      .from = FROM_QUEUE },
    /* Without an answer the controller is disabled behind the caller's back,
     * who notices when it wants to call it live. */
    { "doorbell-buffer-config", DOORBELL_BUFFER, -1, 1, ALWAYS, STARTING,
      OPTIONAL, .message = "unable to set dbbuf", .error = 19,
      .from = "nvme_dbbuf_set" },
    { "set-features-async-event", SET_FEATURES, 0x0b, 1, ALWAYS, RUNNING,
      HARMLESS, .message = "Failed to configure AEN", .since = { 6, 2 },
      .from = "nvme_enable_aen" },
    /* In 6.1 this may end as with a lost list of namespaces, or not. */
    { "set-features-async-event", SET_FEATURES, 0x0b, 1, ALWAYS, RUNNING,
      HARMLESS, .message = "Failed to configure AEN", .until = { 6, 2 },
      .lost_at = AT_RESET, .from = "nvme_enable_aen" },
    { "async-event-request", ASYNC_EVENT, -1, 1, ALWAYS, NOBODY_WAITS,
      HARMLESS, .sent = 1, .from = "nvme_complete_async_event" },

    /* NVME_CTRL_SKIP_ID_CNS_CS: whatever the status was, it is not sent again
     * to this controller. */
    { "identify-controller-nvm", IDENTIFY, 6, 1, ALWAYS, RUNNING, HARMLESS,
      .sticks = true,
      .lost_at = AT_BIND,
      .from = "nvme_init_non_mdts_limits,nvme_scan_work" },
    /* 6.1 goes through all numbers after any error, even while the controller
     * is reset. */
    { "identify-namespace-list", IDENTIFY, 2, 1, ALWAYS, RUNNING, LIST,
      .message = "Identify NS List failed", .since = { 6, 2 },
      .from = "nvme_scan_ns_list,nvme_scan_work" },
    { "identify-namespace-list", IDENTIFY, 2, 1, ALWAYS, RUNNING, HARMLESS,
      .message = "Identify NS List failed", .until = { 6, 2 },
      .lost_at = AT_RESET, .stuck = "scan-reset-deadlock",
      .from = "nvme_scan_ns_list,nvme_scan_work,nvme_reset_work,"
              "nvme_wait_freeze" },
    { "identify-descriptors", IDENTIFY, 3, 1, ALWAYS, RUNNING, SCAN,
      .message = "Identify Descriptors failed",
      .lost_at = AT_BIND,
      .from = "nvme_identify_ns_descs,nvme_scan_ns" },
    { "identify-namespace", IDENTIFY, 0, 1, ALWAYS, RUNNING, SCAN,
      .message = "Identify namespace failed",
      .lost_at = AT_BIND,
      .from = "nvme_ns_info_from_identify,nvme_scan_ns" },
    { "identify-namespace-again", IDENTIFY, 0, 2, ALWAYS, RUNNING, VALIDATE,
      .message = "Identify namespace failed",
      .from = "nvme_update_ns_info_block,nvme_alloc_ns,nvme_validate_ns" },
    { "identify-namespace-nvm", IDENTIFY, 5, 1, ALWAYS, RUNNING, HARMLESS,
      .lost_at = AT_BIND,
      .from = "nvme_identify_ns_nvm,nvme_update_ns_info_block" },
    { 0 },
};

/* Of each a case without and with DNR. */
const Status probe_statuses[] = {
    { "internal-error", 0x006, ALWAYS, NULL, NULL },
    { "namespace-not-ready", 0x082, AT_BIND, NULL, NULL },
    /* nvme_set_queue_count() returns it, and nvme_setup_io_queues() looks for
     * less than 0 only. */
    { "host-path-error", 0x370, ALWAYS, "set-features-queues",
      "queue-count-host-path-error" },
    { 0 },
};
