/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One controller with a conventional and a zoned namespace, one I/O queue
 * pair, and the QMP commands of the fault injector.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"
#include "hw/pci/pci_regs.h"

#define LAST_BLOCK      (FI_NS_BYTES / NVME_LBA - 1)

FiRig *fi_rig_new_disabled(const char *binary, const char *options)
{
    FiRig *rig = g_new0(FiRig, 1);
    g_autofree char *args = g_strdup_printf(
        "-device nvme-subsys,id=subsys0 "
        "-device nvme,id=nvme0,serial=fi,subsys=subsys0,addr=04.0%s "
        "-device nvme-ns,drive=d0,nsid=%d,eui64=1,"
        "uuid=11111111-1111-1111-1111-111111111111 "
        "-device nvme-ns,drive=d1,nsid=%d,eui64=2,zoned=on,"
        "uuid=22222222-2222-2222-2222-222222222222,"
        "zoned.zone_size=%d,zoned.zone_capacity=%d",
        options, NS_PLAIN, NS_ZONED, FI_ZONE_BLOCKS * NVME_LBA,
        FI_ZONE_BLOCKS * NVME_LBA);

    rig->vm = nvme_vm_new(binary, 2, FI_NS_BYTES, args);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    return rig;
}

FiRig *fi_rig_new(const char *binary, const char *options)
{
    FiRig *rig = fi_rig_new_disabled(binary, options);

    fi_rig_enable(rig);
    return rig;
}

FiRig *fi_rig_start(void)
{
    return fi_rig_new(NVME_VM_PATCHED, "");
}

FiRig *fi_rig_new_pluggable(void)
{
    FiRig *rig = g_new0(FiRig, 1);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES,
        "-device pcie-root-port,id=port0,addr=03.0,chassis=1,slot=1 "
        "-device nvme,id=nvme0,serial=fi,drive=d0,bus=port0");
    nvme_vm_open_port(rig->vm, 3 << 3);
    rig->host = nvme_host_new(rig->vm, 1 << 8);
    rig->data = nvme_alloc(rig->host, FI_DATA_BYTES);
    fi_rig_enable(rig);
    return rig;
}

/* What a guest's ACPI tables do when asked to: eject the slot. */
void fi_rig_unplug(FiRig *rig)
{
    QTestState *qts = rig->vm->qts;

    qtest_qmp_device_del_send(qts, "nvme0");
    for (unsigned bus = 0; bus < 4; bus++) {
        qtest_outl(qts, 0xcc0 + 0x10, bus);     /* ICH9 pcihp: BNUM */
        qtest_outl(qts, 0xcc0 + 0x08, 1);       /* B0EJ, slot 0 */
    }
    qtest_qmp_eventwait(qts, "DEVICE_DELETED");
}

void fi_rig_free(FiRig *rig)
{
    nvme_ring_free(rig->io);
    nvme_host_free(rig->host);
    nvme_vm_free(rig->vm);
    g_free(rig);
}

void fi_rig_enable(FiRig *rig)
{
    nvme_host_enable(rig->host);
    nvme_ring_free(rig->io);
    rig->io = nvme_ring_new(rig->host, 1, FI_IO_ENTRIES);
}

void fi_rig_reset(FiRig *rig)
{
    nvme_host_disable(rig->host);
    fi_rig_enable(rig);
}

void fi_rig_assert_works(FiRig *rig)
{
    nvme_fill(rig->io, NS_PLAIN, LAST_BLOCK, 1, 0x5a);
    g_assert_true(nvme_holds(rig->io, NS_PLAIN, LAST_BLOCK, 1, 0x5a));
    nvme_fill(rig->io, NS_PLAIN, LAST_BLOCK, 1, 0xa5);
    g_assert_true(nvme_holds(rig->io, NS_PLAIN, LAST_BLOCK, 1, 0xa5));
}

uint16_t fi_rw(FiRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb)
{
    NvmeCmd cmd = nvme_cmd_rw(rig->host, opcode, NS_PLAIN, slba, nlb,
                              rig->data);

    g_assert_cmpint(nlb * NVME_LBA, <=, FI_DATA_BYTES);
    return nvme_ring_exec(rig->io, &cmd, NULL);
}

uint16_t fi_read(FiRig *rig, uint64_t slba)
{
    return fi_rw(rig, NVME_CMD_READ, slba, 1);
}

static const char *device(FiRig *rig)
{
    return rig->device ?: "nvme0";
}

/* A command with the list @name, of which @items is the text. */
static QDict * G_GNUC_PRINTF(4, 0)
send_list(FiRig *rig, const char *command, const char *name,
          const char *items, va_list ap)
{
    g_autofree char *list = g_strdup_vprintf(items, ap);

    /* raw: a list of many thousand rules is not parsed on this side */
    qtest_qmp_send_raw(rig->vm->qts,
                       "{'execute': '%s', 'arguments': "
                       "{'device': '%s', '%s': [%s]}}\n", command,
                       device(rig), name, list);
    return qtest_qmp_receive(rig->vm->qts);
}

static void must_succeed(const char *command, QDict *response)
{
    if (qdict_haskey(response, "error")) {
        g_error("%s: %s", command,
                qdict_get_str(qdict_get_qdict(response, "error"), "desc"));
    }
    qobject_unref(response);
}

static char *must_fail(QDict *response)
{
    char *description;

    g_assert_true(qdict_haskey(response, "error"));
    description = g_strdup(qdict_get_str(qdict_get_qdict(response, "error"),
                                         "desc"));
    qobject_unref(response);
    return description;
}

