/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints every name of a status and of an opcode as a table, for programs
 * that cannot link the engine: those of the guest.
 */
#include "names.h"

#include <stdio.h>

static void print_status(guint16 status, const char *name, gpointer opaque)
{
    (void)opaque;
    printf("status 0x%03x %s\n", status, name);
}

static void print_opcode(gboolean admin, guint8 opcode, const char *name,
                         gpointer opaque)
{
    (void)opaque;
    printf("opcode %s 0x%02x %s\n", admin ? "admin" : "io", opcode, name);
}

int main(void)
{
    puts("# status SCT<<8|SC name; opcode queue number name");
    fi_status_names_foreach(print_status, NULL);
    fi_opcode_names_foreach(print_opcode, NULL);
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
