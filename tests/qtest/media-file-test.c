/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test keeps the bad blocks in a file (property fi-media-file): over runs
 * of QEMU, up to as many as are allowed, and where it cannot be written.
 */
#include "qemu/osdep.h"
#include "fi-rig.h"
#include <glib/gstdio.h>

#define UNRECOVERED_READ 0x281
#define MAX_RANGES 65536        /* qapi/nvme-fi.json */

typedef struct Folder {
    char *path;
    char *file;
} Folder;

static Folder folder_new(void)
{
    Folder folder = { g_dir_make_tmp("nvme-fi-XXXXXX", NULL) };

    g_assert_nonnull(folder.path);
    folder.file = g_build_filename(folder.path, "media.json", NULL);
    return folder;
}

/* With it, nothing but the file may be left in it. */
static void folder_free(Folder *folder)
{
    g_unlink(folder->file);
    g_assert_cmpint(g_rmdir(folder->path), ==, 0);
    g_free(folder->file);
    g_free(folder->path);
}

static FiRig *start(const Folder *folder)
{
    g_autofree char *option = g_strdup_printf(",fi-media-file=%s",
                                              folder->file);

    return fi_rig_new(NVME_VM_PATCHED, option);
}

static char *contents(const Folder *folder)
{
    char *text = NULL;

    g_file_get_contents(folder->file, &text, NULL, NULL);
    return text;
}

/* The file is written soon after a change, in wall time. */
static void wait_for(const Folder *folder, const char *part)
{
    gint64 deadline = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;

    for (;;) {
        g_autofree char *text = contents(folder);

        if (text && strstr(text, part)) {
            return;
        }
        if (g_get_monotonic_time() > deadline) {
            g_error("got \"%s\", expected \"%s\"", text ?: "", part);
        }
        g_usleep(1000);
    }
}

static size_t ranges(FiRig *rig)
{
    QDict *info = fi_query(rig);
    size_t n = qlist_size(qdict_get_qlist(info, "media"));

    qobject_unref(info);
    return n;
}

/*
 * The same, of many ranges, by the refusal of one more: the answer to a query
 * would be read byte by byte, for half a minute.
 */
static void has_ranges(FiRig *rig, const char *many)
{
    g_autofree char *error = g_strdup_printf(
        "the subsystem has %s ranges of bad blocks; at most 65536 are allowed",
        many);

    fi_trigger_refused(rig, error, "{'trigger':'media','slba':2048}");
}

static void test_over_runs(void)
{
    Folder folder = folder_new();
    FiRig *rig = start(&folder);
    g_autofree char *text = NULL;

    /* nothing was changed: there is nothing to write */
    g_assert_false(g_file_test(folder.file, G_FILE_TEST_EXISTS));
    fi_trigger(rig, "{'trigger':'media','slba':8,'nlb':4,'heal':false},"
               "{'trigger':'media','nsid':2,'slba':100,'status':'0x4281'}");
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE_UNCOR, 64, 8), ==, 0);
    g_assert_cmphex(fi_read(rig, 8), ==, UNRECOVERED_READ);
    fi_rig_free(rig);

    text = contents(&folder);
    g_assert_cmpstr(text, ==, "["
        "\n  {\"nsid\": 1, \"slba\": 8, \"nlb\": 4, \"status\": "
        "\"unrecovered-read-error\", \"heal\": false, \"tracked\": true, "
        "\"uncorrectable\": false},"
        "\n  {\"nsid\": 1, \"slba\": 64, \"nlb\": 8, \"status\": "
        "\"unrecovered-read-error\", \"heal\": true, \"tracked\": true, "
        "\"uncorrectable\": true},"
        "\n  {\"nsid\": 2, \"slba\": 100, \"nlb\": 1, \"status\": "
        "\"0x4281\", \"heal\": true, \"tracked\": false, "
        "\"uncorrectable\": false}"
        "\n]\n");

    rig = start(&folder);
    g_assert_cmpint(ranges(rig), ==, 3);
    g_assert_cmphex(fi_read(rig, 11), ==, UNRECOVERED_READ);
    g_assert_cmphex(fi_read(rig, 64), ==, UNRECOVERED_READ);
    nvme_fill(rig->io, NS_PLAIN, 0, 128, 0x55);
    g_assert_cmphex(fi_read(rig, 11), ==, UNRECOVERED_READ);
    g_assert_cmphex(fi_read(rig, 64), ==, 0);
    fi_rig_free(rig);

    rig = start(&folder);
    g_assert_cmpint(ranges(rig), ==, 2);
    fi_trigger(rig, "{'trigger':'media','slba':0,'nlb':128,'good':true},"
               "{'trigger':'media','nsid':2,'slba':100,'good':true}");
    fi_rig_free(rig);
    g_free(text);
    text = contents(&folder);
    g_assert_cmpstr(text, ==, "[]\n");
    folder_free(&folder);
}

