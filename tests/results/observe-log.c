/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of the kernel log, without what varies from run to run; see
 * observe.h.
 */
#include "observe.h"

typedef struct Mask {
    const char *pattern;
    const char *instead;
} Mask;

static const Mask masks[] = {
    /* a time stamp, as dmesg prints it */
    { "^\\[ *\\d+\\.\\d+\\] *", "" },
    /* the tag of a command: "I/O tag 832 (c340)", "I/O 832 (I/O Cmd)" */
    { "\\bI/O tag \\d+ \\([0-9a-f]+\\)", "I/O tag # (#)" },
    { "\\bI/O \\d+\\b", "I/O #" },
    { "\\b(tag#?|command_id|cid|genctr)([ =:]*)(0x)?[0-9a-f]*\\d[0-9a-f]*\\b",
      "\\1\\2#" },
    /* which I/O queue is a matter of the CPU; the admin queue is not */
    { "\\b(qid|QID)([ =:]*)[1-9]\\d*\\b", "\\1\\2#" },
    { "\\b(pid|PID|CPU|UID)([ =:]+)\\d+\\b", "\\1\\2#" },
    { "\\btask ([^ :]+):\\d+", "task \\1:#" },
    /* the disk of several paths has the number of the first that is found */
    { "^block nvme\\d+n(\\d+): no (usable|available) path",
      "block nvme#n\\1: no \\2 path" },
    /* of file systems that are made anew for each run */
    { "\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b", "#" },
    /* addresses, and where in a function */
    { "\\b(0x)?[0-9a-f]{16}\\b", "#" },
    { "\\+0x[0-9a-f]+/0x[0-9a-f]+", "+#" },
    /* the release of the kernel itself, in a warning or an oops */
    { "((Not tainted|Tainted: [A-Z ]+)) \\d+\\.\\d+[^ ]*", "\\1 #" },
};

/* Of these call sites the kernel prints ten lines in five seconds. */
static const char limited[] =
    " error, dev \\S+, sector "
    "|\\(0x[0-9a-f]+\\)(,| @ LBA) "
    "|^Buffer I/O error on dev |^lost (a|async) page write"
    "|^block nvme\\d+n\\d+: no (usable|available) path"
    "|callbacks suppressed";

static GRegex *compiled(const char *pattern)
{
    g_autoptr(GError) error = NULL;
    GRegex *regex = g_regex_new(pattern, G_REGEX_OPTIMIZE, 0, &error);

    /* the patterns are ours */
    g_assert_no_error(error);
    return regex;
}

/* "sector 2056" -> "sector slba+8" */
static gboolean tell_block(const GMatchInfo *match, GString *text,
                           gpointer data)
{
    const gint64 *slba = data;
    g_autofree char *word = g_match_info_fetch(match, 1);
    g_autofree char *number = g_match_info_fetch(match, 2);
    gint64 block = g_ascii_strtoll(number, NULL, 10);

    if (block >= *slba) {
        g_string_append_printf(text, "%sslba+%" G_GINT64_FORMAT, word,
                               block - *slba);
    } else {
        g_string_append_printf(text, "%s%s", word, number);
    }
    return FALSE;
}

static char *tell_blocks(const char *line, gint64 slba)
{
    static GRegex *regex;

    if (!regex) {
        regex = compiled("(\\b(?:LBA|sector|logical block) )(\\d+)\\b");
    }
    return slba < 0 ? g_strdup(line) :
           g_regex_replace_eval(regex, line, -1, 0, 0, tell_block, &slba,
                                NULL);
}

char *observe_mask(const char *line, gint64 slba)
{
    static GRegex *regexes[G_N_ELEMENTS(masks)];
    char *text = tell_blocks(line, slba);

    for (guint i = 0; i < G_N_ELEMENTS(masks); i++) {
        char *masked;

        if (!regexes[i]) {
            regexes[i] = compiled(masks[i].pattern);
        }
        masked = g_regex_replace(regexes[i], text, -1, 0, masks[i].instead,
                                 0, NULL);
        if (masked) {
            g_free(text);
            text = masked;
        }
    }
    return text;
}

bool observe_is_limited(const char *line)
{
    static GRegex *regex;

    if (!regex) {
        regex = compiled(limited);
    }
    return g_regex_match(regex, line, 0, NULL);
}
