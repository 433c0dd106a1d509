/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "errno": what an NVMe status becomes at each layer and each API.
 */
#ifndef GUEST_SUITE_ERRNO_H
#define GUEST_SUITE_ERRNO_H

#include <stdbool.h>
#include <stdint.h>

#include "errno_logs.h"
#include "lib/suite.h"

/* Status bits as in the CQE without its phase bit (NVMe Base 2.0, 3.3.3.2) */
#define STATUS_CODE  0x07ff
#define STATUS_CRD   0x1800
#define STATUS_MORE  0x2000
#define STATUS_DNR   0x4000

#define STATUS_ACCESS_DENIED 0x286
#define STATUS_AUTH_REQUIRED 0x191

/* Each case works on so many bytes, at the start of its own slot. */
#define IO_BYTES   4096
#define SLOT_BYTES 32768

typedef enum Op {
    OP_READ, OP_WRITE, OP_FLUSH, OP_DISCARD, OP_WRITE_ZEROES, OP_COMPARE,
    OP_VERIFY, OP_COUNT
} Op;

/* One piece of work for an API. */
typedef struct Job {
    Op op;
    const Disk *disk;
    uint64_t offset;            /* in bytes */
    uint64_t slba;
    uint32_t nlb;
    int fd;                     /* of its own where the API wants one, or -1 */
    void *map;                  /* mapping of the range, or NULL */
    char *data;                 /* IO_BYTES, page aligned */
} Job;

typedef struct Api {
    Op op;
    const char *name;
    bool returns_bytes;         /* success is IO_BYTES, else 0 */
    int open_flags;             /* a descriptor of its own, or -1 */
    bool passthrough, uring, cached;
    void (*run)(const Job *job, Outcome *out);
} Api;

typedef struct ErrnoCase {
    const Api *api;             /* NULL: the check of the tables */
    uint16_t status;            /* as it is to be on the wire */
    unsigned int times;         /* hits of the rule; 0: what the table says */
    bool execute;
    bool read_back;             /* look whether the data changed */
    int max_retries;            /* nvme_core.max_retries, or -1 */
    bool log_passthrough;       /* with passthru_err_log_enabled */
    const char *log;            /* lines expected, see table "log"; or NULL */
    LogPage *log_page;          /* of the drive, judged too; or NULL */
} ErrnoCase;

/* All tables, and what they say about the running kernel. */
typedef struct Tables {
    Table status, errors, api, log, disposition;
    const char *status_name[STATUS_CODE + 1];   /* NULL: unnamed */
    char *names_text;
} Tables;

/* The APIs, each with one operation. */
extern const Api errno_apis[];
extern const size_t errno_napis;
const Api *errno_api(Op op, const char *name);

/* The name that Linux has for it, the one of the specification, its opcode. */
const char *op_name(Op op);
const char *op_nvme_name(Op op);
uint8_t op_code(Op op);

/* Puts the result of a call in the way of libc (-1 and errno) in @out. */
void outcome_libc(Outcome *out, long long ret);

/* Puts the result of a call in the way of the kernel in @out. */
void outcome_kernel(Outcome *out, long long ret);

void run_direct(const Job *job, Outcome *out);
void run_aio(const Job *job, Outcome *out);
void run_uring(const Job *job, Outcome *out);
void run_flush(const Job *job, Outcome *out);
void run_fdatasync(const Job *job, Outcome *out);
void run_buffered(const Job *job, Outcome *out);
void run_buffered_again(const Job *job, Outcome *out);
void run_readahead(const Job *job, Outcome *out);
void run_mmap(const Job *job, Outcome *out);
void run_blkflsbuf(const Job *job, Outcome *out);
void run_blkdiscard(const Job *job, Outcome *out);
void run_uring_discard(const Job *job, Outcome *out);
void run_blkzeroout(const Job *job, Outcome *out);
void run_zero_range(const Job *job, Outcome *out);
void run_punch_hole(const Job *job, Outcome *out);
void run_ioctl(const Job *job, Outcome *out);
void run_uring_cmd(const Job *job, Outcome *out);

/* Loads all tables of @suite.  0, or -1 after a message. */
int tables_load(Tables *tables, const Suite *suite);

/* The row that holds for @status, or for @blk_status; NULL: there is none. */
Row *tables_status(Tables *tables, Version kernel, uint16_t status);
Row *tables_error(Tables *tables, Version kernel, const char *blk_status);
Row *tables_api(Tables *tables, Version kernel, const Api *api,
                const char *blk_status);
/*
 * tables_for_ever:
 * Does this kernel retry @status whatever DNR says?  Looks for the symbol of
 * the row in /proc/kallsyms, once.
 */
bool tables_for_ever(Tables *tables, Version kernel, uint16_t status);

Row *tables_log(Tables *tables, Version kernel, const char *line, size_t len);

/* Columns of the tables. */
enum { STATUS_BLK = 1, ERRORS_ERRNO = 1, ERRORS_NVME = 4, ERRORS_MESSAGE = 6,
       API_COMMANDS = 5, API_BLOCK, API_RESULT, API_FROM, LOG_FROM = 3,
       LOG_TEXT };

/*
 * tables_unused:
 * Adds the rows that hold for @kernel and were never looked up, as strings
 * "file:line", to the array @list (may be NULL).  Returns how many.
 */
unsigned int tables_unused(const Tables *tables, Version kernel, Buf *list);

/* Adds the cases of the suite. */
void errno_add_cases(Suite *suite);

/* For how many hits the rule of @ec is; 0: no limit. */
unsigned int errno_times(Suite *suite, const ErrnoCase *ec);

/* Adds the members "expected" and "from" of @c to @record. */
void errno_expect(Suite *suite, const Case *c, Buf *record);

/* The first byte of the slot of @c. */
uint64_t errno_offset(const Suite *suite, const Case *c);

#endif
