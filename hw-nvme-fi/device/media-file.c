/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bad blocks in a file, the property fi-media-file: read at the start,
 * and replaced as a whole soon after each change and at the end of QEMU.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-visit-nvme-fi.h"
#include "qapi/qobject-input-visitor.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "qobject/qjson.h"
#include "qobject/qobject.h"
#include "system/system.h"
#include <glib/gstdio.h>
#include "media.h"

/* Changes of so long share one write of the file.  Wall time: the file is no
 * part of the machine. */
#define COALESCE_MS 100

typedef struct NvmeFiMediaFile {
    NvmeFiMedia *media;
    char *path;
    bool dirty;
    bool failed;                /* the last write; it was reported */
    QEMUTimer *timer;
    Notifier exit;
} NvmeFiMediaFile;

static bool check_all(NvmeFiBadRangeList *list, Error **errp)
{
    size_t n = 0;

    for (; list; list = list->next) {
        GError *error = NULL;

        if (n++ >= NVME_FI_MAX_BAD_RANGES) {
            error_setg(errp, "more than %u ranges; at most so many are "
                       "allowed", NVME_FI_MAX_BAD_RANGES);
            return false;
        }
        if (!nvme_fi_check_bad_blocks(qapi_NvmeFiBadRange_base(list->value),
                                      false, &error)) {
            error_setg(errp, "range number %zu: %s", n, error->message);
            g_error_free(error);
            return false;
        }
    }
    return true;
}

static bool parse(const char *text, NvmeFiBadRangeList **list, Error **errp)
{
    QObject *json = qobject_from_json(text, errp);
    Visitor *v;
    bool ok;

    if (!json) {
        return false;
    }
    v = qobject_input_visitor_new(json);
    ok = visit_type_NvmeFiBadRangeList(v, "media", list, errp);
    visit_free(v);
    qobject_unref(json);
    return ok;
}

/* Where it will be written: a link stays a link to it. */
static char *real_path(const char *path)
{
    char *real = realpath(path, NULL), *copy;

    if (!real) {
        return g_canonicalize_filename(path, NULL);
    }
    copy = g_strdup(real);
    free(real);
    return copy;
}

static bool can_be_made(const char *path, Error **errp)
{
    g_autofree char *folder = g_path_get_dirname(path);

    if (access(folder, W_OK | X_OK) < 0) {
        error_setg_errno(errp, errno, "cannot be made");
        return false;
    }
    return true;
}

/* Another file of the same medium would say something else. */
static bool is_only_one(NvmeCtrl *n, const char *path, Error **errp)
{
    NvmeFiMedia *media = nvme_fi_media_find(n);

    if (media && media->file && strcmp(media->file->path, path)) {
        error_setg(errp, "the subsystem has '%s' already; give the property "
                   "to one of its controllers", media->file->path);
        return false;
    }
    return true;
}

static bool load(NvmeCtrl *n, const char *path, Error **errp)
{
    NvmeFiProps *props = n->fi_props;
    g_autofree char *text = NULL;

    if (!is_only_one(n, path, errp)) {
        return false;
    }
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        return can_be_made(path, errp);
    }
    text = nvme_fi_read_text(path, errp);
    return text && parse(text, &props->media, errp) &&
        check_all(props->media, errp);
}

bool nvme_fi_media_load(NvmeCtrl *n, Error **errp)
{
    ERRP_GUARD();
    NvmeFiProps *props = n->fi_props;
    g_autofree char *path = NULL;

    qapi_free_NvmeFiBadRangeList(props->media);
    props->media = NULL;
    if (!props->media_file) {
        return true;
    }
    path = real_path(props->media_file);
    if (!load(n, path, errp)) {
        error_prepend(errp, "fi-media-file '%s': ", props->media_file);
        return false;
    }
    return true;
}

static void append_range(GString *text, uint32_t nsid, const BadRange *range)
{
    NvmeFiBadRange out;

    nvme_fi_bad_range_to_qapi(nsid, range, &out);
    /* names and numbers of statuses need no escape */
    g_string_append_printf(text, "%s\n  {\"nsid\": %u, \"slba\": %" PRIu64
                           ", \"nlb\": %" PRIu64 ", \"status\": \"%s\", "
                           "\"heal\": %s, \"tracked\": %s, "
                           "\"uncorrectable\": %s}",
                           text->len > 1 ? "," : "", nsid, out.slba, out.nlb,
                           out.status, out.heal ? "true" : "false",
                           out.tracked ? "true" : "false",
                           out.uncorrectable ? "true" : "false");
    g_free(out.status);
}

