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
    "|callbacks suppressed";

static GRegex *compiled(const char *pattern)
{
    g_autoptr(GError) error = NULL;
    GRegex *regex = g_regex_new(pattern, G_REGEX_OPTIMIZE, 0, &error);

    /* the patterns are ours */
    g_assert_no_error(error);
    return regex;
}

char *observe_mask(const char *line)
{
    static GRegex *regexes[G_N_ELEMENTS(masks)];
    char *text = g_strdup(line);

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
