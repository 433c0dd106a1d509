/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test Anything Protocol; see render.h.
 */
#include "render.h"

/* A line end would end the line, '#' would begin a directive. */
char *tap_line(const char *text)
{
    char *line = g_strdup(text ? text : "");

    for (char *c = line; *c; c++) {
        if (g_ascii_iscntrl(*c) || *c == '#') {
            *c = ' ';
        }
    }
    return line;
}

void tap_plan(FILE *out, guint cases)
{
    fprintf(out, "1..%u\n", cases);
    fflush(out);
}

void tap_skip_all(FILE *out, const char *reason)
{
    g_autofree char *text = tap_line(reason);

    fprintf(out, "1..0 # SKIP %s\n", text);
    fflush(out);
}

void tap_comment(FILE *out, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (guint i = 0; lines[i]; i++) {
        if (lines[i][0]) {
            fprintf(out, "# %s\n", lines[i]);
        }
    }
    fflush(out);
}

void tap_case(FILE *out, guint number, const char *name, Verdict verdict,
              const char *reason)
{
    g_autofree char *text = tap_line(reason);

    if (verdict == VERDICT_SKIP) {
        fprintf(out, "ok %u - %s # SKIP %s\n", number, name, text);
    } else if (verdict == VERDICT_PASS) {
        fprintf(out, "ok %u - %s\n", number, name);
    } else {
        fprintf(out, "not ok %u - %s\n# %s: %s\n", number, name,
                verdict_name(verdict), text);
    }
    fflush(out);
}

void tap_bail_out(FILE *out, const char *reason)
{
    g_autofree char *text = tap_line(reason);

    fprintf(out, "Bail out! %s\n", text);
    fflush(out);
}