static GString *to_text(const BadBlocks *bad)
{
    GString *text = g_string_new("[");

    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        BadRange *range = bad_blocks_first(bad, nsid, 0, UINT64_MAX);

        for (; range; range = bad_blocks_next(bad, nsid, range, UINT64_MAX)) {
            append_range(text, nsid, range);
        }
    }
    return g_string_append(text, text->len > 1 ? "\n]\n" : "]\n");
}

static bool write_all(int fd, const GString *text)
{
    bool ok = qemu_write_full(fd, text->str, text->len) == text->len;

    return (close(fd) == 0) && ok;
}

/* Replaces the file, which is whole at any time; 0 or a positive errno. */
static int replace(const char *path, const GString *text)
{
    g_autofree char *temp = g_strconcat(path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(temp, O_WRONLY | O_CLOEXEC, 0600);
    struct stat st = { .st_mode = 0644 };
    int err;

    if (fd < 0) {
        return errno;
    }
    /* as accessible as the old one */
    if ((stat(path, &st) < 0 && errno != ENOENT) ||
        fchmod(fd, st.st_mode & 0777) < 0) {
        err = errno;
        close(fd);
    } else if (!write_all(fd, text) || g_rename(temp, path) < 0) {
        err = errno ?: EIO;
    } else {
        return 0;
    }
    g_unlink(temp);
    return err;
}

void nvme_fi_media_file_flush(NvmeFiMediaFile *file)
{
    GString *text;
    int err;

    if (!file || !file->dirty) {
        return;
    }
    file->dirty = false;
    timer_del(file->timer);
    text = to_text(&file->media->bad);
    err = replace(file->path, text);
    g_string_free(text, TRUE);
    if (err && !file->failed) {
        error_report("nvme-fi: fi-media-file '%s': cannot be written: %s; the "
                     "bad blocks are kept in memory only", file->path,
                     strerror(err));
    }
    file->failed = err;
}

static void flush_timer(void *opaque)
{
    nvme_fi_media_file_flush(opaque);
}

static void flush_at_exit(Notifier *notifier, void *data)
{
    nvme_fi_media_file_flush(container_of(notifier, NvmeFiMediaFile, exit));
}

void nvme_fi_media_file_dirty(NvmeFiMediaFile *file)
{
    if (!file->dirty) {
        file->dirty = true;
        timer_mod(file->timer,
                  qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + COALESCE_MS);
    }
}

void nvme_fi_media_file_open(NvmeFiMedia *media, NvmeFiProps *props)
{
    NvmeFiMediaFile *file = g_new0(NvmeFiMediaFile, 1);

    file->media = media;
    file->path = real_path(props->media_file);
    file->timer = timer_new_ms(QEMU_CLOCK_REALTIME, flush_timer, file);
    file->exit.notify = flush_at_exit;
    qemu_add_exit_notifier(&file->exit);
    media->file = file;
    for (NvmeFiBadRangeList *it = props->media; it; it = it->next) {
        const NvmeFiBadRange *range = it->value;
        BadState state = nvme_fi_bad_state(qapi_NvmeFiBadRange_base(range));
        uint32_t nsid = range->has_nsid ? range->nsid : 1;
        uint64_t last = range->slba + (range->has_nlb ? range->nlb : 1) - 1;

        state.tracked = range->has_tracked && range->tracked;
        state.uncorrectable = range->has_uncorrectable && range->uncorrectable;
        if (!bad_blocks_fits(&media->bad, nsid, range->slba, last)) {
            warn_report("nvme-fi: fi-media-file '%s': ranges that overlap make "
                        "more than %u of it; those from LBA %" PRIu64 " of "
                        "namespace %u on are left out", file->path,
                        NVME_FI_MAX_BAD_RANGES, range->slba, nsid);
            break;
        }
        bad_blocks_mark(&media->bad, nsid, range->slba, last, &state);
    }
}

void nvme_fi_media_file_close(NvmeFiMediaFile *file)
{
    if (!file) {
        return;
    }
    nvme_fi_media_file_flush(file);
    qemu_remove_exit_notifier(&file->exit);
    timer_free(file->timer);
    g_free(file->path);
    g_free(file);
}
