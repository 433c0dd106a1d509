/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comparison and verdict; see judge.h.
 */
#include "judge.h"

#include "json-util.h"

#include <string.h>

const char *verdict_name(Verdict verdict)
{
    static const char *const names[VERDICT_COUNT] = {
        [VERDICT_PASS] = "pass",
        [VERDICT_FAIL] = "fail",
        [VERDICT_SKIP] = "skip",
        [VERDICT_ERROR] = "error",
        [VERDICT_TIMEOUT] = "timeout",
    };

    return names[verdict];
}

static void add_clause(GString *why, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void add_clause(GString *why, const char *format, ...)
{
    va_list args;

    if (why->len > 0) {
        g_string_append(why, "; ");
    }
    va_start(args, format);
    g_string_append_vprintf(why, format, args);
    va_end(args);
}

static bool compare_objects(const char *path, JsonObject *actual,
                            JsonObject *expected, GString *why)
{
    g_autoptr(GList) names = json_object_get_members(expected);
    bool same = true;

    for (GList *name = names; name; name = name->next) {
        g_autofree char *below =
            path[0] ? g_strdup_printf("%s.%s", path, (char *)name->data) :
            g_strdup(name->data);

        same &= judge_compare(below,
                              json_object_get_member(actual, name->data),
                              json_object_get_member(expected, name->data),
                              why);
    }
    return same;
}

static bool compare_arrays(const char *path, JsonArray *actual,
                           JsonArray *expected, GString *why)
{
    guint got = json_array_get_length(actual);
    guint want = json_array_get_length(expected);
    bool same = got == want;

    if (!same) {
        add_clause(why, "%s: got %u elements, expected %u", path, got, want);
        return false;
    }
    for (guint i = 0; i < want; i++) {
        g_autofree char *below = g_strdup_printf("%s[%u]", path, i);

        same &= judge_compare(below, json_array_get_element(actual, i),
                              json_array_get_element(expected, i), why);
    }
    return same;
}

/* A text against the substrings that it must hold. */
static bool compare_line(const char *path, JsonNode *actual,
                         JsonArray *substrings, GString *why)
{
    const char *line = json_node_get_string(actual);
    bool same = true;

    for (guint i = 0; i < json_array_get_length(substrings); i++) {
        const char *want = json_util_element_string(substrings, i);

        if (!want || !strstr(line, want)) {
            add_clause(why, "%s: got \"%s\", expected it to hold \"%s\"",
                       path, line, want ? want : "(not a string)");
            same = false;
        }
    }
    return same;
}

static bool is_text(JsonNode *node)
{
    return JSON_NODE_HOLDS_VALUE(node) &&
           json_node_get_value_type(node) == G_TYPE_STRING;
}

static bool compare_values(const char *path, JsonNode *actual,
                           JsonNode *expected, GString *why)
{
    g_autofree char *got = json_util_node_text(actual);
    g_autofree char *want = json_util_node_text(expected);

    if (actual && json_node_equal(actual, expected)) {
        return true;
    }
    add_clause(why, "%s: got %s, expected %s", path, got, want);
    return false;
}

static bool is_number(JsonNode *node)
{
    return node && JSON_NODE_HOLDS_VALUE(node) &&
           json_node_get_value_type(node) == G_TYPE_INT64;
}

/* True for {"min": n}, {"max": n} and both. */
static bool is_bounds(JsonNode *node)
{
    JsonObject *object = JSON_NODE_HOLDS_OBJECT(node) ?
                         json_node_get_object(node) : NULL;
    guint found = 0;

    if (object) {
        found += is_number(json_object_get_member(object, "min"));
        found += is_number(json_object_get_member(object, "max"));
    }
    return found > 0 && found == json_object_get_size(object);
}

static bool within(gint64 number, JsonObject *bounds)
{
    gint64 min = number;
    gint64 max = number;

    json_util_int(bounds, "min", &min);
    json_util_int(bounds, "max", &max);
    return number >= min && number <= max;
}

static bool compare_bounds(const char *path, JsonNode *actual,
                           JsonNode *expected, GString *why)
{
    g_autofree char *want = json_util_node_text(expected);
    gint64 number = json_node_get_int(actual);

    if (within(number, json_node_get_object(expected))) {
        return true;
    }
    add_clause(why, "%s: got %" G_GINT64_FORMAT ", expected %s", path,
               number, want);
    return false;
}

bool judge_compare(const char *path, JsonNode *actual, JsonNode *expected,
                   GString *why)
{
    if (is_number(actual) && is_bounds(expected)) {
        return compare_bounds(path, actual, expected, why);
    }
    if (actual && JSON_NODE_HOLDS_OBJECT(expected) &&
        JSON_NODE_HOLDS_OBJECT(actual)) {
        return compare_objects(path, json_node_get_object(actual),
                               json_node_get_object(expected), why);
    }
    if (actual && JSON_NODE_HOLDS_ARRAY(expected) &&
        JSON_NODE_HOLDS_ARRAY(actual)) {
        return compare_arrays(path, json_node_get_array(actual),
                              json_node_get_array(expected), why);
    }
    if (actual && is_text(actual) && JSON_NODE_HOLDS_ARRAY(expected)) {
        return compare_line(path, actual, json_node_get_array(expected),
                            why);
    }
    return compare_values(path, actual, expected, why);
}

static gint64 member_hits(JsonObject *object)
{
    gint64 hits = -1;

    json_util_int(json_util_object(object, "device"), "hits", &hits);
    return hits;
}

static bool has_rules(JsonObject *record)
{
    JsonArray *rules = json_util_array(record, "rules");

    return rules && json_array_get_length(rules) > 0;
}

/*
 * A forbidden command came, or an expected one did not: the rules are named,
 * unless the case expects just that.
 */
static bool judge_violations(const JudgeInput *input, GString *why)
{
    JsonObject *device = json_util_object(input->record, "device");
    JsonObject *expected = json_util_object(
        json_util_object(input->record, "expected"), "device");
    JsonArray *violated = json_util_array(device, "violations");
    guint count = violated ? json_array_get_length(violated) : 0;

    if (count == 0 || json_util_array(expected, "violations")) {
        return true;
    }
    for (guint i = 0; i < count; i++) {
        const char *id = json_util_element_string(violated, i);

        add_clause(why, "rule '%s' is violated: what it forbids came, or "
                   "what it expects did not", id ? id : "?");
    }
    return false;
}

/* "hits" as bounds. */
static bool judge_hit_bounds(const JudgeInput *input, JsonObject *bounds,
                             GString *why)
{
    gint64 got = member_hits(input->record);
    g_autofree char *want = json_util_object_text(bounds);

    if (within(got, bounds)) {
        return true;
    }
    add_clause(why, "device.hits: got %" G_GINT64_FORMAT ", expected %s",
               got, want);
    return false;
}

/* The hits on their own; sets @why when they are not as they should be. */
static bool judge_hits(const JudgeInput *input, GString *why)
{
    gint64 got = member_hits(input->record);
    gint64 want = member_hits(json_util_object(input->record, "expected"));
    JsonObject *bounds = json_util_object(
        json_util_object(json_util_object(input->record, "expected"),
                         "device"), "hits");

    if (bounds) {
        return judge_hit_bounds(input, bounds, why);
    }
    if (got == 0 && (want > 0 || (want < 0 && has_rules(input->record)))) {
        add_clause(why, "no hit: %" G_GINT64_FORMAT " commands matched the "
                   "rules of this case and none was acted on",
                   input->matches);
        return false;
    }
    if (want >= 0 && got != want) {
        add_clause(why, "device.hits: got %" G_GINT64_FORMAT
                   ", expected %" G_GINT64_FORMAT, got, want);
        return false;
    }
    if (want < 0 && !input->observe) {
        add_clause(why, "the expectation lacks device.hits: nothing would "
                   "prove that the fault happened");
        return false;
    }
    return true;
}

static bool judge_guest(const JudgeInput *input, GString *why)
{
    JsonObject *expected = json_util_object(input->record, "expected");
    g_autoptr(GList) names = json_object_get_members(expected);
    guint seen_by_guest = 0;
    bool same = true;

    for (GList *name = names; name; name = name->next) {
        JsonNode *want = json_object_get_member(expected, name->data);
        JsonNode *got = json_object_get_member(input->record, name->data);

        if (!g_str_equal(name->data, "device")) {
            seen_by_guest++;
        }
        same &= judge_compare(name->data, got, want, why);
    }
    if (seen_by_guest == 0) {
        add_clause(why, "the expectation names nothing that the guest sees");
        return false;
    }
    return same;
}

Verdict judge_case(const JudgeInput *input, char **reason)
{
    g_autoptr(GString) why = g_string_new(NULL);
    Verdict verdict = VERDICT_PASS;

    if (input->skip) {
        g_string_assign(why, input->skip);
        verdict = VERDICT_SKIP;
    } else if (input->gap) {
        g_string_assign(why, input->gap);
        verdict = VERDICT_ERROR;
    } else if (!input->observe &&
               !json_util_object(input->record, "expected")) {
        g_string_assign(why, "the guest gave no expectation");
        verdict = VERDICT_ERROR;
    } else if (!judge_violations(input, why) || !judge_hits(input, why)) {
        verdict = VERDICT_FAIL;
    } else if (input->observe) {
        g_string_assign(why, JUDGE_OBSERVED);
        verdict = VERDICT_SKIP;
    } else if (!judge_guest(input, why)) {
        verdict = VERDICT_FAIL;
    }
    *reason = g_strdup(why->str);
    return verdict;
}
