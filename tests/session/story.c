/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules and machine of a session; see story.h.
 */
#include "story.h"

#include "fail.h"
#include "json-util.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DISK "disk"
#define DISK_BYTES (G_GINT64_CONSTANT(1) << 30)
#define ZONED_BYTES (G_GINT64_CONSTANT(256) << 20)
#define ZONE_BYTES (4 << 20)

/* A list of rules is a value of an object for the one parser there is. */
JsonArray *story_parse_rules(const char *what, const char *text,
                             GError **error)
{
    g_autofree char *whole = g_strdup_printf("{\"rules\":%s\n}", text);
    g_autoptr(GError) why = NULL;
    g_autoptr(JsonObject) object = json_util_parse_object(
        whole, strlen(whole), &why);
    JsonArray *rules = json_util_array(object, "rules");

    if (!object) {
        fail(error, "%s: not JSON: %s", what, why->message);
    } else if (!rules || json_object_get_size(object) != 1) {
        fail(error, "%s: expected an array of rules, '[ { ... }, ... ]'",
             what);
    }
    return object && rules && json_object_get_size(object) == 1 ?
           json_array_ref(rules) : NULL;
}

static void append_rules(JsonArray *rules, JsonArray *more)
{
    for (guint i = 0; i < json_array_get_length(more); i++) {
        json_array_add_element(rules, json_node_copy(
            json_array_get_element(more, i)));
    }
}

static bool add_files(JsonArray *rules, char **files, GError **error)
{
    for (guint i = 0; files && files[i]; i++) {
        g_autofree char *text = NULL;
        g_autoptr(JsonArray) more = NULL;

        if (!g_file_get_contents(files[i], &text, NULL, error)) {
            return false;
        }
        more = story_parse_rules(files[i], text, error);
        if (!more) {
            return false;
        }
        append_rules(rules, more);
    }
    return true;
}

/* The machine */

static JsonObject *namespace_object(const SessionOptions *o)
{
    JsonObject *ns = json_object_new();

    json_object_set_string_member(ns, "driver", "nvme-ns");
    json_object_set_string_member(ns, "drive", DISK);
    json_object_set_string_member(ns, "bus", MACHINE_DEFAULT_CONTROLLER);
    json_object_set_int_member(ns, "nsid", 1);
    if (o->zoned) {
        json_object_set_boolean_member(ns, "zoned", TRUE);
        json_object_set_int_member(ns, "zoned.zone_size", ZONE_BYTES);
    }
    if (o->pi) {
        json_object_set_int_member(ns, "ms", 8);
        json_object_set_int_member(ns, "pi", o->pi);
    }
    return ns;
}

static JsonObject *usual_machine(const SessionOptions *o)
{
    JsonObject *machine = json_object_new();
    JsonArray *drives = json_array_new();
    JsonArray *devices = json_array_new();
    JsonObject *drive = json_object_new();
    JsonObject *controller = json_object_new();

    json_object_set_string_member(machine, "kernel",
                                  "nvme_core.multipath=N");
    json_object_set_string_member(drive, "id", DISK);
    json_object_set_int_member(drive, "size",
                               o->zoned ? ZONED_BYTES : DISK_BYTES);
    json_array_add_object_element(drives, drive);
    json_object_set_string_member(controller, "driver", "nvme");
    json_object_set_string_member(controller, "id",
                                  MACHINE_DEFAULT_CONTROLLER);
    json_object_set_string_member(controller, "serial", "nvme-fi");
    json_array_add_object_element(devices, controller);
    json_array_add_object_element(devices, namespace_object(o));
    json_object_set_array_member(machine, "drives", drives);
    json_object_set_array_member(machine, "devices", devices);
    return machine;
}

