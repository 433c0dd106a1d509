/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test damages blocks with protection information, each part of them at
 * each place, in each form of it: what the controller's check says, what the
 * host gets, and what is on the medium then.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"

#define SLBA    40
#define BLOCKS  3u
#define MAX_MS  64
#define APP_TAG 0x1234

#define CHECK   (NVME_RW_PRINFO_PRCHK_GUARD | NVME_RW_PRINFO_PRCHK_APP | \
                 NVME_RW_PRINFO_PRCHK_REF)
#define PRACT   NVME_RW_PRINFO_PRACT

/* NVM Command Set 1.1, 3.1.2: End-to-end ... Check Error. */
#define GUARD   0x282
#define APP     0x283
#define REF     0x284

/* A form of the protection information. */
typedef struct Form {
    const char *name;
    const char *options;        /* of the namespace */
    size_t ms;                  /* bytes of metadata */
    size_t first;               /* of the tuple in them */
    bool extended;
    bool wide;                  /* 64-bit guard */
} Form;

static const Form forms[] = {
    { "only-separate", "ms=8,pi=1", 8, 0, false, false },
    { "first-separate", "ms=16,pi=1,pil=1", 16, 0, false, false },
    { "last-extended", "ms=16,mset=1,pi=1", 16, 8, true, false },
    { "wide-first-extended", "ms=64,mset=1,pi=1,pil=1,pif=2", 64, 0, true,
      true },
    { "wide-last-separate", "ms=64,pi=1,pif=2", 64, 48, false, true },
};

/* A target, where it is in the tuple, and what a check says of it. */
typedef struct Target {
    const char *name;
    size_t at[2], size[2];      /* of the 16-bit form, of the 64-bit form */
    uint16_t status;
} Target;

static const Target targets[] = {
    { "data", .status = GUARD },
    { "metadata", .status = GUARD },
    { "guard", { 0, 0 }, { 2, 8 }, GUARD },
    { "app-tag", { 2, 8 }, { 2, 2 }, APP },
    { "ref-tag", { 4, 10 }, { 4, 6 }, REF },
};

typedef struct Image {
    uint8_t data[BLOCKS][NVME_LBA];
    uint8_t meta[BLOCKS][MAX_MS];
} Image;

typedef struct Pi {
    FiRig *rig;
    const Form *form;
    Image good;                 /* what is on the medium, with valid PI */
} Pi;

static size_t to_memory(const Form *form, const Image *image, uint8_t *bytes)
{
    size_t ms = form->extended ? form->ms : 0;

    for (unsigned i = 0; i < BLOCKS; i++) {
        memcpy(bytes + i * (NVME_LBA + ms), image->data[i], NVME_LBA);
        memcpy(bytes + i * (NVME_LBA + ms) + NVME_LBA, image->meta[i], ms);
        if (!form->extended) {
            memcpy(bytes + NVME_PAGE + i * form->ms, image->meta[i], form->ms);
        }
    }
    return BLOCKS * (NVME_LBA + ms);
}

static void from_memory(const Form *form, Image *image, const uint8_t *bytes)
{
    size_t ms = form->extended ? form->ms : 0;

    for (unsigned i = 0; i < BLOCKS; i++) {
        memcpy(image->data[i], bytes + i * (NVME_LBA + ms), NVME_LBA);
        memcpy(image->meta[i], form->extended ?
               bytes + i * (NVME_LBA + ms) + NVME_LBA :
               bytes + NVME_PAGE + i * form->ms, form->ms);
    }
}

/* A read or write of @image with PRINFO @prinfo; returns SCT and SC. */
static uint16_t pi_rw(Pi *pi, uint8_t opcode, uint16_t prinfo, Image *image)
{
    FiRig *rig = pi->rig;
    NvmeCmd cmd = nvme_cmd_rw(rig->host, opcode, NS_PLAIN, SLBA, BLOCKS, 0);
    NvmeRwCmd *rw = (NvmeRwCmd *)&cmd;
    uint8_t bytes[2 * NVME_PAGE] = { 0 };
    size_t len = to_memory(pi->form, image, bytes);
    uint16_t status;

    nvme_cmd_data(rig->host, &cmd, rig->data, len);
    cmd.mptr = cpu_to_le64(pi->form->extended ? 0 : rig->data + NVME_PAGE);
    rw->control = cpu_to_le16(prinfo);
    rw->reftag = cpu_to_le32(SLBA);
    rw->apptag = cpu_to_le16(APP_TAG);
    rw->appmask = cpu_to_le16(0xffff);
    qtest_bufwrite(rig->vm->qts, rig->data, bytes, sizeof(bytes));
    status = nvme_ring_exec(rig->io, &cmd, NULL) & 0x7ff;
    if (opcode == NVME_CMD_READ) {
        qtest_bufread(rig->vm->qts, rig->data, bytes, sizeof(bytes));
        from_memory(pi->form, image, bytes);
    }
    return status;
}

