/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device properties: rules that are there before the first command
 * (fi-rules, fi-file), the file of the bad blocks (fi-media-file), the Command
 * Retry Delay Times (fi-crdt1 to fi-crdt3).
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-visit-nvme-fi.h"
#include "qapi/qobject-input-visitor.h"
#include "qapi/visitor.h"
#include "qobject/qjson.h"
#include "qobject/qobject.h"
#include "internal.h"

#define MAX_FILE_SIZE NVME_FI_MAX_FILE_SIZE
#define READ_SIZE (MAX_FILE_SIZE + 4096)    /* some are read by the page only */

static bool check_not_realized(Object *obj, const char *name, Error **errp)
{
    if (DEVICE(obj)->realized) {
        error_setg(errp, "Property '%s' cannot be set any more: the device is "
                   "realized%s", name, !strcmp(name, "fi-rules") ||
                   !strcmp(name, "fi-file") ? "; use nvme-fi-add" : "");
        return false;
    }
    return true;
}

static void get_rules(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    NvmeFiProps *props = opaque;

    visit_type_NvmeFiRuleList(v, name, &props->rules, errp);
}

static void set_rules(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    NvmeFiProps *props = opaque;
    NvmeFiRuleList *rules = NULL;

    if (!check_not_realized(obj, name, errp) ||
        !visit_type_NvmeFiRuleList(v, name, &rules, errp)) {
        return;
    }
    qapi_free_NvmeFiRuleList(props->rules);
    props->rules = rules;
}

static void get_file(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    NvmeFiProps *props = opaque;
    char *file = props->file ?: (char *)"";

    visit_type_str(v, name, &file, errp);
}

static void set_file(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    NvmeFiProps *props = opaque;
    char *file = NULL;

    if (!check_not_realized(obj, name, errp) ||
        !visit_type_str(v, name, &file, errp)) {
        return;
    }
    g_free(props->file);
    props->file = file;
}

static void get_media_file(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    NvmeFiProps *props = opaque;
    char *file = props->media_file ?: (char *)"";

    visit_type_str(v, name, &file, errp);
}

static void set_media_file(Object *obj, Visitor *v, const char *name,
                           void *opaque, Error **errp)
{
    NvmeFiProps *props = opaque;
    char *file = NULL;

    if (!check_not_realized(obj, name, errp) ||
        !visit_type_str(v, name, &file, errp)) {
        return;
    }
    g_free(props->media_file);
    props->media_file = file;
}

/* @name ends with the number of the time, 1 to 3. */
static uint16_t *crdt(NvmeFiProps *props, const char *name)
{
    return &props->crdt[name[strlen(name) - 1] - '1'];
}

static void get_crdt(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    visit_type_uint16(v, name, crdt(opaque, name), errp);
}

static void set_crdt(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    uint16_t value;

    if (check_not_realized(obj, name, errp) &&
        visit_type_uint16(v, name, &value, errp)) {
        *crdt(opaque, name) = value;
    }
}

static void get_write_cache(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    NvmeFiProps *props = opaque;

    visit_type_size(v, name, &props->write_cache, errp);
}

static void set_write_cache(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    NvmeFiProps *props = opaque;
    uint64_t size;

    if (check_not_realized(obj, name, errp) &&
        visit_type_size(v, name, &size, errp)) {
        props->write_cache = size;
    }
}

/* The device object goes: with it all that is ours. */
static void release(Object *obj, const char *name, void *opaque)
{
    NvmeFiProps *props = opaque;

    nvme_fi_state_free(NVME(obj));
    qapi_free_NvmeFiRuleList(props->rules);
    qapi_free_NvmeFiBadRangeList(props->media);
    g_free(props->media_file);
    g_free(props->file);
    g_free(props);
}

static void add_crdt(Object *obj, NvmeFiProps *props, const char *name)
{
    object_property_add(obj, name, "uint16", get_crdt, set_crdt, NULL, props);
    object_property_set_description(obj, name,
        "Command Retry Delay Time, in units of 100 ms");
}