/* A copy that can be changed: what was parsed cannot. */
static JsonObject *copy_object(JsonObject *object)
{
    g_autofree char *text = json_util_object_text(object);
    g_autoptr(JsonParser) parser = json_parser_new();

    json_parser_load_from_data(parser, text, -1, NULL);
    return json_node_dup_object(json_parser_get_root(parser));
}

static void set_controller(JsonObject *machine, const SessionOptions *o,
                           bool early)
{
    JsonArray *devices = json_util_array(machine, "devices");

    for (guint i = 0; devices && i < json_array_get_length(devices); i++) {
        JsonObject *device = json_util_element_object(devices, i);

        if (g_strcmp0(json_util_string(device, "id"),
                      MACHINE_DEFAULT_CONTROLLER) != 0) {
            continue;
        }
        if (early) {
            json_object_set_string_member(device, "fi-file",
                                          "%DIR%/" STORY_FILE);
        }
        if (o->write_cache) {
            json_object_set_int_member(device, "fi-write-cache",
                                       (gint64)o->write_cache << 20);
        }
    }
}

/* The user's image in the place of the first drive. */
static bool use_image(Machine *machine, const char *path, GError **error)
{
    MachineDrive *drive = g_ptr_array_index(machine->drives, 0);
    g_autofree char *head = NULL;
    struct stat file;
    gsize len = 0;
    FILE *f = fopen(path, "r+e");

    if (!f || fstat(fileno(f), &file) != 0) {
        return fail(error, "--drive %s: cannot be written to: %s", path,
                    g_strerror(errno));
    }
    head = g_malloc0(8);
    len = fread(head, 1, 4, f);
    fclose(f);
    if (len == 4 && memcmp(head, "QFI\xfb", 4) == 0) {
        return fail(error, "--drive %s: this is a qcow2 image, and a raw one "
                    "is needed ('qemu-img convert -O raw')", path);
    }
    if (file.st_size == 0 || file.st_size % 512) {
        return fail(error, "--drive %s: its size is %" G_GINT64_FORMAT ", and "
                    "must be a multiple of 512", path,
                    (gint64)file.st_size);
    }
    drive->path = g_canonicalize_filename(path, NULL);
    return true;
}

static Machine *make_machine(const SessionOptions *o, JsonObject *own,
                             bool early, GError **error)
{
    g_autoptr(JsonObject) object = own ? copy_object(own) : usual_machine(o);
    g_autofree char *text = NULL;
    g_autoptr(Machine) machine = NULL;

    if (own && (o->zoned || o->pi || o->drive)) {
        fail(error, "--preset %s has a drive of its own: leave out --%s",
             o->preset, o->zoned ? "zoned" : o->pi ? "pi" : "drive");
        return NULL;
    }
    set_controller(object, o, early);
    json_object_set_int_member(object, "cpus", o->cpus);
    json_object_set_int_member(object, "memory", o->memory);
    text = json_util_object_text(object);
    machine = machine_parse(text, error);
    if (machine && o->drive && !use_image(machine, o->drive, error)) {
        return NULL;
    }
    return g_steal_pointer(&machine);
}

Story *story_new(const SessionOptions *o, GError **error)
{
    g_autoptr(Story) story = g_new0(Story, 1);
    g_autoptr(Preset) preset = NULL;

    story->rules = json_array_new();
    story->early = o->early;
    if (o->preset) {
        preset = preset_load(o->presets_dir, o->preset, error);
        if (!preset) {
            return NULL;
        }
        append_rules(story->rules, preset->rules);
        story->early |= preset->early;
    }
    if (!add_files(story->rules, o->rules, error)) {
        return NULL;
    }
    story->early &= json_array_get_length(story->rules) > 0;
    story->machine = make_machine(o, preset ? preset->machine : NULL,
                                  story->early, error);
    return story->machine ? g_steal_pointer(&story) : NULL;
}

void story_free(Story *story)
{
    if (story) {
        g_clear_pointer(&story->rules, json_array_unref);
        machine_free(story->machine);
        g_free(story);
    }
}
