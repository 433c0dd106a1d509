/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting the page together; see report-page.h.
 */
#include "report-page.h"

#include "json-util.h"
#include "report-resources.h"

#include <gio/gio.h>
#include <string.h>

#define FOLDER "/nvme-fi/report/"

/* What stands for @NAME@ in report.html. */
typedef struct Part {
    const char *name;
    char *text;
} Part;

enum { PART_CSP, PART_STYLE, PART_SCRIPT, PART_DATA, PART_COUNT };

/* In the order in which they run; main.js starts the page. */
static const char *const scripts[] = {
    "dom.js", "data.js", "state.js", "chain.js", "map.js", "keys.js",
    "list.js", "case.js", "compare.js", "main.js",
};

static void append_asset(GString *text, const char *name)
{
    g_autofree char *path = g_strconcat(FOLDER, name, NULL);
    g_autoptr(GBytes) bytes = g_resource_lookup_data(
        report_get_resource(), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    gsize size;
    const char *asset;

    g_assert(bytes);        /* it was there when this was built */
    asset = g_bytes_get_data(bytes, &size);
    g_string_append_len(text, asset, size);
}

/* As Content Security Policy Level 3 names the text of an element. */
static char *hash_source(const char *text)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize size = sizeof(digest);
    g_autofree char *base64 = NULL;

    g_checksum_update(checksum, (const guchar *)text, -1);
    g_checksum_get_digest(checksum, digest, &size);
    base64 = g_base64_encode(digest, size);
    return g_strdup_printf("'sha256-%s'", base64);
}

static char *policy(const char *style, const char *script)
{
    g_autofree char *style_hash = hash_source(style);
    g_autofree char *script_hash = hash_source(script);

    return g_strdup_printf("default-src 'none'; script-src %s; style-src %s; "
                           "base-uri 'none'; form-action 'none'",
                           script_hash, style_hash);
}

/*
 * '<' is all that can end a script element or begin a comment in it; in JSON
 * it stands in strings only.  What ends a line in JavaScript is escaped, too.
 */
static char *escaped_data(JsonObject *data)
{
    g_autofree char *plain = json_util_object_text(data);
    GString *text = g_string_new(NULL);

    for (const char *at = plain; *at; at++) {
        if (*at == '<') {
            g_string_append(text, "\\u003c");
        } else {
            g_string_append_c(text, *at);
        }
    }
    return g_string_free(text, FALSE);
}

static const char *part_text(const Part *parts, const char *name, gsize len)
{
    for (guint i = 0; i < PART_COUNT; i++) {
        if (strlen(parts[i].name) == len &&
            strncmp(parts[i].name, name, len) == 0) {
            return parts[i].text;
        }
    }
    return NULL;
}

/* One pass: what is put in is not looked at again. */
static char *fill_in(const char *frame, const Part *parts)
{
    GString *page = g_string_new(NULL);

    while (*frame) {
        const char *end = *frame == '@' ? strchr(frame + 1, '@') : NULL;
        const char *text = end ? part_text(parts, frame + 1,
                                           end - frame - 1) : NULL;

        if (text) {
            g_string_append(page, text);
            frame = end + 1;
        } else {
            g_string_append_c(page, *frame++);
        }
    }
    return g_string_free(page, FALSE);
}

char *report_page(JsonObject *data)
{
    g_autoptr(GString) frame = g_string_new(NULL);
    g_autoptr(GString) style = g_string_new(NULL);
    g_autoptr(GString) script = g_string_new(NULL);
    g_autofree char *csp = NULL;
    g_autofree char *json = escaped_data(data);
    Part parts[PART_COUNT] = {
        [PART_CSP] = { "CSP" }, [PART_STYLE] = { "STYLE" },
        [PART_SCRIPT] = { "SCRIPT" }, [PART_DATA] = { "DATA", json },
    };

    append_asset(frame, "report.html");
    append_asset(style, "report.css");
    for (guint i = 0; i < G_N_ELEMENTS(scripts); i++) {
        append_asset(script, scripts[i]);
    }
    csp = policy(style->str, script->str);
    parts[PART_CSP].text = csp;
    parts[PART_STYLE].text = style->str;
    parts[PART_SCRIPT].text = script->str;
    return fill_in(frame->str, parts);
}
