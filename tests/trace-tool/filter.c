/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Choosing commands; see filter.h.
 */
#include "filter.h"

#include <string.h>

#include "engine/names.h"
#include "show.h"

typedef struct Opcode {
    char *name;                 /* or NULL: by number */
    guint8 number;
} Opcode;

struct Filter {
    GArray *qids, *ctrls, *nsids, *statuses;    /* of guint; or NULL */
    GPtrArray *opcodes;         /* of Opcode, or NULL */
    bool errors;
    bool has_range;
    guint64 first, last;        /* logical blocks, inclusive */
    gint64 min_ns, max_ns, since_ns, until_ns;  /* LINE_NO_TIME: any */
};

static void opcode_free(gpointer data)
{
    Opcode *opcode = data;

    g_free(opcode->name);
    g_free(opcode);
}

Filter *filter_new(void)
{
    Filter *filter = g_new0(Filter, 1);

    filter->min_ns = filter->max_ns = LINE_NO_TIME;
    filter->since_ns = filter->until_ns = LINE_NO_TIME;
    return filter;
}

void filter_free(Filter *filter)
{
    if (!filter) {
        return;
    }
    g_clear_pointer(&filter->qids, g_array_unref);
    g_clear_pointer(&filter->ctrls, g_array_unref);
    g_clear_pointer(&filter->nsids, g_array_unref);
    g_clear_pointer(&filter->statuses, g_array_unref);
    g_clear_pointer(&filter->opcodes, g_ptr_array_unref);
    g_free(filter);
}

static bool fail(GError **error, const char *what, const char *text,
                 const char *right)
{
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "--%s '%s': %s", what, text, right);
    return false;
}

/* Decimal or 0x, whole, at most @max. */
static bool parse_u64(const char *text, guint64 max, guint64 *value)
{
    bool hex = g_ascii_strncasecmp(text, "0x", 2) == 0;

    return g_ascii_string_to_unsigned(text + (hex ? 2 : 0), hex ? 16 : 10, 0,
                                      max, value, NULL);
}

static void add_uint(GArray **array, guint value)
{
    if (!*array) {
        *array = g_array_new(FALSE, FALSE, sizeof(guint));
    }
    g_array_append_val(*array, value);
}

static bool add_number(GArray **array, const char *what, const char *text,
                       guint64 max, GError **error)
{
    /* a controller may be called as its device is */
    const char *digits = !strcmp(what, "ctrl") &&
                         g_str_has_prefix(text, "nvme") ? text + 4 : text;
    guint64 value;

    if (!parse_u64(digits, max, &value)) {
        g_autofree char *right = g_strdup_printf(
            "must be a number 0 to %" G_GUINT64_FORMAT "%s", max,
            strcmp(what, "ctrl") ? "" : ", or a name such as nvme0");

        return fail(error, what, text, right);
    }
    add_uint(array, value);
    return true;
}

static bool add_opcode(Filter *filter, const char *text, GError **error)
{
    FiQueue queue = FI_QUEUE_ANY;
    guint8 number = 0;
    bool fabrics = false;
    Opcode *opcode;

    for (guint type = 0; type <= 0xff && !fabrics; type++) {
        fabrics = !g_strcmp0(fields_fabrics_name(type), text);
    }
    if (!fabrics && !fi_opcode_parse(text, &queue, &number, error)) {
        g_prefix_error(error, "--");
        return false;
    }
    opcode = g_new0(Opcode, 1);
    opcode->name = g_ascii_isdigit(text[0]) ? NULL : g_strdup(text);
    opcode->number = number;
    if (!filter->opcodes) {
        filter->opcodes = g_ptr_array_new_with_free_func(opcode_free);
    }
    g_ptr_array_add(filter->opcodes, opcode);
    return true;
}

static bool add_status(Filter *filter, const char *text, GError **error)
{
    guint16 status;

    if (!fi_status_parse(text, &status, error)) {
        g_prefix_error(error, "--");
        return false;
    }
    add_uint(&filter->statuses, status & FI_STATUS_CODE_MASK);
    return true;
}

/* "FIRST", "FIRST-LAST", "FIRST+COUNT" */
static bool set_range(Filter *filter, const char *text, GError **error)
{
    gsize len = strcspn(text, "-+");
    g_autofree char *first = g_strndup(text, len);
    guint64 other = 0;

    filter->has_range = true;
    if (!parse_u64(first, G_MAXUINT64, &filter->first) ||
        (text[len] && !parse_u64(text + len + 1, G_MAXUINT64, &other)) ||
        (text[len] == '-' && other < filter->first) ||
        (text[len] == '+' && (other == 0 ||
                              other - 1 > G_MAXUINT64 - filter->first))) {
        return fail(error, "slba", text, "must be FIRST, FIRST-LAST or "
                    "FIRST+COUNT, in logical blocks");
    }
    filter->last = text[len] == '-' ? other :
                   text[len] == '+' ? filter->first + other - 1 :
                   filter->first;
    return true;
}

static bool parse_ns(const char *text, const char *fallback, gint64 *ns)
{
    static const struct {
        const char *unit;
        double ns;
    } units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
    char *end;
    double value = g_ascii_strtod(text, &end);

    if (!g_ascii_isdigit(text[0])) {
        return false;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        if (!strcmp(*end ? end : fallback, units[i].unit) &&
            value * units[i].ns < 9e18) {
            *ns = value * units[i].ns + 0.5;
            return true;
        }
    }
    return false;
}

