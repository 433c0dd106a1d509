/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Action "corrupt": data, metadata or protection information is damaged,
 * before the controller's check of it, on the medium, or on the way to the
 * host.
 */
#include "qemu/osdep.h"
#include "../engine/names.h"
#include "hw/nvme/trace.h"
#include "damage.h"
#include "medium.h"

/* What is damaged of a command. */
typedef struct Corrupt {
    NvmeNamespace *ns;
    size_t lbasz;               /* of the namespace's format, and bytes of */
    size_t ms;                  /* metadata, when the command was fetched */
    uint64_t slba, nlb;
    bool write;
    bool append;
    bool is_stale;
    NvmeFiCorruptWhere where;
    NvmeFiTarget target;
    uint8_t *data, *meta;       /* of the medium */
    uint8_t *old_data, *old_meta;
} Corrupt;

static const NvmeFiActionCorrupt *params(const NvmeRequest *req)
{
    return &nvme_fi_rule_of(req)->u.corrupt;
}

static bool is_write(uint8_t opcode)
{
    return opcode == NVME_CMD_WRITE || opcode == NVME_CMD_WRITE_ZEROES ||
        opcode == NVME_CMD_ZONE_APPEND;
}

static bool G_GNUC_PRINTF(2, 3) refuse(GError **error, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    *error = g_error_new_valist(FI_RULE_ERROR, FI_RULE_ERROR_INVALID, format,
                                ap);
    va_end(ap);
    return false;
}

/* A rule for one opcode must be able to do something to it. */
static bool check_opcode(const NvmeFiRule *rule, bool stale, GError **error)
{
    const NvmeFiActionCorrupt *corrupt = &rule->u.corrupt;
    FiQueue queue = FI_QUEUE_ANY;
    uint8_t opcode;

    if (!rule->opcode || !fi_opcode_parse(rule->opcode, &queue, &opcode,
                                          NULL)) {
        return true;            /* what is wrong is told elsewhere */
    }
    if (queue == FI_QUEUE_ADMIN || (opcode != NVME_CMD_READ &&
                                    !is_write(opcode))) {
        return refuse(error, "opcode '%s': has no data that action 'corrupt' "
                      "damages; must be read, write, write-zeroes or "
                      "zone-append", rule->opcode);
    }
    if (!corrupt->has_where) {
        return true;
    }
    if (corrupt->where == NVME_FI_CORRUPT_WHERE_HOST && is_write(opcode) &&
        !stale) {
        return refuse(error, "where 'host': opcode '%s' transfers nothing to "
                      "the host; must be before-check or medium",
                      rule->opcode);
    }
    if (corrupt->where == NVME_FI_CORRUPT_WHERE_BEFORE_CHECK &&
        opcode == NVME_CMD_WRITE_ZEROES && !stale) {
        return refuse(error, "where 'before-check': nothing is checked for "
                      "opcode '%s'; must be medium", rule->opcode);
    }
    return true;
}

static bool corrupt_check(const NvmeFiRule *rule, GError **error)
{
    const NvmeFiActionCorrupt *corrupt = &rule->u.corrupt;
    NvmeFiCorruptHow how = corrupt->has_how ? corrupt->how :
                                              NVME_FI_CORRUPT_HOW_FLIP;

    if (corrupt->has_value && how != NVME_FI_CORRUPT_HOW_FLIP &&
        how != NVME_FI_CORRUPT_HOW_FILL) {
        return refuse(error, "value %u: how '%s' takes none; leave it out",
                      corrupt->value, NvmeFiCorruptHow_str(how));
    }
    if (corrupt->has_value && !corrupt->value &&
        how == NVME_FI_CORRUPT_HOW_FLIP) {
        return refuse(error, "value 0: inverts no bit; must be 1 to 255");
    }
    if (corrupt->has_length && !corrupt->length) {
        return refuse(error, "length 0: must be 1 or more");
    }
    return check_opcode(rule, how == NVME_FI_CORRUPT_HOW_STALE, error);
}

/* Without protection information nothing is checked: what is damaged before
 * that is then damaged on its way. */
static NvmeFiCorruptWhere find_where(const NvmeFiActionCorrupt *corrupt,
                                     const NvmeNamespace *ns, bool write)
{
    NvmeFiCorruptWhere way = write ? NVME_FI_CORRUPT_WHERE_MEDIUM :
                                     NVME_FI_CORRUPT_WHERE_HOST;

    if (!corrupt->has_where ||
        (corrupt->where == NVME_FI_CORRUPT_WHERE_BEFORE_CHECK &&
         !NVME_ID_NS_DPS_TYPE(ns->id_ns.dps))) {
        return way;
    }
    return corrupt->where;
}

