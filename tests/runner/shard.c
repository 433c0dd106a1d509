/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dealing out cases, one by one; see shard.h. Neighbours in the list are alike
 * and take about as long, so that shards which get every COUNT-th case end at
 * about the same time.
 */
#include "shard.h"

bool shard_parse(const char *text, Shard *shard, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    guint64 index, count;

    if (g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(parts[0], 10, 1, SHARD_MAX, &index,
                                    NULL) ||
        !g_ascii_string_to_unsigned(parts[1], 10, index, SHARD_MAX, &count,
                                    NULL)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "--shard '%s': expected I/N, such as 1/4, with "
                    "1 <= I <= N <= %d", text, SHARD_MAX);
        return false;
    }
    *shard = (Shard){ .index = index, .count = count };
    return true;
}

bool shard_has(Shard shard, guint place)
{
    return shard.count == 0 || place % shard.count == shard.index - 1;
}

Shard shard_behind(Shard shard, guint before)
{
    if (shard.count > 0) {
        guint back = before % shard.count;

        shard.index = (shard.index - 1 + shard.count - back) % shard.count +
                      1;
    }
    return shard;
}
