/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nearest of some names: see nearest.h.
 */
#include "nearest.h"

#include <string.h>

/* A name at most this far away is worth suggesting. */
#define NEAR_DIVISOR 3          /* one edit for each so many characters */
#define MAX_NAME_LEN 80         /* no name is longer, and no longer text is
                                   compared: it could be of any length */

/*
 * Edits (insert, delete, replace, swap of neighbours) from @a to @b: optimal
 * string alignment, three rows of the usual table.
 */
static guint edit_distance(const char *a, const char *b)
{
    guint rows[3][MAX_NAME_LEN + 1];
    guint *before = rows[0], *above = rows[1], *row = rows[2];
    gsize la = strlen(a), lb = strlen(b);

    for (gsize j = 0; j <= lb; j++) {
        above[j] = j;
    }
    for (gsize i = 1; i <= la; i++) {
        guint *spare = before;

        row[0] = i;
        for (gsize j = 1; j <= lb; j++) {
            guint replace = above[j - 1] + (a[i - 1] != b[j - 1]);

            row[j] = MIN(replace, MIN(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                row[j] = MIN(row[j], before[j - 2] + 1);
            }
        }
        before = above;
        above = row;
        row = spare;
    }
    return above[lb];
}

void fi_nearest_init(FiNearest *nearest, const char *text)
{
    if (strlen(text) > MAX_NAME_LEN) {
        text = "";
    }
    nearest->text = g_ascii_strdown(text, -1);
    nearest->name = NULL;
    nearest->distance = MAX(1, strlen(text) / NEAR_DIVISOR) + 1;
}

void fi_nearest_offer(FiNearest *nearest, const char *name)
{
    guint distance = edit_distance(nearest->text, name);

    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->name = name;
    }
}

void fi_nearest_done(FiNearest *nearest)
{
    g_clear_pointer(&nearest->text, g_free);
}
