/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An output visitor for key=value text.
 */
#include "qemu/osdep.h"
#include "qapi/visitor-impl.h"
#include "print.h"

typedef struct Printer {
    Visitor visitor;
    GString *out;
    GString *prefix;            /* of the keys: "trigger.0." */
    GArray *lengths;            /* of the prefixes of the structs and lists
                                   around */
    GArray *indices;            /* of the lists around: the next element */
} Printer;

static Printer *printer(Visitor *v)
{
    return container_of(v, Printer, visitor);
}

/* The elements of a list have no name, but a number. */
static void append_name(Printer *p, GString *to, const char *name)
{
    if (name) {
        g_string_append(to, name);
    } else if (p->indices->len) {
        unsigned *next = &g_array_index(p->indices, unsigned,
                                        p->indices->len - 1);

        g_string_append_printf(to, "%u", (*next)++);
    }
}

static void G_GNUC_PRINTF(3, 4)
print_member(Visitor *v, const char *name, const char *format, ...)
{
    Printer *p = printer(v);
    va_list ap;

    if (p->out->len) {
        g_string_append_c(p->out, ',');
    }
    g_string_append(p->out, p->prefix->str);
    append_name(p, p->out, name);
    g_string_append_c(p->out, '=');
    va_start(ap, format);
    g_string_append_vprintf(p->out, format, ap);
    va_end(ap);
}

static void enter(Printer *p, const char *name)
{
    unsigned length = p->prefix->len;

    g_array_append_val(p->lengths, length);
    append_name(p, p->prefix, name);
    if (p->prefix->len > length) {
        g_string_append_c(p->prefix, '.');
    }
}

static void leave(Printer *p)
{
    unsigned *length = &g_array_index(p->lengths, unsigned,
                                      p->lengths->len - 1);

    g_string_truncate(p->prefix, *length);
    g_array_set_size(p->lengths, p->lengths->len - 1);
}

static bool start_struct(Visitor *v, const char *name, void **obj,
                         size_t size, Error **errp)
{
    enter(printer(v), name);
    return true;
}

static void end_struct(Visitor *v, void **obj)
{
    leave(printer(v));
}

static bool start_list(Visitor *v, const char *name, GenericList **list,
                       size_t size, Error **errp)
{
    unsigned first = 0;

    enter(printer(v), name);
    g_array_append_val(printer(v)->indices, first);
    return true;
}

static GenericList *next_list(Visitor *v, GenericList *tail, size_t size)
{
    return tail->next;
}

static void end_list(Visitor *v, void **list)
{
    Printer *p = printer(v);

    g_array_set_size(p->indices, p->indices->len - 1);
    leave(p);
}

static bool type_int64(Visitor *v, const char *name, int64_t *obj,
                       Error **errp)
{
    print_member(v, name, "%" PRId64, *obj);
    return true;
}

static bool type_uint64(Visitor *v, const char *name, uint64_t *obj,
                        Error **errp)
{
    print_member(v, name, "%" PRIu64, *obj);
    return true;
}

static bool type_bool(Visitor *v, const char *name, bool *obj, Error **errp)
{
    print_member(v, name, "%s", *obj ? "on" : "off");
    return true;
}

/* A comma in a value is written twice. */
static bool type_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    g_auto(GStrv) parts = g_strsplit(*obj ?: "", ",", -1);
    g_autofree char *value = g_strjoinv(",,", parts);

    print_member(v, name, "%s", value);
    return true;
}

static bool type_number(Visitor *v, const char *name, double *obj,
                        Error **errp)
{
    char value[G_ASCII_DTOSTR_BUF_SIZE];

    print_member(v, name, "%s", g_ascii_dtostr(value, sizeof(value), *obj));
    return true;
}

static void print_free(Visitor *v)
{
    Printer *p = printer(v);

    g_string_free(p->prefix, true);
    g_array_unref(p->lengths);
    g_array_unref(p->indices);
    g_free(p);
}

static void print_complete(Visitor *v, void *opaque)
{
}

Visitor *nvme_fi_print_visitor(GString *out)
{
    Printer *p = g_new(Printer, 1);

    *p = (Printer) {
        .visitor = {
            .type = VISITOR_OUTPUT,
            .start_struct = start_struct,
            .end_struct = end_struct,
            .start_list = start_list,
            .next_list = next_list,
            .end_list = end_list,
            .type_int64 = type_int64,
            .type_uint64 = type_uint64,
            .type_bool = type_bool,
            .type_str = type_str,
            .type_number = type_number,
            .complete = print_complete,
            .free = print_free,
        },
        .out = out,
        .prefix = g_string_new(""),
        .lengths = g_array_new(false, false, sizeof(unsigned)),
        .indices = g_array_new(false, false, sizeof(unsigned)),
    };
    return &p->visitor;
}