/* NULL if there is nothing to damage; the model checks the command, too. */
static Corrupt *corrupt_new(NvmeFi *fi, NvmeRequest *req)
{
    const NvmeFiActionCorrupt *corrupt = params(req);
    NvmeRwCmd *rw = (NvmeRwCmd *)&req->cmd;
    Corrupt c = {
        .ns = nvme_ns(fi->ctrl, le32_to_cpu(req->cmd.nsid)),
        .slba = le64_to_cpu(rw->slba),
        .nlb = le16_to_cpu(rw->nlb) + 1,
        .write = is_write(rw->opcode),
        .append = rw->opcode == NVME_CMD_ZONE_APPEND,
        .is_stale = corrupt->has_how &&
            corrupt->how == NVME_FI_CORRUPT_HOW_STALE,
    };
    uint64_t blocks;

    if (!req->sq->sqid || !c.ns || (!c.write && rw->opcode != NVME_CMD_READ)) {
        return NULL;
    }
    blocks = le64_to_cpu(c.ns->id_ns.nsze);
    if (c.slba >= blocks || c.nlb > blocks - c.slba ||
        !nvme_fi_find_target(c.ns, corrupt->has_target ? corrupt->target :
                             NVME_FI_CORRUPT_TARGET_DATA, &c.target)) {
        return NULL;
    }
    c.lbasz = c.ns->lbasz;
    c.ms = c.ns->lbaf.ms;
    c.where = find_where(corrupt, c.ns, c.write);
    return g_memdup2(&c, sizeof(c));
}

/* The host may format the namespace while the command is under way. */
static bool is_format_same(const Corrupt *c)
{
    return c->lbasz == c->ns->lbasz && c->ms == c->ns->lbaf.ms;
}

/* What is read of the medium, is transferred once more or was there before. */
static uint64_t kept_bytes(const Corrupt *c)
{
    return c->nlb * (c->lbasz + c->ms);
}

static void alloc_old(Corrupt *c)
{
    c->old_data = g_malloc0(nvme_fi_data_len(c->ns, c->nlb));
    c->old_meta = g_malloc0(nvme_fi_meta_len(c->ns, c->nlb));
}

static void damage(const NvmeRequest *req, const Corrupt *c, uint8_t *data,
                   uint8_t *meta)
{
    const uint8_t *old = c->target.meta ? c->old_meta : c->old_data;

    nvme_fi_damage(req, &c->target, c->nlb, c->target.meta ? meta : data, old);
}

/* The end of a transfer that made the command wait: it goes on. */
static void go_on(NvmeRequest *req)
{
    if (req->fi->stage == NVME_FI_STAGE_EXECUTE) {
        nvme_fi_carry_out(req);
    } else {
        nvme_enqueue_req_completion(nvme_cq(req), req);
    }
}

static void medium_was_written(NvmeRequest *req, int ret)
{
    if (ret != -ECANCELED) {
        go_on(req);
    }
}

static void medium_was_read(NvmeRequest *req, int ret)
{
    Corrupt *c;

    if (ret == -ECANCELED) {
        return;
    }
    c = req->fi->data;
    if (ret || !is_format_same(c)) {
        go_on(req);             /* what cannot be read is damaged enough */
        return;
    }
    damage(req, c, c->data, c->meta);
    nvme_fi_medium_write(req, c->ns, c->slba, c->nlb, c->data, c->meta,
                         medium_was_written);
}

static NvmeFiNext damage_medium(NvmeRequest *req, Corrupt *c)
{
    c->data = g_malloc(nvme_fi_data_len(c->ns, c->nlb));
    c->meta = g_malloc(nvme_fi_meta_len(c->ns, c->nlb));
    nvme_fi_medium_read(req, c->ns, c->slba, c->nlb, c->data, c->meta,
                        medium_was_read);
    return NVME_FI_WAIT;
}

static void old_was_read(NvmeRequest *req, int ret)
{
    if (ret != -ECANCELED) {
        nvme_fi_carry_out(req);
    }
}

static NvmeFiNext corrupt_fetch(NvmeFi *fi, NvmeRequest *req)
{
    Corrupt *c = req->fi->data = corrupt_new(fi, req);

    if (!c) {
        return NVME_FI_GO_ON;
    }
    if (!nvme_fi_reserve(req, kept_bytes(c))) {
        trace_pci_nvme_fi_left_out(fi->device, req->fi->id,
                                   "the commands have too many blocks");
        g_clear_pointer(&req->fi->data, g_free);
        return NVME_FI_GO_ON;
    }
    if (c->is_stale) {
        alloc_old(c);
        if (c->write && !c->append) {
            nvme_fi_medium_read(req, c->ns, c->slba, c->nlb, c->old_data,
                                c->old_meta, old_was_read);
            return NVME_FI_WAIT;
        }
        /* before an append the blocks hold nothing */
        if (!c->write) {
            nvme_fi_old_get(fi, c->ns, c->slba, c->nlb, c->old_data,
                            c->old_meta);
        }
    }
    return !c->write && c->where == NVME_FI_CORRUPT_WHERE_MEDIUM ?
        damage_medium(req, c) : NVME_FI_GO_ON;
}

