/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": what the drive itself notes about a failed command, in the
 * Error Information and the SMART / Health Information log page.
 */
#include "errno_logs.h"

#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "suite_errno.h"

#define OPCODE_GET_LOG_PAGE 0x02    /* NVMe Base 2.1, 5.1.12 */
#define NSID_ALL            0xffffffff

/* More than a read and its five retries leave behind. */
#define ENTRIES 8

/* NVMe Base 2.1, 5.1.12.1.2, newest first; in bytes as on the wire */
typedef struct ErrorEntry {
    uint64_t error_count;           /* 0: no entry */
    uint16_t sqid, cid;
    uint16_t status;                /* bits 15:1; bit 0 may be the phase tag */
    uint16_t error_location;
    uint64_t lba;
    uint32_t nsid;
    uint8_t rest[36];
} ErrorEntry;

/* NVMe Base 2.1, 5.1.12.1.3; the upper halves of the counters stay zero */
typedef struct SmartLog {
    uint8_t health[160];
    uint64_t media_errors[2];
    uint64_t error_entries[2];
    uint8_t rest[320];
} SmartLog;

_Static_assert(sizeof(ErrorEntry) == 64 && sizeof(SmartLog) == 512,
               "the layout that the specification gives");

struct LogPage {
    LogPageId id;
    bool media_error;
    bool read;                      /* the drive gave it, both times */
    uint64_t count_before;
    ErrorEntry entries[ENTRIES];
    SmartLog smart_before, smart;
};

LogPage *log_page_new(LogPageId id, bool media_error)
{
    LogPage *page = calloc(1, sizeof(*page));

    if (!page) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    page->id = id;
    page->media_error = media_error;
    return page;
}

static bool get_log_page(const Suite *suite, LogPageId id, void *data,
                         size_t bytes)
{
    struct nvme_passthru_cmd cmd = {
        .opcode = OPCODE_GET_LOG_PAGE,
        .nsid = NSID_ALL,
        .addr = (uintptr_t)data,
        .data_len = bytes,
        .cdw10 = (bytes / 4 - 1) << 16 | id,    /* NUMDL, 0's based; LID */
    };

    return !ioctl(suite->disk.fd, NVME_IOCTL_ADMIN_CMD, &cmd);
}

void log_page_before(const Suite *suite, LogPage *page)
{
    if (page->id == LOG_PAGE_SMART) {
        page->read = get_log_page(suite, page->id, &page->smart_before,
                                  sizeof(page->smart_before));
    } else {
        page->read = get_log_page(suite, page->id, page->entries,
                                  sizeof(page->entries));
        page->count_before = page->entries[0].error_count;
    }
}

void log_page_after(const Suite *suite, LogPage *page)
{
    if (page->id == LOG_PAGE_SMART) {
        page->read &= get_log_page(suite, page->id, &page->smart,
                                   sizeof(page->smart));
    } else {
        page->read &= get_log_page(suite, page->id, page->entries,
                                   sizeof(page->entries));
    }
}

/* The entry of failed command @n of the case, from 0; NULL: there is none. */
static const ErrorEntry *new_entry(const LogPage *page, unsigned int n)
{
    size_t i = ENTRIES;

    while (i-- > 0) {
        if (page->entries[i].error_count > page->count_before && !n--) {
            return &page->entries[i];
        }
    }
    return NULL;
}

/* @entry: whose queue and command to name, too; or NULL. */
static void add_entry(Buf *buf, const ErrorEntry *entry, uint64_t number,
                      uint16_t status, uint64_t lba, uint32_t nsid)
{
    buf_json_sep(buf);
    buf_puts(buf, "{");
    buf_json_int(buf, "number", number);
    if (entry) {
        buf_json_int(buf, "sqid", entry->sqid);
        buf_json_int(buf, "cid", entry->cid);
    }
    buf_json_int(buf, "status", status);
    buf_json_int(buf, "lba", lba);
    buf_json_int(buf, "nsid", nsid);
    buf_puts(buf, "}");
}

static void add_smart(Buf *buf, uint64_t error_entries, uint64_t media_errors)
{
    buf_json_key(buf, "smart-log");
    buf_puts(buf, "{");
    buf_json_int(buf, "error-entries", error_entries);
    buf_json_int(buf, "media-errors", media_errors);
    buf_puts(buf, "}");
}

void log_page_result(const LogPage *page, Buf *result)
{
    const ErrorEntry *entry;
    unsigned int n;

    if (!page->read) {
        return;
    }
    if (page->id == LOG_PAGE_SMART) {
        add_smart(result, page->smart.error_entries[0] -
                  page->smart_before.error_entries[0],
                  page->smart.media_errors[0] -
                  page->smart_before.media_errors[0]);
        return;
    }
    buf_json_key(result, "error-log");
    buf_puts(result, "[");
    for (n = 0; (entry = new_entry(page, n)); n++) {
        add_entry(result, entry, entry->error_count - page->count_before,
                  entry->status >> 1, entry->lba, entry->nsid);
    }
    buf_puts(result, "]");
}

void log_page_expect(const LogPage *page, unsigned int errors, uint16_t status,
                     uint64_t lba, uint32_t nsid, Buf *result)
{
    unsigned int n;

    if (page->id == LOG_PAGE_SMART) {
        add_smart(result, errors, page->media_error ? errors : 0);
        return;
    }
    buf_json_key(result, "error-log");
    buf_puts(result, "[");
    for (n = 1; n <= errors; n++) {
        add_entry(result, NULL, n, status, lba, nsid);
    }
    buf_puts(result, "]");
}

void log_page_command(const LogPage *page, unsigned int n, Buf *command)
{
    const ErrorEntry *entry;

    if (page->id != LOG_PAGE_ERROR) {
        return;
    }
    entry = new_entry(page, n);
    /* Without an entry: what no I/O command has. */
    buf_json_int(command, "qid", entry ? entry->sqid : 0);
    buf_json_int(command, "cid", entry ? entry->cid : -1);
}
