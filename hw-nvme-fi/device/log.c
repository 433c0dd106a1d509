/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command log: one entry for each command that matched a rule, with its
 * SQE and CQE; the last hit of each rule; the event.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qapi/qapi-events-nvme-fi.h"
#include "internal.h"

static uint16_t record_status(const NvmeFiRecord *record)
{
    return le16_to_cpu(record->cqe.status) >> 1;
}

static void send_event(const NvmeFi *fi, const NvmeFiRecord *record)
{
    qapi_event_send_nvme_fi_hit(fi->device, record->id, record->seq,
                                record->hit, record->qid,
                                le16_to_cpu(record->sqe.cid),
                                record->sqe.opcode, record->executed,
                                record->posted, record_status(record));
}

/* The rule that acted, if it is still there, remembers its last hit. */
static void keep_last_hit(NvmeFi *fi, const NvmeFiRequest *f,
                          const NvmeFiRecord *record)
{
    FiEntry *entry = fi_set_find(fi->set, f->id);

    if (!entry || fi_entry_stats(entry).order != f->order) {
        return;
    }
    if (!fi_entry_data(entry)) {
        fi_entry_set_data(entry, g_new(NvmeFiRecord, 1));
    }
    memcpy(fi_entry_data(entry), record, sizeof(*record));
}

void nvme_fi_log(NvmeFi *fi, NvmeRequest *req, bool posted)
{
    NvmeFiRequest *f = req->fi;
    NvmeFiRecord *record = &fi->log[fi->next_seq % NVME_FI_LOG_ENTRIES];

    *record = (NvmeFiRecord) {
        .seq = fi->next_seq++,
        .qid = req->sq->sqid,
        .executed = f->executed,
        .posted = posted,
        .sqe = req->cmd,
    };
    pstrcpy(record->id, sizeof(record->id), f->id);
    if (posted) {
        record->cqe = req->cqe;
    }
    if (f->hit) {
        record->hit = ++fi->hits;
        keep_last_hit(fi, f, record);
        send_event(fi, record);
    }
}

static char *hex(const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    char *text = g_malloc(2 * len + 1);

    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 0xf];
    }
    text[2 * len] = '\0';
    return text;
}

NvmeFiCommand *nvme_fi_log_entry(const NvmeFiRecord *record)
{
    NvmeFiCommand *command = g_new0(NvmeFiCommand, 1);

    command->seq = record->seq;
    command->id = g_strdup(record->id);
    command->has_hit = record->hit != 0;
    command->hit = record->hit;
    command->qid = record->qid;
    command->cid = le16_to_cpu(record->sqe.cid);
    command->opcode = record->sqe.opcode;
    command->nsid = le32_to_cpu(record->sqe.nsid);
    command->executed = record->executed;
    command->sqe = hex(&record->sqe, sizeof(record->sqe));
    if (record->posted) {
        command->has_status = true;
        command->status = record_status(record);
        command->cqe = hex(&record->cqe, sizeof(record->cqe));
    }
    return command;
}

NvmeFiLog *nvme_fi_log_since(const NvmeFi *fi, uint64_t since)
{
    NvmeFiLog *log = g_new0(NvmeFiLog, 1);
    NvmeFiCommandList **tail = &log->commands;
    uint64_t first = 1;

    log->next = fi ? fi->next_seq : 1;
    since = MAX(since, 1);
    if (log->next > NVME_FI_LOG_ENTRIES) {
        first = log->next - NVME_FI_LOG_ENTRIES;
    }
    if (since < first) {
        log->lost = first - since;
        since = first;
    }
    for (uint64_t seq = since; seq < log->next; seq++) {
        QAPI_LIST_APPEND(tail, nvme_fi_log_entry(
            &fi->log[seq % NVME_FI_LOG_ENTRIES]));
    }
    return log;
}
