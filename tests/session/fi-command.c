/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of a running machine; see fi-command.h.
 */
#include "fi-command.h"

#include "command-line.h"
#include "fi-complete.h"
#include "fi-words.h"
#include "json-util.h"
#include "machine.h"
#include "story.h"

#include <string.h>

#define DEVICE MACHINE_DEFAULT_CONTROLLER

typedef struct Request {
    Qmp *qmp;
    void (*reply)(void *opaque, JsonNode *answer);
    void *opaque;
    gint64 since;
    char *line;             /* that is to be completed */
} Request;

/* Ends @request. */
static void answer(Request *request, const char *text, int status,
                   gint64 next)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    JsonObject *object = json_object_new();

    json_object_set_string_member(object, "text", text);
    json_object_set_int_member(object, "status", status);
    if (next >= 0) {
        json_object_set_int_member(object, "next", next);
    }
    json_node_take_object(node, object);
    request->reply(request->opaque, node);
    g_free(request->line);
    g_free(request);
}

static void refuse(Request *request, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void refuse(Request *request, const char *format, ...)
{
    g_autoptr(GString) text = g_string_new(NULL);
    va_list args;

    va_start(args, format);
    g_string_append_vprintf(text, format, args);
    va_end(args);
    /* the drive's own messages begin so */
    if (!g_str_has_prefix(text->str, "nvme-fi: ")) {
        g_string_prepend(text, "nvme-fi: ");
    }
    g_string_append_c(text, '\n');
    answer(request, text->str, 1, -1);
}

static void refuse_error(Request *request, JsonObject *error)
{
    const char *desc = json_util_string(error, "desc");

    refuse(request, "%s", desc ? desc : "QEMU gave no reason");
}

static JsonObject *device_arguments(void)
{
    JsonObject *arguments = json_object_new();

    json_object_set_string_member(arguments, "device", DEVICE);
    return arguments;
}

/* The human monitor prints errors as lines that begin so. */
static void on_printed(void *opaque, JsonNode *value, JsonObject *error)
{
    Request *request = opaque;
    const char *text = value ? json_node_get_string(value) : NULL;
    g_auto(GStrv) parts = g_strsplit(text ? text : "", "\r", -1);
    g_autofree char *plain = g_strjoinv("", parts);

    if (error) {
        refuse_error(request, error);
    } else if (g_str_has_prefix(plain, "Error: ")) {
        g_strchomp(plain);
        refuse(request, "%s", plain + strlen("Error: "));
    } else {
        answer(request, plain, 0, -1);
    }
}

/* The words become one line of the human monitor. */
static void print_of(Request *request, const char *command,
                     const char *const *words)
{
    g_autoptr(JsonObject) arguments = json_object_new();
    g_autoptr(GString) line = g_string_new(command);

    for (guint i = 0; words && words[i]; i++) {
        if (!words[i][0] || strpbrk(words[i], " \t\r\n\"\\")) {
            refuse(request, "'%s': a word has no blanks, quotes or "
                   "backslashes; members are joined by commas", words[i]);
            return;
        }
        g_string_append_printf(line, " %s", words[i]);
    }
    json_object_set_string_member(arguments, "command-line", line->str);
    qmp_execute(request->qmp, "human-monitor-command", arguments, on_printed,
                request);
}

static void on_added(void *opaque, JsonNode *value, JsonObject *error)
{
    Request *request = opaque;
    g_autoptr(GString) text = g_string_new(NULL);
    JsonArray *ids = value && JSON_NODE_HOLDS_OBJECT(value) ?
        json_util_array(json_node_get_object(value), "ids") : NULL;

    if (error) {
        refuse_error(request, error);
        return;
    }
    for (guint i = 0; ids && i < json_array_get_length(ids); i++) {
        g_string_append_printf(text, "%s\n",
                               json_util_element_string(ids, i));
    }
    answer(request, text->str, 0, -1);
}

static void add_file(Request *request, const char *name, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(JsonArray) rules = story_parse_rules(name, text, &error);
    g_autoptr(JsonObject) arguments = NULL;

    if (!rules) {
        refuse(request, "%s", error->message);
        return;
    }
    arguments = device_arguments();
    json_object_set_array_member(arguments, "rules",
                                 g_steal_pointer(&rules));
    qmp_execute(request->qmp, "nvme-fi-add", arguments, on_added, request);
}

static void do_add(Request *request, const char *const *words,
                   JsonObject *arguments)
{
    const char *file = json_util_string(arguments, "file");
    const char *const rule[] = { DEVICE, words[0], NULL };

    if (file) {
        add_file(request, words[0], file);
    } else {
        print_of(request, "nvme_fi_add", rule);
    }
}

static void on_json(void *opaque, JsonNode *value, JsonObject *error)
{
    Request *request = opaque;
    g_autofree char *text = value ? json_util_node_text(value) : NULL;
    g_autofree char *line = g_strconcat(text ? text : "", "\n", NULL);

    if (error) {
        refuse_error(request, error);
    } else {
        answer(request, line, 0, -1);
    }
}

static void do_list(Request *request, const char *const *words,
                    G_GNUC_UNUSED JsonObject *arguments)
{
    const char *const device[] = { DEVICE, NULL };
    g_autoptr(JsonObject) query = device_arguments();

    if (!words[0]) {
        print_of(request, "info nvme_fi", device);
    } else {
        qmp_execute(request->qmp, "query-nvme-fi", query, on_json, request);
    }
}

static void on_removed(void *opaque, G_GNUC_UNUSED JsonNode *value,
                       JsonObject *error)
{
    Request *request = opaque;

    if (error) {
        refuse_error(request, error);
    } else {
        answer(request, "", 0, -1);
    }
}

static void do_rm(Request *request, const char *const *words,
                  G_GNUC_UNUSED JsonObject *arguments)
{
    g_autoptr(JsonObject) query = device_arguments();
    JsonArray *ids = json_array_new();

    for (guint i = 0; words[i]; i++) {
        json_array_add_string_element(ids, words[i]);
    }
    json_object_set_array_member(query, "ids", ids);
    qmp_execute(request->qmp, "nvme-fi-remove", query, on_removed, request);
}

static void do_clear(Request *request,
                     G_GNUC_UNUSED const char *const *words,
                     G_GNUC_UNUSED JsonObject *arguments)
{
    g_autoptr(JsonObject) query = device_arguments();

    qmp_execute(request->qmp, "nvme-fi-clear", query, on_removed, request);
}

static void do_trigger(Request *request, const char *const *words,
                       G_GNUC_UNUSED JsonObject *arguments)
{
    const char *const line[] = { DEVICE, words[0], NULL };

    print_of(request, "nvme_fi_trigger", line);
}

static void do_release(Request *request, const char *const *words,
                       G_GNUC_UNUSED JsonObject *arguments)
{
    const char *const line[] = { DEVICE, words[0], NULL };

    print_of(request, "nvme_fi_release", line);
}

static void on_log(void *opaque, JsonNode *value, JsonObject *error)
{
    Request *request = opaque;
    JsonObject *log = value && JSON_NODE_HOLDS_OBJECT(value) ?
                      json_node_get_object(value) : NULL;
    JsonArray *commands = json_util_array(log, "commands");
    g_autoptr(GString) text = g_string_new(NULL);
    gint64 next = 1;
    gint64 lost = 0;

    if (error) {
        refuse_error(request, error);
        return;
    }
    json_util_int(log, "next", &next);
    if (json_util_int(log, "lost", &lost) && lost > 0 && request->since > 0) {
        g_string_append_printf(text, "... %" G_GINT64_FORMAT " commands are "
                               "not in the drive's log any more\n", lost);
    }
    for (guint i = 0; request->since > 0 && commands &&
         i < json_array_get_length(commands); i++) {
        command_line_add(text, json_util_element_object(commands, i));
    }
    answer(request, text->str, 0, next);
}

/* Only commands that match a rule are in the log; with since = -1 from now
 * on. */
static void do_watch(Request *request,
                     G_GNUC_UNUSED const char *const *words,
                     JsonObject *arguments)
{
    g_autoptr(JsonObject) query = device_arguments();

    request->since = -1;
    json_util_int(arguments, "since", &request->since);
    json_object_set_int_member(query, "since", MAX(request->since, 1));
    qmp_execute(request->qmp, "query-nvme-fi-log", query, on_log, request);
}

/* The last word is to be the id of a rule, of which 'list' tells. */
static void on_listed(void *opaque, JsonNode *value,
                      G_GNUC_UNUSED JsonObject *error)
{
    Request *request = opaque;
    const char *listed = value ? json_node_get_string(value) : NULL;
    g_autofree char *text = fi_complete(request->line, listed ? listed : "");

    answer(request, text, 0, -1);
}

/* TAB in the guest's shell: see tests/guest/session/rules.c. */
static void complete(Request *request, const char *line)
{
    g_autoptr(JsonObject) arguments = json_object_new();
    g_autofree char *text = fi_complete(line, NULL);

    if (text) {
        answer(request, text, 0, -1);
        return;
    }
    request->line = g_strdup(line);
    json_object_set_string_member(arguments, "command-line",
                                  "info nvme_fi " DEVICE);
    qmp_execute(request->qmp, "human-monitor-command", arguments, on_listed,
                request);
}

static const struct {
    const char *name;
    void (*run)(Request *request, const char *const *words,
                JsonObject *arguments);
} commands[] = {
    { "add", do_add }, { "list", do_list }, { "rm", do_rm },
    { "clear", do_clear }, { "trigger", do_trigger },
    { "release", do_release }, { "watch", do_watch },
};

static GStrv get_words(JsonObject *arguments)
{
    JsonArray *array = json_util_array(arguments, "argv");
    guint count = array ? json_array_get_length(array) : 0;
    GStrv words = g_new0(char *, count + 1);

    for (guint i = 0; i < count; i++) {
        const char *word = json_util_element_string(array, i);

        words[i] = g_strdup(word ? word : "");
    }
    return words;
}

void fi_command(Qmp *qmp, JsonObject *arguments,
                void (*reply)(void *opaque, JsonNode *answer), void *opaque)
{
    g_auto(GStrv) words = get_words(arguments);
    const char *line = json_util_string(arguments, "complete");
    g_autoptr(GError) error = NULL;
    Request *request = g_new0(Request, 1);

    request->qmp = qmp;
    request->reply = reply;
    request->opaque = opaque;
    if (line) {
        complete(request, line);
        return;
    }
    if (fi_words_help((const char *const *)words)) {
        answer(request, FI_WORDS_USAGE, 0, -1);
        return;
    }
    if (!fi_words_check((const char *const *)words, &error)) {
        refuse(request, "%s", error->message);
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (g_str_equal(words[0], commands[i].name)) {
            commands[i].run(request, (const char *const *)words + 1,
                            arguments);
        }
    }
}
