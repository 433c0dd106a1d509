/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The power cut: what of the writes that are not stable is lost, torn or in
 * another order, and the medium put so.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/units.h"
#include "qapi/clone-visitor.h"
#include "qapi/qapi-visit-nvme-fi.h"
#include "system/block-backend.h"
#include "system/runstate.h"
#include "action.h"
#include "cut.h"

#define PIECE (1 * MiB)         /* of a write that puts the medium right */

/* One block of one write. */
typedef struct Cell {
    uint64_t lba;
    uint64_t block;             /* in the image */
    NvmeFiCached *write;
} Cell;

/* Choices */

/* Of a torn write one block is lost for certain, the others by chance. */
static bool is_block_lost(const NvmeFiCut *cut, const Cell *cell)
{
    uint64_t seed = fi_random(cut->seed, cell->write->seq, NVME_FI_CUT_BLOCKS);

    return seed % cell->write->before->nlb == cell->block ||
        (fi_random(seed, cell->block + 1, NVME_FI_CUT_BLOCKS) & 1);
}

static bool survives(const NvmeFiCut *cut, const Cell *cell)
{
    NvmeZone *zone = nvme_fi_cut_zone(cut, cell->lba);
    const uint64_t *first;

    if (zone && !(zone->d.za & NVME_ZA_ZRWA_VALID)) {
        first = g_hash_table_lookup(cut->zones, zone);
        return !first || cell->lba < *first;
    }
    if (zone && cell->lba < zone->w_ptr) {
        return true;            /* out of the random write area: committed */
    }
    return !nvme_fi_cut_loses(cut, cell->write) &&
        !(nvme_fi_cut_tears(cut, cell->write) && is_block_lost(cut, cell));
}

/* The medium */

static void write_back(NvmeFiCut *cut)
{
    BlockBackend *blk = cut->ns->blkconf.blk;
    int ret = 0;

    if (cut->nlb) {
        ret = blk_pwrite(blk, nvme_l2b(cut->ns, cut->slba), cut->data->len,
                         cut->data->data, 0);
    }
    if (ret >= 0 && cut->meta->len) {
        ret = blk_pwrite(blk, nvme_moff(cut->ns, cut->slba), cut->meta->len,
                         cut->meta->data, 0);
    }
    if (ret < 0) {
        error_report("nvme-fi: power cut: %" PRIu64 " blocks from LBA %" PRIu64
                     " of namespace %u on cannot be put back: %s; they keep "
                     "what was written", cut->nlb, cut->slba,
                     nvme_nsid(cut->ns), strerror(-ret));
    }
    cut->nlb = 0;
    g_byte_array_set_size(cut->data, 0);
    g_byte_array_set_size(cut->meta, 0);
}

/* The block of @cell gets what it held before that write. */
static void restore(NvmeFiCut *cut, const Cell *cell)
{
    const NvmeFiImage *image = cell->write->before;

    if (cell->lba != cut->slba + cut->nlb || cut->data->len >= PIECE) {
        write_back(cut);
        cut->slba = cell->lba;
    }
    cut->nlb++;
    g_byte_array_append(cut->data,
                        image->data + nvme_fi_data_len(cut->ns, cell->block),
                        nvme_fi_data_len(cut->ns, 1));
    if (image->meta) {
        g_byte_array_append(cut->meta, image->meta +
                            nvme_fi_meta_len(cut->ns, cell->block),
                            nvme_fi_meta_len(cut->ns, 1));
    }
}

/* Which of the @n writes of a block, oldest first, is the last; -1: none. */
static int choose(const NvmeFiCut *cut, const Cell *cells, unsigned n)
{
    unsigned survivors = 0;
    int chosen = -1;

    for (unsigned i = 0; i < n; i++) {
        if (!survives(cut, &cells[i])) {
            continue;
        }
        survivors++;
        /* each of them as likely */
        if (!cut->reorder ||
            fi_random(cut->seed, cells[i].lba,
                      NVME_FI_CUT_ORDER + survivors) % survivors == 0) {
            chosen = i;
        }
    }
    return chosen;
}

/* @n writes of one block, oldest first. */
static void decide_block(NvmeFiCut *cut, const Cell *cells, unsigned n)
{
    unsigned first = 0;
    int chosen;

    for (unsigned i = 0; i < n; i++) {
        if (cells[i].write->stable) {
            first = i + 1;      /* it, and what it overwrote, is settled */
        }
    }
    cells += first;
    n -= first;
    chosen = choose(cut, cells, n);
    for (unsigned i = chosen + 1; i < n; i++) {
        cells[i].write->lost++;
    }
    if (n && chosen != (int)n - 1) {
        restore(cut, &cells[chosen + 1]);
    }
}

static gint by_block(gconstpointer a, gconstpointer b)
{
    const Cell *x = a, *y = b;

    if (x->lba != y->lba) {
        return x->lba < y->lba ? -1 : 1;
    }
    if (x->write->seq != y->write->seq) {
        return x->write->seq < y->write->seq ? -1 : 1;
    }
    return 0;
}

static void add_cells(GArray *cells, NvmeFiCached *write)
{
    const NvmeFiImage *image = write->before;
    Cell cell = { .write = write };

    for (unsigned i = 0; i < image->n; i++) {
        for (uint64_t j = 0; j < image->extents[i].nlb; j++) {
            cell.lba = image->extents[i].slba + j;
            g_array_append_val(cells, cell);
            cell.block++;
        }
    }
}

