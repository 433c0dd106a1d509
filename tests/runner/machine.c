/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What follows from the description of a machine; see machine.h.
 */
#include "machine.h"

#include "json-util.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DIR_WORD "%DIR%"

char *machine_image(const MachineDrive *drive, const char *dir)
{
    return drive->path ? g_strdup(drive->path) :
           g_strdup_printf("%s/%s.img", dir, drive->id);
}

static bool create_image(const char *path, guint64 size, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && ftruncate(fd, size) == 0;

    if (!ok) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                    "cannot create the disk image %s: %s", path,
                    g_strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

bool machine_create_images(const Machine *machine, const char *dir,
                           GError **error)
{
    for (guint i = 0; i < machine->drives->len; i++) {
        const MachineDrive *drive = g_ptr_array_index(machine->drives, i);
        g_autofree char *path = machine_image(drive, dir);

        if (!drive->path && !create_image(path, drive->size, error)) {
            return false;
        }
    }
    return true;
}

void machine_remove_images(const Machine *machine, const char *dir)
{
    for (guint i = 0; i < machine->drives->len; i++) {
        const MachineDrive *drive = g_ptr_array_index(machine->drives, i);
        g_autofree char *path = machine_image(drive, dir);

        if (!drive->path) {
            g_unlink(path);
        }
    }
}

JsonObject *machine_device(const Machine *machine, guint index,
                           const char *dir)
{
    JsonObject *described = g_ptr_array_index(machine->devices, index);
    g_autoptr(GList) names = json_object_get_members(described);
    JsonObject *device = json_object_new();

    for (GList *name = names; name; name = name->next) {
        const char *text = json_util_string(described, name->data);

        if (text && strstr(text, DIR_WORD)) {
            g_auto(GStrv) parts = g_strsplit(text, DIR_WORD, -1);
            g_autofree char *whole = g_strjoinv(dir, parts);

            json_object_set_string_member(device, name->data, whole);
        } else {
            json_util_set_copy(device, name->data,
                               json_object_get_member(described,
                                                      name->data));
        }
    }
    return device;
}

JsonObject *machine_find_device(const Machine *machine, const char *id,
                                const char *dir)
{
    for (guint i = 0; i < machine->devices->len; i++) {
        JsonObject *device = g_ptr_array_index(machine->devices, i);

        if (g_strcmp0(json_util_string(device, "id"), id) == 0) {
            return machine_device(machine, i, dir);
        }
    }
    return NULL;
}

bool machine_starts_with(const Machine *machine, guint index)
{
    JsonObject *device = g_ptr_array_index(machine->devices, index);
    const char *id = json_util_string(device, "id");

    return !id || !g_strv_contains((const char *const *)machine->unplugged,
                                   id);
}

/* The first words of @line are those of @prefix. */
static bool line_begins(const char *line, const char *prefix)
{
    gsize len = strlen(prefix);

    return line && strncmp(line, prefix, len) == 0 &&
           (line[len] == '\0' || line[len] == ' ') && !strchr(line, '\n');
}

bool machine_allows(const Machine *machine, const char *command,
                    JsonObject *arguments)
{
    for (guint i = 0; machine->allow[i]; i++) {
        const char *entry = machine->allow[i];
        const char *colon = strchr(entry, ':');
        gsize len = colon ? (gsize)(colon - entry) : strlen(entry);

        if (strlen(command) == len && strncmp(command, entry, len) == 0 &&
            (!colon || line_begins(json_util_string(arguments,
                                                    "command-line"),
                                   colon + 1))) {
            return true;
        }
    }
    return false;
}

bool machine_has_own_image(const Machine *machine)
{
    return machine->programs[0] || machine->modules[0];
}