static Pi pi_start(const Form *form)
{
    Pi pi = { .rig = g_new0(FiRig, 1), .form = form };
    FiRig *rig = pi.rig;
    g_autofree char *args = g_strdup_printf(
        "-device nvme,id=nvme0,serial=fi,addr=04.0 "
        "-device nvme-ns,drive=d0,nsid=%d,%s", NS_PLAIN, form->options);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES, args);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    for (unsigned i = 0; i < BLOCKS; i++) {
        memset(pi.good.data[i], 0x40 + i, NVME_LBA);
        memset(pi.good.meta[i], 0x50 + i, form->ms);
    }
    /* the controller generates the tuples, and then the host has them */
    g_assert_cmphex(pi_rw(&pi, NVME_CMD_WRITE, PRACT, &pi.good), ==, 0);
    g_assert_cmphex(pi_rw(&pi, NVME_CMD_READ, CHECK, &pi.good), ==, 0);
    return pi;
}

static void pi_end(Pi *pi)
{
    nvme_ring_free(pi->rig->io);
    nvme_host_free(pi->rig->host);
    nvme_vm_free(pi->rig->vm);
    g_free(pi->rig);
}

/* @image with what the rule of add() makes of it: bit 0 of each byte. */
static Image damaged(const Pi *pi, const Target *target, const Image *image)
{
    bool wide = pi->form->wide;
    size_t first = pi->form->first + target->at[wide];
    size_t size = target->size[wide];
    Image is = *image;

    if (!strcmp(target->name, "metadata")) {
        first = 0;
        size = pi->form->ms;
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        for (unsigned j = 0; j < NVME_LBA && !size; j++) {
            is.data[i][j] ^= 1;
        }
        for (unsigned j = 0; j < size; j++) {
            is.meta[i][first + j] ^= 1;
        }
    }
    return is;
}

static void assert_same(const Image *one, const Image *other)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        g_assert_cmpmem(one->data[i], NVME_LBA, other->data[i], NVME_LBA);
        g_assert_cmpmem(one->meta[i], MAX_MS, other->meta[i], MAX_MS);
    }
}

static void add(Pi *pi, const char *opcode, const char *where,
                const Target *target)
{
    fi_add(pi->rig, "{'id':'c','opcode':'%s','action':'corrupt','times':1,"
           "'where':'%s','target':'%s'}", opcode, where, target->name);
}

static void hit_and_remove(Pi *pi)
{
    g_assert_cmpint(fi_hits(pi->rig, "c"), ==, 1);
    fi_remove(pi->rig, "c");
}

/* What a read without and with checks says of the medium. */
static void assert_medium(Pi *pi, const Image *image, uint16_t status)
{
    Image is = { 0 };

    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, 0, &is), ==, 0);
    assert_same(&is, image);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, CHECK, &is), ==, status);
}

/* Between the medium and the check: that notices, if it is asked to. */
static void test_read_before_check(Pi *pi, const Target *target)
{
    Image bad = damaged(pi, target, &pi->good), is = { 0 };

    add(pi, "read", "before-check", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, CHECK, &is), ==, target->status);
    hit_and_remove(pi);
    add(pi, "read", "before-check", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, 0, &is), ==, 0);
    assert_same(&is, &bad);
    hit_and_remove(pi);
    assert_medium(pi, &pi->good, 0);
}

/* Behind the check: only the host can notice. */
static void test_read_host(Pi *pi, const Target *target)
{
    Image bad = damaged(pi, target, &pi->good), is = { 0 };

    add(pi, "read", "host", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, CHECK, &is), ==, 0);
    assert_same(&is, &bad);
    hit_and_remove(pi);
    assert_medium(pi, &pi->good, 0);
}

static void test_read_medium(Pi *pi, const Target *target)
{
    Image bad = damaged(pi, target, &pi->good), is = { 0 };

    add(pi, "read", "medium", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, CHECK, &is), ==, target->status);
    hit_and_remove(pi);
    assert_medium(pi, &bad, target->status);
}

