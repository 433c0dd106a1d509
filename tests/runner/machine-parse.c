/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the description of a machine; see machine.h.
 */
#include "machine.h"

#include "fail.h"
#include "json-util.h"

#include <gio/gio.h>
#include <string.h>

#define DEFAULT_MEMORY 512              /* MiB */
#define MIN_MEMORY 128
#define MAX_MEMORY 8192
#define MAX_CPUS 16
#define MAX_TIMEOUT 3600                /* seconds */
#define DEFAULT_DRIVE_SIZE (G_GUINT64_CONSTANT(1) << 30)
#define MAX_DRIVE_SIZE (G_GUINT64_CONSTANT(1) << 42)

/* What is left out; the one place that names a device. */
#define DEFAULT_DEVICE "{\"driver\":\"nvme\",\"id\":\"" \
                       MACHINE_DEFAULT_CONTROLLER \
                       "\",\"serial\":\"nvme-fi\",\"drive\":\"disk\"}"
#define DEFAULT_DRIVE "disk"

/* Names become ids, file names and words of a command line. */
static bool is_name(const char *text)
{
    return text && g_ascii_isalnum(text[0]) &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                  "0123456789_.-") == strlen(text);
}

static bool take_uint(JsonNode *node, const char *name, guint least,
                      guint most, guint *value, GError **error)
{
    gint64 number = JSON_NODE_HOLDS_VALUE(node) &&
                    json_node_get_value_type(node) == G_TYPE_INT64 ?
                    json_node_get_int(node) : -1;

    if (number < least || number > most) {
        return fail(error, "'%s': expected an integer from %u to %u", name,
                    least, most);
    }
    *value = number;
    return true;
}

static bool take_kernel(Machine *machine, JsonNode *node, GError **error)
{
    const char *text = JSON_NODE_HOLDS_VALUE(node) ?
                       json_node_get_string(node) : NULL;

    if (!text || strstr(text, "--") || strpbrk(text, "\n\"'")) {
        return fail(error, "'kernel': expected words of the kernel's command "
                    "line, without quotes and without '--'");
    }
    g_free(machine->kernel);
    machine->kernel = g_strdup(text);
    return true;
}

static bool take_cpus(Machine *machine, JsonNode *node, GError **error)
{
    return take_uint(node, "cpus", 1, MAX_CPUS, &machine->cpus, error);
}

static bool take_memory(Machine *machine, JsonNode *node, GError **error)
{
    return take_uint(node, "memory", MIN_MEMORY, MAX_MEMORY,
                     &machine->memory, error);
}

static bool take_timeout(Machine *machine, JsonNode *node, GError **error)
{
    return take_uint(node, "timeout", 1, MAX_TIMEOUT, &machine->timeout,
                     error);
}

static bool take_reset(Machine *machine, JsonNode *node, GError **error)
{
    if (!JSON_NODE_HOLDS_VALUE(node) ||
        json_node_get_value_type(node) != G_TYPE_BOOLEAN) {
        return fail(error, "'reset': expected true or false");
    }
    machine->reset = json_node_get_boolean(node);
    return true;
}

/* An array of objects, each handed to @take with its index. */
static bool each_object(JsonNode *node, const char *name, Machine *machine,
                        bool (*take)(Machine *, JsonObject *, guint,
                                     GError **),
                        GError **error)
{
    JsonArray *array = JSON_NODE_HOLDS_ARRAY(node) ?
                       json_node_get_array(node) : NULL;

    if (!array) {
        return fail(error, "'%s': expected an array of objects", name);
    }
    for (guint i = 0; i < json_array_get_length(array); i++) {
        JsonObject *object = json_util_element_object(array, i);

        if (!object) {
            return fail(error, "'%s[%u]': expected an object", name, i);
        }
        if (!take(machine, object, i, error)) {
            return false;
        }
    }
    return true;
}

static void drive_free(gpointer data)
{
    MachineDrive *drive = data;

    g_free(drive->id);
    g_free(drive->path);
    g_free(drive);
}

static void add_drive(Machine *machine, const char *id, guint64 size)
{
    MachineDrive *drive = g_new0(MachineDrive, 1);

    drive->id = g_strdup(id);
    drive->size = size;
    g_ptr_array_add(machine->drives, drive);
}

static bool take_drive(Machine *machine, JsonObject *object, guint index,
                       GError **error)
{
    const char *id = json_util_string(object, "id");
    g_autoptr(GList) names = json_object_get_members(object);
    gint64 size = DEFAULT_DRIVE_SIZE;

    for (GList *name = names; name; name = name->next) {
        if (!g_str_equal(name->data, "id") &&
            !g_str_equal(name->data, "size")) {
            return fail(error, "'drives[%u].%s': unknown; a drive has 'id' "
                        "and 'size'", index, (char *)name->data);
        }
    }
    if (!is_name(id)) {
        return fail(error, "'drives[%u].id': expected a name of letters and "
                    "digits", index);
    }
    if (json_object_has_member(object, "size") &&
        (!json_util_int(object, "size", &size) || size < 512 ||
         size > (gint64)MAX_DRIVE_SIZE || size % 512)) {
        return fail(error, "'drives[%u].size': expected bytes, a multiple of "
                    "512 up to 4 TiB", index);
    }
    add_drive(machine, id, size);
    return true;
}

static bool take_drives(Machine *machine, JsonNode *node, GError **error)
{
    g_ptr_array_set_size(machine->drives, 0);
    return each_object(node, "drives", machine, take_drive, error);
}

