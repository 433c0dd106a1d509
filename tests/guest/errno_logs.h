/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": what the drive itself notes about a failed command (NVMe Base
 * 2.1, 5.1.12.1.2 and 5.1.12.1.3), read with NVME_IOCTL_ADMIN_CMD.
 */
#ifndef GUEST_ERRNO_LOGS_H
#define GUEST_ERRNO_LOGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/suite.h"

/* Log Page Identifiers (NVMe Base 2.1, 5.1.12) */
typedef enum LogPageId {
    LOG_PAGE_ERROR = 0x01,
    LOG_PAGE_SMART = 0x02,
} LogPageId;

/* One of the pages, before a case and after it. */
typedef struct LogPage LogPage;

/*
 * log_page_new:
 * @media_error: the status of the case counts as a Media and Data Integrity
 *     Error of the SMART page.
 * Never NULL; it lives as long as the suite.
 */
LogPage *log_page_new(LogPageId id, bool media_error);

/* Read the page, before the first and after the last command of the case. */
void log_page_before(const Suite *suite, LogPage *page);
void log_page_after(const Suite *suite, LogPage *page);

/*
 * log_page_result:
 * Adds to @result what the case changed: "error-log", the new entries with the
 * oldest first, numbered from 1 by their Error Count; or "smart-log", by how
 * much its counters grew.  Nothing when the page could not be read.
 */
void log_page_result(const LogPage *page, Buf *result);

/*
 * log_page_expect:
 * Adds the same for @errors commands that failed with @status (15 bits).
 */
void log_page_expect(const LogPage *page, unsigned int errors, uint16_t status,
                     uint64_t lba, uint32_t nsid, Buf *result);

/*
 * log_page_command:
 * Adds to the expected @command, the one that failed as number @n (from 0), the
 * SQID and CID that its entry names: they must be those on the wire.
 */
void log_page_command(const LogPage *page, unsigned int n, Buf *command);

#endif
