/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suite "fabric": a status of the drive on its way through blk_to_nvme_status()
 * or errno_to_nvme_status() of the target, or past them, to the program; the
 * commands on both wires, and the target's error log.
 */
#include <errno.h>
#include <linux/fs.h>
#include <linux/nvme_ioctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fabric.h"

/* A command and its retries, nvme_max_retries of drivers/nvme/host/core.c. */
#define ATTEMPTS 6

typedef enum StatusOp { READ, WRITE, FLUSH, DISCARD } StatusOp;

static const char *const op_names[] = {
    [READ] = "read", [WRITE] = "write", [FLUSH] = "flush",
    [DISCARD] = "dataset-management",
};

typedef struct StatusCase {
    FabricCase fabric;
    Front front;
    StatusOp op;
    unsigned status;            /* of the drive, with DNR or without */
    unsigned n;                 /* block of the front */
    bool judges_lba;            /* of the log, where it is wrong */
} StatusCase;

static unsigned attempts(unsigned status)
{
    return status & DNR ? 1 : ATTEMPTS;
}

/* The target's passthrough leaves retries to its host (REQ_FAILFAST_DRIVER in
 * nvme_init_request()). */
static unsigned drive_attempts(const StatusCase *sc)
{
    return sc->front.backend == PASSTHRU ? 1 : attempts(sc->status);
}

static const Front *front(const Case *c)
{
    return &((const StatusCase *)c->data)->front;
}

static void rules(Suite *suite, const Case *c, Buf *buf)
{
    const StatusCase *sc = c->data;

    (void)suite;
    buf_json_sep(buf);
    buf_printf(buf, "{\"id\":\"c%u\",\"opcode\":\"%s\",\"nsid\":%u,",
               c->ordinal, op_names[sc->op], target_nsid(sc->front.backend));
    if (sc->op == READ || sc->op == WRITE) {
        buf_printf(buf, "\"slba\":%llu,",
                   target_lba(sc->front.backend, sc->n));
    }
    buf_printf(buf, "\"action\":\"status\",\"status\":\"0x%x\"}", sc->status);
}

/* The newest entry of the Error Information log page (Base, 5.1.12.1.2). */
typedef struct ErrorEntry {
    uint64_t count;
    uint16_t sqid, cid, status, location;
    uint64_t lba;
    uint32_t nsid;
    uint8_t rest[28];
} ErrorEntry;

static bool read_log(ErrorEntry *entry)
{
    struct nvme_admin_cmd cmd = {
        .opcode = 0x02, .nsid = 0xffffffff, .addr = (unsigned long)entry,
        .data_len = sizeof(*entry),
        .cdw10 = 0x01 | (sizeof(*entry) / 4 - 1) << 16,
    };

    return !ioctl(front_ctrl(), NVME_IOCTL_ADMIN_CMD, &cmd);
}

static long long carry_out(const StatusCase *sc)
{
    off_t at = (off_t)sc->n * BLOCK;
    uint64_t range[2] = { at, BLOCK };

    switch (sc->op) {
    case READ:
        return pread(front_disk(), fabric_data, BLOCK, at);
    case WRITE:
        return pwrite(front_disk(), fabric_data, BLOCK, at);
    case FLUSH:
        return fsync(front_disk());
    case DISCARD:
        return ioctl(front_disk(), BLKDISCARD, range);
    }
    return -1;
}

static ErrorEntry before;

static void run(Suite *suite, const Case *c, Outcome *out)
{
    const StatusCase *sc = c->data;

    (void)suite;
    if (sc->front.backend != PASSTHRU) {
        read_log(&before);
    }
    out->value = carry_out(sc);
    out->error = out->value < 0 ? errno : 0;
}

/* Passed through, the log page is the drive's. */
static void cleanup(Suite *suite, const Case *c, Outcome *out)
{
    const StatusCase *sc = c->data;
    ErrorEntry after;

    (void)suite;
    if (sc->front.backend != PASSTHRU && !out->skip && read_log(&after)) {
        buf_json_int(&out->observed, "entries", after.count - before.count);
        buf_json_int(&out->observed, "status", after.status >> 1);
        buf_json_int(&out->observed, "location", after.location);
        buf_json_int(&out->observed, "lba", after.lba);
        buf_json_int(&out->observed, "nsid", after.nsid);
    }
}

static void add_array(Buf *buf, const char *key, unsigned status,
                      unsigned rounds, unsigned tries, bool retries)
{
    buf_json_key(buf, key);
    buf_puts(buf, "[");
    for (unsigned i = 0; i < rounds * tries; i++) {
        buf_json_sep(buf);
        buf_printf(buf, "{\"status\":%u", status);
        if (retries) {
            buf_json_int(buf, "retries", i % tries);
        }
        buf_puts(buf, "}");
    }
    buf_puts(buf, "]");
}

/*
 * blk_to_nvme_status() notes the first block of a read or a write; for a file
 * nobody does, and the log says block 0: judged by a case of its own.
 */
static void add_logged(const StatusCase *sc, unsigned entries, unsigned status,
                       unsigned location, Buf *record)
{
    bool rw = sc->op == READ || sc->op == WRITE;

    buf_printf(record, ",\"observed\":{\"entries\":%u,\"status\":%u,"
               "\"location\":%u,\"nsid\":1", entries, status & ~MORE,
               location);
    if (sc->front.backend == BDEV || !rw || sc->judges_lba) {
        buf_json_int(record, "lba", rw && sc->front.backend == BDEV ?
                     sc->n * (BLOCK / 512) : 0);
    }
    buf_puts(record, "}");
}

