/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test gives rules on QEMU's command line, in JSON and in a file: they act
 * on the very first command of the controller; bad ones stop QEMU and say why.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"
#include <glib/gstdio.h>

#define RULES "[{\"id\":\"boot\",\"action\":\"status\",\"times\":1," \
              "\"opcode\":\"identify\",\"status\":\"internal-error\"}]"

/* The machine with @device as its -device argument; not enabled. */
static FiRig *rig_with(const char *device)
{
    FiRig *rig = g_new0(FiRig, 1);
    g_autofree char *args = g_strdup_printf("-device '%s'", device);

    rig->vm = nvme_vm_new(NVME_VM_PATCHED, 1, FI_NS_BYTES, args);
    rig->host = nvme_host_new(rig->vm, FI_DEVFN);
    return rig;
}

/* The first command of all fails, the second does not. */
static void check_first_identify(FiRig *rig)
{
    NvmeRing *admin = &rig->host->admin;
    uint64_t addr = nvme_alloc(rig->host, NVME_PAGE);
    NvmeCmd cmd = nvme_cmd_identify(rig->host, NVME_ID_CNS_CTRL, 0, addr);

    g_assert_true(fi_exists(rig, "boot"));
    nvme_host_enable(rig->host);
    g_assert_cmphex(nvme_ring_exec(admin, &cmd, NULL), ==, FI_INTERNAL_ERROR);
    g_assert_true(nvme_memory_holds(rig->host, addr, NVME_PAGE, 0));
    g_assert_cmphex(nvme_ring_exec(admin, &cmd, NULL), ==, 0);
    g_assert_false(nvme_memory_holds(rig->host, addr, NVME_PAGE, 0));
    g_assert_cmpint(fi_hits(rig, "boot"), ==, 1);
    fi_rig_free(rig);
}

static void test_fi_rules(void)
{
    check_first_identify(rig_with(
        "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":\"fi\","
        "\"drive\":\"d0\",\"addr\":\"04.0\",\"fi-rules\":" RULES "}"));
}

/* A file that holds @text; the caller unlinks and frees. */
static char *file_with(const char *text)
{
    char *path = NULL;
    int fd = g_file_open_tmp("nvme-fi-rules-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static void test_fi_file(void)
{
    g_autofree char *path = file_with(RULES);
    g_autofree char *device = g_strdup_printf(
        "nvme,id=nvme0,serial=fi,drive=d0,addr=04.0,fi-file=%s", path);
    FiRig *rig = rig_with(device);

    g_unlink(path);
    check_first_identify(rig);
}

static void test_both(void)
{
    g_autofree char *path = file_with("[{\"id\":\"file\",\"action\":\"none\","
                                      "\"opcode\":\"flush\"}]");
    g_autofree char *device = g_strdup_printf(
        "{\"driver\":\"nvme\",\"id\":\"nvme0\",\"serial\":\"fi\","
        "\"drive\":\"d0\",\"addr\":\"04.0\",\"fi-file\":\"%s\","
        "\"fi-rules\":" RULES "}", path);
    FiRig *rig = rig_with(device);

    g_unlink(path);
    g_assert_true(fi_exists(rig, "file"));
    check_first_identify(rig);
}

/* QEMU must end with status 1 and say all of @words, a NULL ended list. */
static void check_refused(const char *device, const char *const *words)
{
    g_autofree char *zeroes = g_malloc0(65536);
    g_autofree char *bios = file_with("");
    const char *argv[] = {
        "timeout", "120", g_getenv(NVME_VM_PATCHED), "-machine", "q35",
        "-accel", "qtest", "-nodefaults", "-display", "none", "-S",
        "-bios", bios, "-blockdev",
        "driver=null-co,node-name=d0,read-zeroes=on", "-device", device, NULL,
    };
    g_autofree char *errors = NULL;
    int status;

    g_assert_true(g_file_set_contents(bios, zeroes, 65536, NULL));
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH,
                               NULL, NULL, NULL, &errors, &status, NULL));
    g_unlink(bios);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 1);
    for (; *words; words++) {
        if (!strstr(errors, *words)) {
            g_error("expected '%s' in: %s", *words, errors);
        }
    }
}

static void refuse_file(const char *text, const char *const *words)
{
    g_autofree char *path = file_with(text);
    g_autofree char *device = g_strdup_printf(
        "nvme,id=nvme0,serial=fi,drive=d0,fi-file=%s", path);

    check_refused(device, words);
    g_unlink(path);
}

static void test_bad_rule(void)
{
    const char *const words[] = { "typo", "opcode", "raed", "read", NULL };

    check_refused("{\"driver\":\"nvme\",\"serial\":\"fi\",\"drive\":\"d0\","
                  "\"fi-rules\":[{\"id\":\"typo\",\"action\":\"status\","
                  "\"opcode\":\"raed\",\"status\":\"0x6\"}]}", words);
    refuse_file("[{\"id\":\"typo\",\"action\":\"status\","
                "\"opcode\":\"raed\",\"status\":\"0x6\"}]", words);
}

static void test_bad_file(void)
{
    const char *const missing[] = { "/no/such/file", NULL };
    const char *const any[] = { "fi-file", NULL };

    check_refused("nvme,serial=fi,drive=d0,fi-file=/no/such/file", missing);
    refuse_file("this is not JSON", any);
    refuse_file("", any);
    refuse_file("{\"id\":\"no list\"}", any);
    refuse_file("[{\"action\":\"none\"}", any);
    refuse_file("[{\"action\":\"none\",\"unknown-member\":1}]", any);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/boot-rules/fi-rules", test_fi_rules);
    g_test_add_func("/nvme-fi/boot-rules/fi-file", test_fi_file);
    g_test_add_func("/nvme-fi/boot-rules/both", test_both);
    g_test_add_func("/nvme-fi/boot-rules/bad-rule", test_bad_rule);
    g_test_add_func("/nvme-fi/boot-rules/bad-file", test_bad_file);
    return g_test_run();
}