static bool take_device(Machine *machine, JsonObject *object, guint index,
                        GError **error)
{
    if (!json_util_string(object, "driver")) {
        return fail(error, "'devices[%u].driver': expected the name of a "
                    "device of QEMU", index);
    }
    g_ptr_array_add(machine->devices, json_object_ref(object));
    return true;
}

static bool take_devices(Machine *machine, JsonNode *node, GError **error)
{
    g_ptr_array_set_size(machine->devices, 0);
    return each_object(node, "devices", machine, take_device, error);
}

static bool take_names(JsonNode *node, const char *name,
                       bool (*good)(const char *text), GStrv *names,
                       GError **error)
{
    JsonArray *array = JSON_NODE_HOLDS_ARRAY(node) ?
                       json_node_get_array(node) : NULL;
    guint count = array ? json_array_get_length(array) : 0;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < count; i++) {
        const char *text = json_util_element_string(array, i);

        if (!good(text)) {
            return fail(error, "'%s[%u]': expected a name", name, i);
        }
        g_ptr_array_add(list, g_strdup(text));
    }
    if (!array) {
        return fail(error, "'%s': expected an array of names", name);
    }
    g_ptr_array_add(list, NULL);
    g_strfreev(*names);
    *names = (GStrv)g_ptr_array_steal(list, NULL);
    return true;
}

static bool take_controllers(Machine *machine, JsonNode *node,
                             GError **error)
{
    return take_names(node, "controllers", is_name, &machine->controllers,
                      error);
}

static bool take_unplugged(Machine *machine, JsonNode *node, GError **error)
{
    return take_names(node, "unplugged", is_name, &machine->unplugged, error);
}

static bool take_programs(Machine *machine, JsonNode *node, GError **error)
{
    return take_names(node, "programs", is_name, &machine->programs, error);
}

static bool take_modules(Machine *machine, JsonNode *node, GError **error)
{
    return take_names(node, "modules", is_name, &machine->modules, error);
}

/* "NAME", or "NAME:PREFIX" for a command that carries a command line. */
static bool is_command(const char *text)
{
    g_autofree char *name = text ? g_strndup(text, strcspn(text, ":")) : NULL;

    return is_name(name) &&
           (g_str_equal(name, "human-monitor-command") ==
            (strchr(text, ':') && strchr(text, ':')[1]));
}

static bool take_allow(Machine *machine, JsonNode *node, GError **error)
{
    g_autoptr(GError) plain = NULL;

    if (take_names(node, "allow", is_command, &machine->allow, &plain)) {
        return true;
    }
    return fail(error, "%s of a QMP command; human-monitor-command needs the "
                "command line that is allowed behind a colon "
                "('human-monitor-command:pcie_aer_inject_error')",
                plain->message);
}

static const struct {
    const char *name;
    bool (*take)(Machine *machine, JsonNode *node, GError **error);
} members[] = {
    { "kernel", take_kernel }, { "cpus", take_cpus },
    { "memory", take_memory }, { "drives", take_drives },
    { "devices", take_devices }, { "controllers", take_controllers },
    { "unplugged", take_unplugged }, { "allow", take_allow },
    { "reset", take_reset },
    { "timeout", take_timeout }, { "modules", take_modules },
    { "programs", take_programs },
};

static bool take_member(Machine *machine, const char *name, JsonNode *node,
                        GError **error)
{
    g_autoptr(GString) known = g_string_new(NULL);

    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        if (g_str_equal(name, members[i].name)) {
            return members[i].take(machine, node, error);
        }
        g_string_append_printf(known, "%s%s", i ? ", " : "",
                               members[i].name);
    }
    return fail(error, "'%s': unknown; a machine has %s", name, known->str);
}

static Machine *machine_default(void)
{
    Machine *machine = g_new0(Machine, 1);
    const char *controllers[] = { MACHINE_DEFAULT_CONTROLLER, NULL };

    machine->kernel = g_strdup("");
    machine->cpus = 1;
    machine->memory = DEFAULT_MEMORY;
    machine->drives = g_ptr_array_new_with_free_func(drive_free);
    machine->devices = g_ptr_array_new_with_free_func(
        (GDestroyNotify)json_object_unref);
    machine->controllers = g_strdupv((GStrv)controllers);
    machine->unplugged = g_new0(char *, 1);
    machine->allow = g_new0(char *, 1);
    machine->programs = g_new0(char *, 1);
    machine->modules = g_new0(char *, 1);
    add_drive(machine, DEFAULT_DRIVE, DEFAULT_DRIVE_SIZE);
    g_ptr_array_add(machine->devices,
                    json_util_parse_object(DEFAULT_DEVICE,
                                           strlen(DEFAULT_DEVICE), NULL));
    return machine;
}

Machine *machine_parse(const char *text, GError **error)
{
    g_autoptr(JsonObject) object = json_util_parse_object(text, strlen(text),
                                                          error);
    g_autoptr(Machine) machine = NULL;
    g_autoptr(GList) names = NULL;

    if (!object) {
        return NULL;
    }
    machine = machine_default();
    names = json_object_get_members(object);
    for (GList *name = names; name; name = name->next) {
        if (!take_member(machine, name->data,
                         json_object_get_member(object, name->data),
                         error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&machine);
}

void machine_free(Machine *machine)
{
    if (machine) {
        g_free(machine->kernel);
        g_ptr_array_unref(machine->drives);
        g_ptr_array_unref(machine->devices);
        g_strfreev(machine->controllers);
        g_strfreev(machine->unplugged);
        g_strfreev(machine->allow);
        g_strfreev(machine->programs);
        g_strfreev(machine->modules);
        g_free(machine);
    }
}