/* What completes a command in the target: flushes of files have a work item
 * of their own. */
static void add_calls(Suite *suite, const StatusCase *sc, unsigned wire,
                      unsigned drive, Buf *record)
{
    bool file_io = sc->front.backend == EXT4_FILE && sc->op != FLUSH;
    char spec[200];

    snprintf(spec, sizeof(spec), "nvmet_bio_done=%u nvmet_file_io_done=%u "
             "nvmet_passthru_req_done=%u nvme_retry_req=%u",
             sc->front.backend == BDEV ? wire : 0, file_io ? wire : 0,
             sc->front.backend == PASSTHRU ? wire : 0,
             wire * (drive - 1) + wire - 1);
    suite_expect_calls(suite, record, spec);
}

static void add_expected(Suite *suite, const StatusCase *sc, Buf *record)
{
    unsigned location, second = map_second(suite, sc->front.backend,
                                           sc->status, &location);
    unsigned wire = attempts(second), drive = drive_attempts(sc);
    const char *error = map_errno(suite, second);

    buf_printf(record, "{\"device\":{\"hits\":%u},\"driver\":{", wire * drive);
    add_array(record, "completions", sc->status, wire, drive, true);
    add_array(record, "target", second, wire, 1, false);
    add_array(record, "front", second, 1, wire, true);
    add_calls(suite, sc, wire, drive, record);
    buf_printf(record, "},\"block\":{\"errno\":\"%s\"},\"result\":{\"value\":"
               "-1,\"errno\":\"%s\"", error, error);
    if (sc->front.backend != PASSTHRU) {
        add_logged(sc, wire, second, location, record);
    }
    buf_puts(record, "}}");
}

static const char *const from[] = {
    [BDEV] = "nvme_error_status(), nvmet_bio_done(), blk_to_nvme_status(), "
             "nvmet_set_error(), nvme_decide_disposition()",
    [EXT4_FILE] = "nvme_error_status(), blk_status_to_errno(), "
                  "nvmet_file_io_done(), errno_to_nvme_status(), "
                  "nvmet_set_error(), nvme_decide_disposition()",
    [PASSTHRU] = "nvmet_passthru_req_done(), nvme_decide_disposition()",
};

static void describe(Suite *suite, const Case *c, Buf *record)
{
    const StatusCase *sc = c->data;

    buf_json_key(record, "stimulus");
    buf_printf(record, "{\"op\":\"%s\",\"status\":%u,\"transport\":\"%s\","
               "\"backend\":\"%s\"}", op_names[sc->op], sc->status,
               transport_names[sc->front.transport],
               backend_names[sc->front.backend]);
    buf_json_key(record, "expected");
    add_expected(suite, sc, record);
    buf_json_str(record, "from", from[sc->front.backend]);
}

static const FabricKind status_kind = {
    .rules = rules, .front = front, .run = run, .cleanup = cleanup,
    .describe = describe,
};

static Case *add_named(Suite *suite, char *name, Front where, StatusOp op,
                       unsigned status)
{
    static unsigned next = 16;          /* behind the partition table */
    StatusCase *sc = calloc(1, sizeof(*sc));
    Case *c = suite_add(suite, name, sc);

    if (!sc) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    *sc = (StatusCase){ .fabric.kind = &status_kind, .front = where, .op = op,
                        .status = status, .n = next++ };
    c->alone = op == FLUSH || op == DISCARD;
    return c;
}

static void add(Suite *suite, Transport transport, Backend backend,
                StatusOp op, size_t status, bool dnr)
{
    Front where = { transport, backend, ",keep_alive_tmo=0" };
    char name[120];

    snprintf(name, sizeof(name), "fabric/%s/%s/%s/%s%s",
             transport_names[transport], backend_names[backend],
             op_names[op], fabric_statuses[status].name, dnr ? "" : "-retried");
    add_named(suite, strdup(name), where, op,
              fabric_statuses[status].code | (dnr ? DNR : 0));
}

/* Flush has no error of its own kind: EOPNOTSUPP of one is success. */
static void add_some(Suite *suite, Transport transport, Backend backend)
{
    size_t i;

    for (i = 0; fabric_statuses[i].name; i++) {
        unsigned code = fabric_statuses[i].code;
        bool kept = code == 0x281 || code == 0x080 || code == 0x006;

        add(suite, transport, backend, READ, i, true);
        if (kept || code == 0x286 || code == 0x370) {
            add(suite, transport, backend, READ, i, false);
        }
        if (transport == TCP) {
            add(suite, transport, backend, WRITE, i, true);
        }
        if (kept && transport == TCP) {
            add(suite, transport, backend, FLUSH, i, true);
        }
        if (kept && transport == TCP && backend != EXT4_FILE) {
            add(suite, transport, backend, DISCARD, i, true);
        }
    }
}

int status_load(Suite *suite)
{
    Case *c;

    if (map_load(suite)) {
        return -1;
    }
    for (int transport = TCP; transport <= LOOP; transport++) {
        for (int backend = BDEV; backend <= PASSTHRU; backend++) {
            add_some(suite, transport, backend);
        }
    }
    c = add_named(suite, strdup("fabric/tcp/file/block-in-the-error-log"),
                  (Front){ TCP, EXT4_FILE, ",keep_alive_tmo=0" }, READ,
                  0x281 | DNR);
    ((StatusCase *)c->data)->judges_lba = true;
    c->finding = "nvmet-file-error-lba";
    return 0;
}
