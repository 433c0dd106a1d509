/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the guest of a session is told and asks for; see session-internal.h.
 */
#include "session-internal.h"

#include "fi-command.h"
#include "json-util.h"

#include <string.h>
#include <unistd.h>

/* The job */

static void add_strings(JsonObject *job, const char *name, char **strings)
{
    for (guint i = 0; strings[i]; i++) {
        g_autofree char *key = g_strdup_printf("%s%u", name, i);

        json_object_set_string_member(job, key, strings[i]);
    }
}

static void add_environment(JsonObject *job, bool shell)
{
    const char *term = g_getenv("TERM");
    g_autofree char *term_line = g_strdup_printf("TERM=%s",
                                                 term ? term : "dumb");
    char *const env[] = {
        (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
        "/sbin:/bin", (char *)"HOME=/root", (char *)"LANG=C.UTF-8",
        (char *)"NVME_FI_DISK=/dev/nvme0n1", term_line,
        shell ? (char *)"PS1=nvme-fi:\\w# " : NULL,
        /* bash reads it before its first prompt, and then forgets it */
        shell ? (char *)"PROMPT_COMMAND=complete -o nospace -o default "
        "-C 'rules complete' rules; unset PROMPT_COMMAND" : NULL, NULL,
    };

    add_strings(job, "env", (char **)env);
}

static JsonNode *make_job(Session *session)
{
    const SessionOptions *o = session->options;
    JsonObject *job = json_object_new();
    JsonNode *node = json_node_new(JSON_NODE_OBJECT);
    g_autofree char *cwd = g_get_current_dir();
    int rows, cols;

    streams_tty_size(&rows, &cols);
    json_object_set_string_member(job, "case", session->name);
    json_object_set_string_member(job, "path", o->path);
    json_object_set_string_member(job, "cwd", o->shell ? "/root" : cwd);
    json_object_set_string_member(job, "disk", "/dev/nvme0n1");
    json_object_set_boolean_member(job, "tty", o->shell);
    json_object_set_boolean_member(job, "input",
                                   o->shell || !isatty(STDIN_FILENO));
    json_object_set_int_member(job, "rows", rows);
    json_object_set_int_member(job, "cols", cols);
    json_object_set_int_member(job, "timeout", o->timeout);
    add_strings(job, "arg", o->program);
    add_environment(job, o->shell);
    json_node_take_object(node, job);
    return node;
}

/* The rules */

static JsonObject *rules_arguments(Session *session)
{
    JsonObject *arguments = json_object_new();

    json_object_set_string_member(arguments, "device",
                                  MACHINE_DEFAULT_CONTROLLER);
    json_object_set_array_member(arguments, "rules",
                                 json_array_ref(session->story->rules));
    return arguments;
}

static bool has_late_rules(Session *session)
{
    return !session->story->early &&
           json_array_get_length(session->story->rules) > 0;
}

static void answer_nothing(Session *session)
{
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);

    json_node_take_object(node, json_object_new());
    boot_answer(session->boot, node, NULL);
}

static void on_armed(void *opaque, JsonNode *value, JsonObject *error)
{
    Session *session = opaque;

    boot_answer(session->boot, value,
                error ? json_util_string(error, "desc") : NULL);
}

static void arm(Session *session)
{
    g_autoptr(JsonObject) arguments = NULL;

    if (!has_late_rules(session)) {
        answer_nothing(session);
        return;
    }
    arguments = rules_arguments(session);
    qmp_execute(boot_qmp(session->boot), "nvme-fi-add", arguments, on_armed,
                session);
}

static void on_tried(void *opaque, G_GNUC_UNUSED JsonNode *value,
                     JsonObject *error)
{
    Session *session = opaque;

    if (error) {
        boot_refuse(session->boot, json_util_string(error, "desc"));
    }
}

static void on_ignored(G_GNUC_UNUSED void *opaque,
                       G_GNUC_UNUSED JsonNode *value,
                       G_GNUC_UNUSED JsonObject *error)
{
}

void session_try_rules(Session *session)
{
    g_autoptr(JsonObject) arguments = rules_arguments(session);
    g_autoptr(JsonObject) device = json_object_new();
    Qmp *qmp = boot_qmp(session->boot);

    json_object_set_string_member(device, "device",
                                  MACHINE_DEFAULT_CONTROLLER);
    if (has_late_rules(session)) {
        qmp_execute(qmp, "nvme-fi-add", arguments, on_tried, session);
        qmp_execute(qmp, "nvme-fi-clear", device, on_ignored, session);
    }
}

/* What the guest says */

char *session_on_hello(void *opaque, const char *kernel,
                       G_GNUC_UNUSED gint64 cases,
                       G_GNUC_UNUSED bool expectations)
{
    Session *session = opaque;

    g_free(session->kernel);
    session->kernel = g_strdup(kernel);
    return NULL;
}

void session_on_begin(void *opaque, G_GNUC_UNUSED guint ordinal,
                      G_GNUC_UNUSED const char *name)
{
    Session *session = opaque;

    session->begun = true;
}

static void on_fi(void *opaque, JsonNode *answer)
{
    Session *session = opaque;

    boot_answer(session->boot, answer, NULL);
}

void session_on_request(void *opaque, const char *command,
                        JsonObject *arguments)
{
    Session *session = opaque;

    if (g_str_equal(command, "session-job")) {
        g_autoptr(JsonNode) job = make_job(session);

        boot_answer(session->boot, job, NULL);
    } else if (g_str_equal(command, "session-arm")) {
        arm(session);
    } else if (g_str_equal(command, "session-fi")) {
        fi_command(boot_qmp(session->boot), arguments, on_fi, session);
    } else {
        boot_answer(session->boot, NULL, "no such request");
    }
}
