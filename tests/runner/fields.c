/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading records for people; see fields.h.
 */
#include "fields.h"

#include "json-util.h"

/* Bits of a status as in the CQE without the phase bit (design: "status"). */
#define STATUS_CODE 0x7ff
#define STATUS_CRD_SHIFT 11
#define STATUS_MORE 0x2000
#define STATUS_DNR 0x4000

char *fields_status_text(gint64 status)
{
    GString *text = g_string_new(NULL);
    gint64 crd = (status >> STATUS_CRD_SHIFT) & 3;

    g_string_printf(text, "0x%x (SCT %x, SC %02xh", (guint)status,
                    (guint)(status >> 8) & 7, (guint)status & 0xff);
    if (crd) {
        g_string_append_printf(text, ", CRD %d", (int)crd);
    }
    if (status & STATUS_MORE) {
        g_string_append(text, ", More");
    }
    if (status & STATUS_DNR) {
        g_string_append(text, ", DNR");
    }
    g_string_append_c(text, ')');
    return g_string_free(text, FALSE);
}

static bool number_from_text(const char *text, gint64 *number)
{
    char *end;
    guint64 value;

    if (!text || !g_ascii_isdigit(text[0])) {
        return false;
    }
    value = g_ascii_strtoull(text, &end, 0);
    if (*end) {
        return false;
    }
    *number = value;
    return true;
}

/* The status of the last command on the wire, else FIELDS_NO_STATUS. */
static gint64 wire_status(JsonObject *record)
{
    JsonArray *commands =
        json_util_array(json_util_object(record, "device"), "commands");
    guint count = commands ? json_array_get_length(commands) : 0;
    gint64 status = FIELDS_NO_STATUS;

    if (count > 0) {
        json_util_int(json_util_element_object(commands, count - 1),
                      "status", &status);
    }
    return status;
}

static void read_status(Fields *fields, JsonObject *record)
{
    JsonObject *stimulus = json_util_object(record, "stimulus");
    const char *text = json_util_string(stimulus, "status");
    const char *name = json_util_string(stimulus, "status-name");
    gint64 number;

    if (json_util_int(stimulus, "status", &number) ||
        number_from_text(text, &number)) {
        text = NULL;
    } else {
        number = text ? wire_status(record) : FIELDS_NO_STATUS;
    }
    fields->number = number < 0 ? FIELDS_NO_STATUS : number & STATUS_CODE;
    fields->status = name ? name : text ? text : "";
}

static char *result_text(JsonObject *record)
{
    JsonObject *result = json_util_object(record, "result");
    const char *errno_name = json_util_string(result, "errno");
    const char *signal = json_util_string(result, "signal");
    JsonObject *stimulus = json_util_object(record, "stimulus");
    gint64 status;
    gint64 value;

    if (signal) {
        return g_strdup(signal);
    }
    if (errno_name) {
        return g_strdup(errno_name);
    }
    if (!json_util_int(result, "value", &value)) {
        return g_strdup("-");
    }
    /* Passthrough hands the status itself to the program. */
    if (json_util_int(stimulus, "status", &status) && value > 0 &&
        (status & STATUS_CODE) != 0 &&
        (value & STATUS_CODE) == (status & STATUS_CODE)) {
        return g_strdup("the status");
    }
    return g_strdup("ok");
}

void fields_read(Fields *fields, JsonObject *record)
{
    JsonArray *commands =
        json_util_array(json_util_object(record, "device"), "commands");
    const char *block = json_util_string(json_util_object(record, "block"),
                                         "status");

    *fields = (Fields) {
        .name = json_util_string(record, "case"),
        .verdict = json_util_string(record, "verdict"),
        .reason = json_util_string(record, "reason"),
        .repro = json_util_string(record, "repro"),
        .block = block ? block : "-",
        .result = result_text(record),
        .wire = commands ? json_array_get_length(commands) : 0,
    };
    read_status(fields, record);
}

void fields_clear(Fields *fields)
{
    g_clear_pointer(&fields->result, g_free);
}