static bool set_time(gint64 *ns, const char *what, const char *text,
                     GError **error)
{
    bool point = !strcmp(what, "since") || !strcmp(what, "until");

    if (parse_ns(text, point ? "s" : "", ns)) {
        return true;
    }
    return fail(error, what, text, point ?
                "must be a time of the trace in seconds, such as 12.5" :
                "must be a number with ns, us, ms or s, such as 250us");
}

static bool add_one(Filter *filter, const char *what, const char *text,
                    GError **error)
{
    if (!strcmp(what, "qid")) {
        return add_number(&filter->qids, what, text, G_MAXUINT16, error);
    }
    if (!strcmp(what, "ctrl")) {
        return add_number(&filter->ctrls, what, text, G_MAXINT, error);
    }
    if (!strcmp(what, "nsid")) {
        return add_number(&filter->nsids, what, text, G_MAXUINT32, error);
    }
    return !strcmp(what, "opcode") ? add_opcode(filter, text, error) :
           add_status(filter, text, error);
}

bool filter_add(Filter *filter, const char *what, const char *text,
                GError **error)
{
    g_auto(GStrv) words = NULL;

    if (!strcmp(what, "slba")) {
        return set_range(filter, text, error);
    }
    if (!strcmp(what, "min-duration")) {
        return set_time(&filter->min_ns, what, text, error);
    }
    if (!strcmp(what, "max-duration")) {
        return set_time(&filter->max_ns, what, text, error);
    }
    if (!strcmp(what, "since")) {
        return set_time(&filter->since_ns, what, text, error);
    }
    if (!strcmp(what, "until")) {
        return set_time(&filter->until_ns, what, text, error);
    }
    words = g_strsplit(text, ",", -1);
    for (guint i = 0; words[i] || i == 0; i++) {
        if (!add_one(filter, what, words[i] ? words[i] : "", error)) {
            return false;
        }
    }
    return true;
}

void filter_errors(Filter *filter)
{
    filter->errors = true;
}

static bool has_uint(const GArray *array, guint value)
{
    for (guint i = 0; array && i < array->len; i++) {
        if (g_array_index(array, guint, i) == value) {
            return true;
        }
    }
    return !array;
}

static bool has_opcode(const Filter *filter, const EventCommand *command)
{
    for (guint i = 0; filter->opcodes && i < filter->opcodes->len; i++) {
        const Opcode *opcode = g_ptr_array_index(filter->opcodes, i);

        if (opcode->name ? !strcmp(opcode->name, show_opcode(command)) ||
                           (command->set == FIELDS_FABRICS &&
                            !strcmp(opcode->name, "fabrics")) :
            opcode->number == command->opcode) {
            return command->named;
        }
    }
    return !filter->opcodes;
}

static bool in_range(const Filter *filter, const EventCommand *command)
{
    guint64 slba, count;

    return !filter->has_range ||
           (show_range(command, &slba, &count) && slba <= filter->last &&
            (slba >= filter->first || filter->first - slba < count));
}

static bool in_window(gint64 value, gint64 min, gint64 max)
{
    return (min == LINE_NO_TIME || (value != LINE_NO_TIME && value >= min)) &&
           (max == LINE_NO_TIME || (value != LINE_NO_TIME && value <= max));
}

bool filter_passes(const Filter *filter, const Command *command)
{
    const Event *event = &command->event;
    bool ended = command->state != COMMAND_OPEN;
    bool failed = (ended && command->status) ||
                  (command->has_block && command->block.error);
    gint64 when = command->setup_ns != LINE_NO_TIME ? command->setup_ns :
                  command->done_ns;

    return has_uint(filter->qids, event->qid) &&
           has_uint(filter->ctrls, event->ctrl) &&
           (!filter->nsids || (event->command.named &&
                               event->command.set != FIELDS_FABRICS &&
                               has_uint(filter->nsids, event->nsid))) &&
           (!filter->statuses ||
            (ended && has_uint(filter->statuses,
                               command->status & FI_STATUS_CODE_MASK))) &&
           (!filter->errors || failed) &&
           has_opcode(filter, &event->command) &&
           in_range(filter, &event->command) &&
           in_window(show_nanoseconds(command), filter->min_ns,
                     filter->max_ns) &&
           in_window(when, filter->since_ns, filter->until_ns);
}

bool filter_passes_async(const Filter *filter, const Event *event, gint64 ns)
{
    return has_uint(filter->ctrls, event->ctrl) && !filter->errors &&
           !filter->nsids && !filter->statuses && !filter->opcodes &&
           !filter->has_range && filter->min_ns == LINE_NO_TIME &&
           filter->max_ns == LINE_NO_TIME && has_uint(filter->qids, 0) &&
           in_window(ns, filter->since_ns, filter->until_ns);
}

char *filter_kernel(const Filter *filter, bool *only_admin)
{
    GString *text = g_string_new(NULL);

    *only_admin = filter->qids != NULL;
    for (guint i = 0; filter->qids && i < filter->qids->len; i++) {
        guint qid = g_array_index(filter->qids, guint, i);

        *only_admin = *only_admin && qid == 0;
        g_string_append_printf(text, "%sqid==%u", i ? "||" : "", qid);
    }
    return g_string_free(text, text->len == 0);
}
