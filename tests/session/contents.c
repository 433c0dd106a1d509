/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding files of this machine for the guest; see contents.h.
 */
#include "contents.h"

#include "fail.h"

#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

/* What the guest has of its own. */
static const char *const guest_folders[] = { "/proc", "/sys", "/dev", "/run" };

/* The file of a command, as a shell would find it, or NULL. */
static char *find_command(const char *name)
{
    g_autofree char *found = strchr(name, '/') ? NULL :
                             g_find_program_in_path(name);
    const char *const more[] = { "/usr/sbin", "/sbin", NULL };

    for (guint i = 0; !found && !strchr(name, '/') && more[i]; i++) {
        found = g_build_filename(more[i], name, NULL);
        if (!g_file_test(found, G_FILE_TEST_IS_EXECUTABLE)) {
            g_clear_pointer(&found, g_free);
        }
    }
    return found ? g_canonicalize_filename(found, NULL) :
           g_canonicalize_filename(name, NULL);
}

static bool find_program(SessionOptions *o, int *status, GError **error)
{
    const char *name = o->program[0];

    o->path = find_command(name);
    if (!g_file_test(o->path, G_FILE_TEST_EXISTS)) {
        *status = SESSION_NO_PROGRAM;
        fail(error, "there is no program '%s' on this machine", name);
        return false;
    }
    if (!g_file_test(o->path, G_FILE_TEST_IS_REGULAR) ||
        access(o->path, X_OK) != 0) {
        *status = SESSION_NO_EXECUTE;
        fail(error, "'%s' is no program that can be executed", o->path);
        return false;
    }
    return true;
}

static char *find_with(const char *name, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(name, NULL);

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_free(path);
        path = find_command(name);
    }
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        fail(error, "--with %s: there is no such file, folder or command",
               name);
        return NULL;
    }
    for (guint i = 0; i < G_N_ELEMENTS(guest_folders); i++) {
        gsize len = strlen(guest_folders[i]);

        if (g_str_equal(path, "/") ||
            (g_str_has_prefix(path, guest_folders[i]) &&
             (path[len] == '/' || path[len] == '\0'))) {
            fail(error, "--with %s: the guest has a %s of its own", name,
                   path[1] ? guest_folders[i] : path);
            return NULL;
        }
    }
    if (strchr(path, '\n')) {
        fail(error, "--with: a path with a line end in it is not possible");
        return NULL;
    }
    return g_steal_pointer(&path);
}

bool contents_find(SessionOptions *o, int *status, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

    if (!find_program(o, status, error)) {
        return false;
    }
    g_ptr_array_add(list, g_strdup(o->path));
    for (guint i = 0; o->with && o->with[i]; i++) {
        char *path = find_with(o->with[i], error);

        if (!path) {
            return false;
        }
        g_ptr_array_add(list, path);
    }
    /* its libraries are larger than all else: who wants it in exec says so */
    if (o->shell) {
        char *fio = find_command("fio");

        if (g_file_test(fio, G_FILE_TEST_EXISTS)) {
            g_ptr_array_add(list, fio);
        } else {
            g_free(fio);
        }
    }
    g_ptr_array_add(list, NULL);
    o->contents = (char **)g_ptr_array_steal(list, NULL);
    return true;
}