void nvme_fi_instance_init(Object *obj)
{
    NvmeFiProps *props = g_new0(NvmeFiProps, 1);

    NVME(obj)->fi_props = props;
    object_property_add(obj, "fi-file", "str", get_file, set_file, NULL,
                        props);
    object_property_set_description(obj, "fi-file",
        "file with a JSON array of fault rules");
    object_property_add(obj, "fi-media-file", "str", get_media_file,
                        set_media_file, NULL, props);
    object_property_set_description(obj, "fi-media-file",
        "file that keeps the bad blocks of the medium");
    add_crdt(obj, props, "fi-crdt1");
    add_crdt(obj, props, "fi-crdt2");
    add_crdt(obj, props, "fi-crdt3");
    object_property_add(obj, "fi-rules", "NvmeFiRuleList", get_rules,
                        set_rules, release, props);
    object_property_set_description(obj, "fi-rules",
        "list of fault rules (NvmeFiRule of the QMP reference)");
    object_property_add(obj, "fi-write-cache", "size", get_write_cache,
                        set_write_cache, NULL, props);
    object_property_set_description(obj, "fi-write-cache",
        "bytes of writes that a power cut may take away (0: none)");
}

/* At most @size bytes of @fd, until its end; negative on error. */
static ssize_t read_up_to(int fd, char *buf, size_t size)
{
    size_t len = 0;
    ssize_t got;

    do {
        got = RETRY_ON_EINTR(read(fd, buf + len, size - len));
        len += MAX(got, 0);
    } while (got > 0 && len < size);
    return got < 0 ? got : len;
}

/* Below /proc and /sys a regular file may be longer than it says, or without
 * end, or make its reader wait: none of this may hold up QEMU. */
static char *read_text(const char *file, Error **errp)
{
    g_autofree char *text = g_malloc(READ_SIZE + 1);
    int fd = qemu_open_old(file, O_RDONLY | O_NONBLOCK);
    ssize_t len = fd < 0 ? -1 : read_up_to(fd, text, READ_SIZE);

    if (len < 0) {
        error_setg_errno(errp, errno, "cannot be read");
    } else if (len > MAX_FILE_SIZE) {
        error_setg(errp, "has more than %" PRIu64 " bytes, which are allowed",
                   (uint64_t)MAX_FILE_SIZE);
    }
    if (fd >= 0) {
        qemu_close(fd);
    }
    if (len < 0 || len > MAX_FILE_SIZE) {
        return NULL;
    }
    text[len] = '\0';
    if (strlen(text) != len) {
        error_setg(errp, "is not JSON: it has a NUL byte");
        return NULL;
    }
    return g_realloc(g_steal_pointer(&text), len + 1);
}

char *nvme_fi_read_text(const char *file, Error **errp)
{
    struct stat st;

    if (stat(file, &st) < 0) {
        error_setg_errno(errp, errno, "cannot be read");
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        error_setg(errp, "is not a regular file");
        return NULL;
    }
    if (st.st_size > MAX_FILE_SIZE) {
        error_setg(errp, "has %" PRIu64 " bytes; at most %" PRIu64
                   " are allowed", (uint64_t)st.st_size,
                   (uint64_t)MAX_FILE_SIZE);
        return NULL;
    }
    return read_text(file, errp);
}

static bool rules_from_file(const char *file, NvmeFiRuleList **rules,
                            Error **errp)
{
    g_autofree char *text = nvme_fi_read_text(file, errp);
    QObject *json;
    Visitor *v;
    bool ok;

    if (!text) {
        return false;
    }
    json = qobject_from_json(text, errp);
    if (!json) {
        return false;
    }
    v = qobject_input_visitor_new(json);
    ok = visit_type_NvmeFiRuleList(v, "rules", rules, errp);
    visit_free(v);
    qobject_unref(json);
    return ok;
}

static bool add_file(NvmeCtrl *n, const char *file, Error **errp)
{
    ERRP_GUARD();
    g_autoptr(NvmeFiRuleList) rules = NULL;

    if (!rules_from_file(file, &rules, errp) ||
        !nvme_fi_add(n, rules, NULL, errp)) {
        error_prepend(errp, "fi-file '%s': ", file);
        return false;
    }
    return true;
}

/* The rules of the command line are newer than those of the file: they win. */
bool nvme_fi_realize(NvmeCtrl *n, Error **errp)
{
    NvmeFiProps *props = n->fi_props;

    nvme_fi_state_free(n);
    nvme_fi_controller_machine_init();
    if (!nvme_fi_media_load(n, errp)) {
        return false;
    }
    if (props->write_cache &&
        !nvme_fi_cache_new(nvme_fi_state(n), props->write_cache, errp)) {
        return false;
    }
    if (props->file && !add_file(n, props->file, errp)) {
        return false;
    }
    return nvme_fi_add(n, props->rules, NULL, errp);
}