static void test_write_medium(Pi *pi, const Target *target)
{
    Image bad = damaged(pi, target, &pi->good);

    add(pi, "write", "medium", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_WRITE, CHECK, &pi->good), ==, 0);
    hit_and_remove(pi);
    assert_medium(pi, &bad, target->status);
}

/* Between the host and the check: a write that fails changes nothing. */
static void test_write_before_check(Pi *pi, const Target *target)
{
    Image bad = damaged(pi, target, &pi->good);

    add(pi, "write", "before-check", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_WRITE, CHECK, &pi->good), ==,
                    target->status);
    hit_and_remove(pi);
    assert_medium(pi, &pi->good, 0);
    add(pi, "write", "before-check", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_WRITE, 0, &pi->good), ==, 0);
    hit_and_remove(pi);
    assert_medium(pi, &bad, target->status);
}

/* With PRACT the tuples are made of damaged data, and are right. */
static void test_write_generated(Pi *pi, const Target *target)
{
    bool is_data = !strcmp(target->name, "data");
    Image is = { 0 };

    add(pi, "write", "before-check", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_WRITE, PRACT, &pi->good), ==, 0);
    hit_and_remove(pi);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, CHECK, &is), ==, 0);
    g_assert_cmphex(is.data[1][7], ==, pi->good.data[1][7] ^ is_data);
}

/* With PRACT a read strips tuples that are all the metadata, so that none
 * comes to the host to be damaged. */
static void test_read_stripped(Pi *pi, const Target *target)
{
    bool is_data = !strcmp(target->name, "data");
    Image none = { 0 }, is = { 0 };

    if (pi->form->ms != 8) {
        return;
    }
    add(pi, "read", "host", target);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, CHECK | PRACT, &is), ==, 0);
    hit_and_remove(pi);
    g_assert_cmpmem(is.meta, sizeof(is.meta), none.meta, sizeof(none.meta));
    g_assert_cmphex(is.data[1][7], ==, pi->good.data[1][7] ^ is_data);
}

/* Old data under a new tuple, or the other way round: the guard tells; the
 * tags are the same as ever. */
static void test_stale(Pi *pi, const Target *target)
{
    bool is_tag = target->status != GUARD;
    Image next = pi->good;

    memset(next.data, 0x77, sizeof(next.data));
    fi_add(pi->rig, "{'id':'c','opcode':'write','action':'corrupt',"
           "'times':1,'how':'stale','target':'%s'}", target->name);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_WRITE, PRACT, &next), ==, 0);
    hit_and_remove(pi);
    g_assert_cmphex(pi_rw(pi, NVME_CMD_READ, CHECK, &next), ==,
                    is_tag ? 0 : GUARD);
}

typedef struct Place {
    const char *name;
    void (*run)(Pi *pi, const Target *target);
} Place;

static const Place places[] = {
    { "read-before-check", test_read_before_check },
    { "read-host", test_read_host },
    { "read-medium", test_read_medium },
    { "write-medium", test_write_medium },
    { "write-before-check", test_write_before_check },
    { "write-generated", test_write_generated },
    { "read-stripped", test_read_stripped },
    { "stale", test_stale },
};

typedef struct Case {
    const Form *form;
    const Place *place;
} Case;

/* One machine for all targets: each leaves the medium to be written anew. */
static void test_case(gconstpointer opaque)
{
    const Case *c = opaque;
    Pi pi = pi_start(c->form);
    const Image good = pi.good;

    for (unsigned i = 0; i < ARRAY_SIZE(targets); i++) {
        g_test_message("%s", targets[i].name);
        c->place->run(&pi, &targets[i]);
        pi.good = good;
        g_assert_cmphex(pi_rw(&pi, NVME_CMD_WRITE, CHECK, &pi.good), ==, 0);
    }
    pi_end(&pi);
}

int main(int argc, char **argv)
{
    static Case cases[ARRAY_SIZE(forms) * ARRAY_SIZE(places)];
    unsigned n = 0;

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
        for (unsigned j = 0; j < ARRAY_SIZE(places); j++, n++) {
            g_autofree char *path = g_strdup_printf(
                "/nvme-fi/corrupt-pi/%s/%s", forms[i].name, places[j].name);

            cases[n] = (Case) { &forms[i], &places[j] };
            g_test_add_data_func(path, &cases[n], test_case);
        }
    }
    return g_test_run();
}
