/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a fault, layer by layer; see render.h.
 */
#include "render.h"

#include "fields.h"
#include "json-util.h"
#include "render-group.h"

#include <string.h>

static void add_line(GString *text, const char *layer, const char *what)
{
    g_string_append_printf(text, "  %-8s %s\n", layer, what);
}

/* "name=value,..." of the members that do not differ from case to case. */
static char *rule_text(JsonObject *rule)
{
    static const char *const own[] = {
        "id", "slba", "nlb", "nsid", "opcode", "queue", NULL,
    };
    GString *text = g_string_new(NULL);
    g_autoptr(GList) names = json_object_get_members(rule);

    for (GList *name = names; name; name = name->next) {
        JsonNode *node = json_object_get_member(rule, name->data);
        const char *plain = json_util_string(rule, name->data);
        g_autofree char *value = plain ? g_strdup(plain) :
                                 json_util_node_text(node);

        if (!g_strv_contains(own, name->data)) {
            g_string_append_printf(text, "%s%s=%s", text->len ? "," : "",
                                   (char *)name->data, value);
        }
    }
    return g_string_free(text, FALSE);
}

static void add_rules(GString *text, JsonObject *record)
{
    JsonArray *rules = json_util_array(record, "rules");

    for (guint i = 0; rules && i < json_array_get_length(rules); i++) {
        JsonObject *rule = json_util_element_object(rules, i);
        g_autofree char *what = rule ? rule_text(rule) : NULL;

        if (what) {
            add_line(text, "rule", what);
        }
    }
}

/* Adds a line, or counts it when it is the same as the one before. */
static void add_repeated(GPtrArray *lines, GArray *counts, char *line)
{
    guint last = lines->len - 1;
    guint one = 1;

    if (lines->len > 0 && g_str_equal(g_ptr_array_index(lines, last), line)) {
        g_array_index(counts, guint, last)++;
        g_free(line);
    } else {
        g_ptr_array_add(lines, line);
        g_array_append_val(counts, one);
    }
}

static void flush_repeated(GString *text, const char *layer,
                           GPtrArray *lines, GArray *counts)
{
    for (guint i = 0; i < lines->len; i++) {
        guint times = g_array_index(counts, guint, i);
        g_autofree char *what =
            times == 1 ? g_strdup(g_ptr_array_index(lines, i)) :
            g_strdup_printf("%s, %u times",
                            (char *)g_ptr_array_index(lines, i), times);

        add_line(text, layer, what);
    }
}

static char *command_text(JsonObject *command)
{
    g_autofree char *status = NULL;
    gint64 opcode = 0;
    gint64 number;

    json_util_int(command, "opcode", &opcode);
    if (!json_util_int(command, "status", &number)) {
        return g_strdup_printf("opcode 0x%02x: no CQE", (guint)opcode);
    }
    status = fields_status_text(number);
    return g_strdup_printf("opcode 0x%02x: CQE status %s, command %s",
                           (guint)opcode, status,
                           json_util_bool(command, "executed", false) ?
                           "executed" : "not executed");
}

static char *completion_text(JsonObject *completion)
{
    gint64 status = 0;
    gint64 retries = 0;

    json_util_int(completion, "status", &status);
    json_util_int(completion, "retries", &retries);
    return g_strdup_printf("nvme_complete_rq status=0x%x retries=%d",
                           (guint)status, (int)retries);
}

static void add_each(GString *text, const char *layer, JsonArray *array,
                     char *(*describe)(JsonObject *object))
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(guint));

    for (guint i = 0; array && i < json_array_get_length(array); i++) {
        JsonObject *object = json_util_element_object(array, i);

        if (object) {
            add_repeated(lines, counts, describe(object));
        }
    }
    flush_repeated(text, layer, lines, counts);
}

static void add_block(GString *text, JsonObject *record)
{
    JsonObject *block = json_util_object(record, "block");
    const char *status = json_util_string(block, "status");
    const char *errno_name = json_util_string(block, "errno");
    gint64 requeues = 0;
    g_autofree char *what = NULL;

    json_util_int(block, "requeues", &requeues);
    what = g_strdup_printf("%s%s -> %s, %d requeues",
                           status ? "BLK_STS_" : "", status ? status :
                           "no request ended",
                           errno_name ? errno_name : "no error",
                           (int)requeues);
    add_line(text, "block", what);
}

/* All that makes two chains the same, except the kernel log. */
static char *chain_text(JsonObject *record)
{
    GString *text = g_string_new(NULL);
    Fields fields;

    fields_read(&fields, record);
    add_rules(text, record);
    add_each(text, "wire",
             json_util_array(json_util_object(record, "device"),
                             "commands"), command_text);
    add_each(text, "driver",
             json_util_array(json_util_object(record, "driver"),
                             "completions"), completion_text);
    add_block(text, record);
    add_line(text, "program", fields.result);
    g_string_append_printf(text, "  %-8s %s%s%s\n", "verdict",
                           fields.verdict, fields.reason[0] ? ": " : "",
                           fields.reason);
    fields_clear(&fields);
    return g_string_free(text, FALSE);
}

static char *log_text(JsonObject *record)
{
    JsonArray *log = json_util_array(record, "log");
    GString *text = g_string_new(NULL);

    for (guint i = 0; log && i < json_array_get_length(log); i++) {
        add_line(text, i == 0 ? "log" : "",
                 json_util_element_string(log, i));
    }
    return g_string_free(text, FALSE);
}

char *render_chain_text(JsonObject *record)
{
    g_autofree char *chain = chain_text(record);
    g_autofree char *log = log_text(record);

    return g_strconcat(chain, log, NULL);
}

void render_chains(GPtrArray *records, FILE *out)
{
    g_autoptr(GPtrArray) groups = render_group(records, chain_text);

    for (guint i = 0; i < groups->len; i++) {
        RenderGroup *group = g_ptr_array_index(groups, i);
        g_autofree char *log = NULL;

        for (guint k = 0; k < group->records->len; k++) {
            fprintf(out, "%s\n",
                    json_util_string(g_ptr_array_index(group->records, k),
                                     "case"));
        }
        fputs(group->text, out);
        log = log_text(g_ptr_array_index(group->records, 0));
        fprintf(out, "%s\n", log);
    }
}