void fi_add(FiRig *rig, const char *rules, ...)
{
    va_list ap;

    va_start(ap, rules);
    must_succeed("nvme-fi-add",
                 send_list(rig, "nvme-fi-add", "rules", rules, ap));
    va_end(ap);
}

char *fi_add_error(FiRig *rig, const char *rules, ...)
{
    char *description;
    va_list ap;

    va_start(ap, rules);
    description = must_fail(send_list(rig, "nvme-fi-add", "rules", rules,
                                      ap));
    va_end(ap);
    return description;
}

void fi_trigger(FiRig *rig, const char *triggers, ...)
{
    va_list ap;

    va_start(ap, triggers);
    must_succeed("nvme-fi-trigger",
                 send_list(rig, "nvme-fi-trigger", "triggers", triggers, ap));
    va_end(ap);
}

void fi_trigger_refused(FiRig *rig, const char *words, const char *triggers,
                        ...)
{
    g_autofree char *description = NULL;
    va_list ap;

    va_start(ap, triggers);
    description = must_fail(send_list(rig, "nvme-fi-trigger", "triggers",
                                      triggers, ap));
    va_end(ap);
    if (!strstr(description, words)) {
        g_error("%s: got \"%s\", expected \"%s\" in it", triggers,
                description, words);
    }
}

void fi_remove(FiRig *rig, const char *id)
{
    qtest_qmp_assert_success(rig->vm->qts,
        "{'execute': 'nvme-fi-remove', 'arguments': "
        "{'device': %s, 'ids': [%s]}}", device(rig), id);   /* quoted by it */
}

void fi_clear(FiRig *rig)
{
    qtest_qmp_assert_success(rig->vm->qts,
        "{'execute': 'nvme-fi-clear', 'arguments': {'device': %s}}",
        device(rig));
}

uint64_t fi_release(FiRig *rig, const char *arguments)
{
    QDict *response;
    uint64_t released;

    qtest_qmp_send_raw(rig->vm->qts, "{'execute': 'nvme-fi-release', "
                       "'arguments': {'device': '%s'%s}}\n", device(rig),
                       arguments);
    response = qtest_qmp_receive(rig->vm->qts);
    g_assert_false(qdict_haskey(response, "error"));
    released = qdict_get_int(qdict_get_qdict(response, "return"), "released");
    qobject_unref(response);
    return released;
}

QDict *fi_query(FiRig *rig)
{
    return qtest_qmp_assert_success_ref(rig->vm->qts,
        "{'execute': 'query-nvme-fi', 'arguments': {'device': %s}}",
        device(rig));
}

QDict *fi_log(FiRig *rig, uint64_t since)
{
    return qtest_qmp_assert_success_ref(rig->vm->qts,
        "{'execute': 'query-nvme-fi-log', 'arguments': "
        "{'device': %s, 'since': %" PRIu64 "}}", device(rig), since);
}

/* The counter @member of the rule @id, or -1 where there is no such rule. */
static int64_t rule_counter(FiRig *rig, const char *id, const char *member)
{
    QDict *info = fi_query(rig);
    const QListEntry *entry;
    int64_t value = -1;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(info, "rules"), entry) {
        QDict *rule_info = qobject_to(QDict, qlist_entry_obj(entry));
        QDict *rule = qdict_get_qdict(rule_info, "rule");

        if (!strcmp(qdict_get_str(rule, "id"), id)) {
            value = qdict_get_int(rule_info, member);
        }
    }
    qobject_unref(info);
    return value;
}

uint64_t fi_hits(FiRig *rig, const char *id)
{
    int64_t hits = rule_counter(rig, id, "hits");

    g_assert_cmpint(hits, >=, 0);
    return hits;
}

uint64_t fi_matches(FiRig *rig, const char *id)
{
    int64_t matches = rule_counter(rig, id, "matches");

    g_assert_cmpint(matches, >=, 0);
    return matches;
}

bool fi_exists(FiRig *rig, const char *id)
{
    return rule_counter(rig, id, "hits") >= 0;
}

size_t fi_rules(FiRig *rig)
{
    QDict *info = fi_query(rig);
    size_t n = qlist_size(qdict_get_qlist(info, "rules"));

    qobject_unref(info);
    return n;
}

size_t fi_held(FiRig *rig)
{
    QDict *info = fi_query(rig);
    size_t n = qlist_size(qdict_get_qlist(info, "held"));

    qobject_unref(info);
    return n;
}

uint64_t fi_block_stat(FiRig *rig, unsigned index, const char *member)
{
    g_autofree char *device = g_strdup_printf("d%u", index);
    QDict *response = qtest_qmp(rig->vm->qts,
                                "{'execute': 'query-blockstats'}");
    const QListEntry *entry;
    int64_t value = -1;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(response, "return"), entry) {
        QDict *blk = qobject_to(QDict, qlist_entry_obj(entry));

        if (!g_strcmp0(qdict_get_try_str(blk, "device"), device)) {
            value = qdict_get_int(qdict_get_qdict(blk, "stats"), member);
        }
    }
    g_assert_cmpint(value, >=, 0);
    qobject_unref(response);
    return value;
}

void fi_wait_stat(FiRig *rig, const char *member, uint64_t n)
{
    uint64_t deadline = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;

    while (fi_block_stat(rig, 0, member) < n) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
    }
    nvme_vm_settle(rig->vm);
}

char *fi_hex(const void *bytes, size_t n)
{
    GString *text = g_string_sized_new(2 * n);

    for (size_t i = 0; i < n; i++) {
        g_string_append_printf(text, "%02x", ((const uint8_t *)bytes)[i]);
    }
    return g_string_free(text, FALSE);
}