/* A QEMU that is killed leaves what it wrote until then. */
static void test_written_soon(void)
{
    Folder folder = folder_new();
    FiRig *rig = start(&folder);

    fi_trigger(rig, "{'trigger':'media','slba':1}");
    wait_for(&folder, "\"slba\": 1,");
    fi_trigger(rig, "{'trigger':'media','slba':5}");
    wait_for(&folder, "\"slba\": 5,");
    g_assert_cmphex(fi_read(rig, 5), ==, UNRECOVERED_READ);
    wait_for(&folder, "\"tracked\": true");
    nvme_fill(rig->io, NS_PLAIN, 1, 5, 0);
    wait_for(&folder, "[]");
    fi_rig_free(rig);
    folder_free(&folder);
}

/* A link to the file stays one, and so does who may read it. */
static void test_link(void)
{
    Folder folder = folder_new();
    g_autofree char *target = g_build_filename(folder.path, "target", NULL);
    FiRig *rig;
    GStatBuf st;

    g_assert_true(g_file_set_contents(target, "[{\"slba\": 7}]", -1, NULL));
    g_assert_cmpint(g_chmod(target, 0640), ==, 0);
    g_assert_cmpint(symlink(target, folder.file), ==, 0);
    rig = start(&folder);
    g_assert_cmphex(fi_read(rig, 7), ==, UNRECOVERED_READ);
    fi_rig_free(rig);
    g_assert_true(g_file_test(folder.file, G_FILE_TEST_IS_SYMLINK));
    g_assert_cmpint(g_lstat(target, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 0777, ==, 0640);
    wait_for(&folder, "\"tracked\": true");
    g_unlink(target);
    folder_free(&folder);
}

/* The folder goes while QEMU runs: it goes on, and so do the bad blocks. */
static void test_cannot_be_written(void)
{
    Folder folder = folder_new();
    FiRig *rig = start(&folder);

    fi_trigger(rig, "{'trigger':'media','slba':1}");
    wait_for(&folder, "\"slba\": 1,");
    g_unlink(folder.file);
    g_assert_cmpint(g_rmdir(folder.path), ==, 0);
    fi_trigger(rig, "{'trigger':'media','slba':5}");
    g_assert_cmphex(fi_read(rig, 5), ==, UNRECOVERED_READ);
    g_assert_cmpint(g_mkdir(folder.path, 0700), ==, 0);
    /* at the next change it is whole again */
    fi_trigger(rig, "{'trigger':'media','slba':9}");
    wait_for(&folder, "\"slba\": 9,");
    wait_for(&folder, "\"slba\": 5,");
    fi_rig_free(rig);
    folder_free(&folder);
}

/* @n ranges of one block, each with a gap behind it, and a longer one. */
static void fill(const Folder *folder, unsigned n)
{
    GString *text = g_string_new("[");

    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "%s{\"nsid\": 200, \"slba\": %u}",
                               i ? "," : "", 2 * i);
    }
    g_string_append_printf(text, "%s{\"slba\": 0, \"nlb\": 1024}]",
                           n ? "," : "");
    g_assert_true(g_file_set_contents(folder->file, text->str, -1, NULL));
    g_string_free(text, TRUE);
}

/* As many as are allowed are all there the next time. */
static void test_full(void)
{
    Folder folder = folder_new();
    FiRig *rig;

    fill(&folder, MAX_RANGES - 1);
    rig = start(&folder);
    has_ranges(rig, "65536");
    fi_rig_free(rig);
    folder_free(&folder);
}

static void test_limit(void)
{
    Folder folder = folder_new();
    FiRig *rig;

    fill(&folder, MAX_RANGES - 2);
    rig = start(&folder);
    has_ranges(rig, "65535");
    /* a command of the host cannot make more either */
    g_assert_cmphex(fi_rw(rig, NVME_CMD_WRITE_UNCOR, 2048, 1), ==, 0x280);
    /* one range more by a write in the middle is the last that fits */
    nvme_fill(rig->io, NS_PLAIN, 512, 1, 0);
    has_ranges(rig, "65536");
    nvme_fill(rig->io, NS_PLAIN, 500, 1, 0);
    has_ranges(rig, "65536");
    /* of 0 to 511 without 500, the shorter rest is gone */
    g_assert_cmphex(fi_read(rig, 499), ==, UNRECOVERED_READ);
    g_assert_cmphex(fi_read(rig, 511), ==, 0);
    g_assert_cmphex(fi_read(rig, 513), ==, UNRECOVERED_READ);
    /* whoever makes room can go on */
    nvme_fill(rig->io, NS_PLAIN, 0, 128, 0);
    fi_trigger(rig, "{'trigger':'media','slba':0,'nlb':1024,'good':true}");
    fi_trigger(rig, "{'trigger':'media','slba':0}");
    has_ranges(rig, "65535");
    fi_rig_free(rig);
    folder_free(&folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvme-fi/media-file/over-runs", test_over_runs);
    g_test_add_func("/nvme-fi/media-file/written-soon", test_written_soon);
    g_test_add_func("/nvme-fi/media-file/link", test_link);
    g_test_add_func("/nvme-fi/media-file/cannot-be-written",
                    test_cannot_be_written);
    g_test_add_func("/nvme-fi/media-file/full", test_full);
    g_test_add_func("/nvme-fi/media-file/limit", test_limit);
    return g_test_run();
}