static void corrupt_check_pi(NvmeFi *fi, NvmeRequest *req,
                             NvmeBounceContext *ctx)
{
    NvmeRwCmd *rw = (NvmeRwCmd *)&req->cmd;
    bool pract = le16_to_cpu(rw->control) & NVME_RW_PRINFO_PRACT;
    const Corrupt *c = req->fi->data;

    if (!c || c->where != NVME_FI_CORRUPT_WHERE_BEFORE_CHECK ||
        (c->write && c->is_stale) || !is_format_same(c)) {
        return;
    }
    /* the controller will generate what would be damaged */
    if (c->write && pract && (c->target.pi || (c->target.meta &&
                                  c->target.stride == nvme_fi_pi_len(c->ns)))) {
        return;
    }
    damage(req, c, ctx->data.bounce, ctx->mdata.bounce);
}

/* Whether metadata of the read came to the host (NVM Command Set 1.1, 5.3.2:
 * PRACT strips metadata that is nothing but protection information). */
static bool has_host_metadata(const NvmeRequest *req, const Corrupt *c)
{
    const NvmeRwCmd *rw = (const NvmeRwCmd *)&req->cmd;
    bool pi = NVME_ID_NS_DPS_TYPE(c->ns->id_ns.dps);

    if (pi && (le16_to_cpu(rw->control) & NVME_RW_PRINFO_PRACT) &&
        c->ns->lbaf.ms == nvme_fi_pi_len(c->ns)) {
        return false;
    }
    return c->ns->lbaf.ms && (nvme_ns_ext(c->ns) || pi || req->cmd.mptr);
}

/* Transfers the data or the metadata, whichever is damaged. */
static uint16_t transfer(NvmeRequest *req, const Corrupt *c, uint8_t *bytes,
                         NvmeTxDirection direction)
{
    NvmeCtrl *n = nvme_ctrl(req);
    size_t len = nvme_fi_data_len(c->ns, c->nlb);
    size_t ms = nvme_fi_meta_len(c->ns, c->nlb);
    bool interleaved = nvme_ns_ext(c->ns) && has_host_metadata(req, c);
    uint16_t status;

    nvme_fi_unmap(&req->sg);
    status = nvme_map_dptr(n, &req->sg, len + (interleaved ? ms : 0),
                           &req->cmd);
    if (status) {
        return status;
    }
    return c->target.meta ? nvme_bounce_mdata(n, bytes, ms, direction, req) :
                            nvme_bounce_data(n, bytes, len, direction, req);
}

/* The host may have made its memory unreadable meanwhile, or its list of pages
 * another one: then it keeps what it has. */
static void damage_host(NvmeRequest *req, const Corrupt *c)
{
    g_autofree uint8_t *bytes = NULL;

    if (c->target.meta && !has_host_metadata(req, c)) {
        return;
    }
    bytes = g_malloc(c->nlb * c->target.stride);
    if (!transfer(req, c, bytes, NVME_TX_DIRECTION_TO_DEVICE)) {
        damage(req, c, bytes, bytes);
        transfer(req, c, bytes, NVME_TX_DIRECTION_FROM_DEVICE);
    }
}

static NvmeFiNext corrupt_finish(NvmeFi *fi, NvmeRequest *req)
{
    NvmeRwCmd *rw = (NvmeRwCmd *)&req->cmd;
    Corrupt *c = req->fi->data;

    if (!c || req->status || !is_format_same(c)) {
        return NVME_FI_GO_ON;
    }
    c->slba = le64_to_cpu(rw->slba);    /* the model chose that of an append */
    if (c->write && c->is_stale) {
        nvme_fi_old_keep(fi, c->ns, c->slba, c->nlb, c->old_data,
                         c->ns->lbaf.ms ? c->old_meta : NULL);
    }
    if (c->write && c->where == NVME_FI_CORRUPT_WHERE_MEDIUM) {
        return damage_medium(req, c);
    }
    if (!c->write && c->where == NVME_FI_CORRUPT_WHERE_HOST) {
        damage_host(req, c);
    }
    return NVME_FI_GO_ON;
}

static void corrupt_free(NvmeRequest *req)
{
    Corrupt *c = req->fi->data;

    if (c) {
        g_free(c->data);
        g_free(c->meta);
        g_free(c->old_data);
        g_free(c->old_meta);
        g_free(c);
    }
}

const NvmeFiActionOps nvme_fi_corrupt_ops = {
    .check = corrupt_check,
    .fetch = corrupt_fetch,
    .finish = corrupt_finish,
    .check_pi = corrupt_check_pi,
    .free = corrupt_free,
};