static void decide_namespace(NvmeFiCut *cut)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(Cell));
    const Cell *cell;
    NvmeFiCached *write;
    unsigned end;

    QTAILQ_FOREACH(write, &cut->cache->writes, entry) {
        /* of another format there is nothing that could be put back */
        if (write->before->ns == cut->ns &&
            nvme_fi_image_fits(write->before)) {
            add_cells(cells, write);
        }
    }
    g_array_sort(cells, by_block);
    cell = (const Cell *)cells->data;
    for (unsigned i = 0; i < cells->len; i = end) {
        end = i + 1;
        while (end < cells->len && cell[end].lba == cell[i].lba) {
            end++;
        }
        decide_block(cut, &cell[i], end - i);
    }
    write_back(cut);
}

static void cut_namespace(NvmeFiCut *cut, NvmeNamespace *ns)
{
    cut->ns = ns;
    cut->zones = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    cut->data = g_byte_array_new();
    cut->meta = g_byte_array_new();
    if (ns->csi == NVME_CSI_ZONED) {
        nvme_fi_cut_choose_zones(cut);
    }
    decide_namespace(cut);
    if (ns->csi == NVME_CSI_ZONED) {
        nvme_fi_cut_move_zones(cut);
    }
    nvme_ns_shutdown(ns);       /* closes open zones */
    g_byte_array_unref(cut->data);
    g_byte_array_unref(cut->meta);
    g_hash_table_unref(cut->zones);
}

static void list_lost(NvmeFiCache *cache)
{
    NvmeFiCached *write;

    g_array_set_size(cache->lost, 0);
    QTAILQ_FOREACH(write, &cache->writes, entry) {
        NvmeFiLostWrite lost = {
            .seq = write->seq, .opcode = write->opcode, .nsid = write->nsid,
            .slba = write->before->extents[0].slba,
            .nlb = write->before->nlb, .lost = write->lost,
        };

        if (write->lost) {
            g_array_append_val(cache->lost, lost);
        }
    }
}

void nvme_fi_power_cut(void *opaque)
{
    NvmeFiCache *cache = opaque;
    const NvmeFiTriggerPowerCut *trigger = cache->cut;
    bool reset_machine = !trigger->has_reset || trigger->reset;
    NvmeCtrl *n = cache->fi->ctrl;
    NvmeFiCut cut = {
        .cache = cache, .seed = trigger->seed,
        .lose = trigger->has_lose ? trigger->lose : 0.5,
        .tear = trigger->has_tear ? trigger->tear : 0,
        .reorder = trigger->has_reorder && trigger->reorder,
    };

    /* what is in flight dies: nothing is posted as long as cache->cut is */
    nvme_ctrl_reset(n, NVME_RESET_FUNCTION);
    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        NvmeNamespace *ns = nvme_fi_namespace(n, nsid);

        if (ns) {
            cut_namespace(&cut, ns);
        }
    }
    list_lost(cache);
    nvme_fi_cache_forget(cache);
    cache->cuts++;
    cache->seed = cut.seed;
    g_clear_pointer(&cache->cut, qapi_free_NvmeFiTriggerPowerCut);
    if (reset_machine) {
        qemu_system_reset_request(SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
    }
}

/* The trigger */

static bool check_chance(const char *name, bool has, double value,
                         GError **error)
{
    if (has && !(value >= 0 && value <= 1)) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "%s %g: must be 0 to 1", name, value);
        return false;
    }
    return true;
}

static bool power_cut_check(const NvmeFiTrigger *trigger, bool in_rule,
                            GError **error)
{
    const NvmeFiTriggerPowerCut *cut = &trigger->u.power_cut;

    if (cut->has_seed && cut->seed > INT64_MAX) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "seed %" PRIu64 ": must be 0 to 2^63-1", cut->seed);
        return false;
    }
    return check_chance("lose", cut->has_lose, cut->lose, error) &&
        check_chance("tear", cut->has_tear, cut->tear, error);
}

static bool power_cut_possible(NvmeFi *fi, const NvmeFiTrigger *trigger,
                               const NvmeRequest *req, GError **error)
{
    if (!fi->cache) {
        g_set_error(error, FI_RULE_ERROR, FI_RULE_ERROR_INVALID,
                    "trigger 'power-cut': the controller has no volatile "
                    "write cache; give it one by the property fi-write-cache");
        return false;
    }
    return true;
}

/* One cut at a time: a second one finds the power gone. */
static void power_cut_fire(NvmeFi *fi, const NvmeFiTrigger *trigger,
                           NvmeRequest *req)
{
    NvmeFiCache *cache = fi->cache;

    if (cache->cut) {
        return;
    }
    cache->cut = QAPI_CLONE(NvmeFiTriggerPowerCut, &trigger->u.power_cut);
    if (!cache->cut->has_seed) {
        /* by a user, the recording has chosen one: so it is a rule's */
        g_assert(req);
        cache->cut->seed = nvme_fi_request_random(req, 0) & INT64_MAX;
    }
    nvme_fi_outermost_schedule(&cache->power);
}

const NvmeFiTriggerOps nvme_fi_power_cut_trigger = {
    .check = power_cut_check,
    .possible = power_cut_possible,
    .fire = power_cut_fire,
};
