/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test counts calls of functions in lines as the kernel writes them, and
 * holds expectations of them to their form.
 */
#include <string.h>

#include "lib/functions.h"
#include "lib/needs.h"
#include "tap.h"

static Functions functions;

static void test_names(void)
{
    static const struct {
        const char *symbol;
        int place;
    } symbols[] = {
        { "one", 0 }, { "two", 1 }, { "three", 2 }, { "on", -1 },
        { "one.isra.0", 0 }, { "two.constprop.12", 1 },
        { "two.constprop.0.isra.0", 1 }, { "one.part.0", -1 },
        { "one.cold", -1 }, { "one.isra.", -1 }, { "one.isra.0.part.1", -1 },
        { "", -1 },
    };
    size_t i;

    for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        int got = functions_match(&functions, symbols[i].symbol,
                                  strlen(symbols[i].symbol));

        tap_ok(got == symbols[i].place, "symbol '%s' is %d: got %d",
               symbols[i].symbol, symbols[i].place, got);
    }
}

static void test_count(void)
{
    static const char text[] =
        "# tracer: function\n#\n"
        "# entries-in-buffer/entries-written: 5/5   #P:1\n"
        "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION: one <-x\n"
        "          <idle>-0       [000] d.h1.    1.000001: one <-caller\n"
        "  kworker/0:1H-85        [000] .....    1.000002: two.isra.0 <-one\n"
        "            cat: -7      [001] .....    1.000003: one <-two\n"
        "             cat-7       [001] .....    1.000004: one [mod] <-two "
        "[mod]\n"
        "             cat-7       [001] .....    1.000005: ones <-two\n"
        "             cat-7       [001] .....    1.000006: three <-two";
    FunctionCounts counts = { { 0, 4, FUNCTIONS_UNTRACED } };

    functions_count(&functions, text, &counts);
    tap_ok(counts.n[0] == 3, "calls, not callers and headers: got %ld",
           counts.n[0]);
    tap_ok(counts.n[1] == 5, "calls are added: got %ld", counts.n[1]);
    tap_ok(counts.n[2] == FUNCTIONS_UNTRACED, "what is not traced stays so");
}

static void test_lost(void)
{
    tap_ok(functions_lost("entries: 3\noverrun: 0\ncommit overrun: 0\n"
                          "bytes: 9\ndropped events: 0\nread events: 1\n")
           == 0, "nothing lost");
    tap_ok(functions_lost("overrun: 1\ncommit overrun: 20\n"
                          "dropped events: 300\n") == 321, "all three count");
    tap_ok(functions_lost("overrun: 0\n") == -1, "a file that says nothing");
}

static const char *expectation(const char *spec, Buf *buf)
{
    static const FunctionCounts counts = { { 1, 0, FUNCTIONS_UNTRACED } };

    buf_clear(buf);
    buf_puts(buf, "{");
    return functions_expect(&functions, &counts, spec, buf);
}

static void test_expect(void)
{
    static const char *const bad[] = {
        "four=1", "one", "one=", "one=x", "one>1", "one==1", "=1", "one=1x",
        "one=1,two=2", "one>=",
    };
    Buf buf = { 0 };
    size_t i;

    tap_ok(!expectation("one=2  two>=0 three=7", &buf) &&
           !strcmp(buf.data, "{\"functions\":{\"one\":2,"
                   "\"two\":{\"min\":0}}"), "numbers and bounds");
    tap_ok(!expectation("two<=12", &buf) &&
           !strcmp(buf.data, "{\"functions\":{\"two\":{\"max\":12}}"),
           "an upper bound");
    tap_ok(!expectation("", &buf) &&
           !strcmp(buf.data, "{\"functions\":{}"), "nothing expected");
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        tap_ok(expectation(bad[i], &buf), "'%s' is refused", bad[i]);
    }
    buf_free(&buf);
}

static void test_reached(void)
{
    static const FunctionCounts counts = { { 2, 0, FUNCTIONS_UNTRACED } };
    static const struct {
        const char *spec;
        bool reached;
    } specs[] = {
        { "", true }, { "one>=2", true }, { "one>=3", false },
        { "two>=1", false }, { "one>=1 two>=1", false },
        { "two>=1 one>=1", false }, { "two=5 one<=1 one>=2", true },
        { "two=5 two>=1", false }, { "three>=1", true },
    };
    size_t i;

    for (i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        tap_ok(functions_reached(&functions, &counts, specs[i].spec) ==
               specs[i].reached, "'%s' is%s reached", specs[i].spec,
               specs[i].reached ? "" : " not");
    }
}

static void test_reset(void)
{
    FunctionCounts counts = { { 3, 0, FUNCTIONS_UNTRACED } };
    Buf word = { 0 };

    functions_save(&functions, &counts, &word);
    functions.before.n[0] = functions.before.n[2] = 9;
    functions_restore(&functions, word.data);
    tap_ok(functions.before.n[0] == 3 && functions.before.n[1] == 0 &&
           functions.before.n[2] == 0, "calls of a phase come back: %s",
           word.data);
    functions_restore(&functions, "-");
    tap_ok(functions.before.n[0] == 0, "or there were none");
    buf_free(&word);
}

static void test_needs(void)
{
    static const char symbols[] =
        "ffffffff81000000 T nvme_init\nffffffff81000010 t late\t[mod]\n";
    const char *reason = NULL;

    tap_ok(needs_symbol_in(symbols, "nvme_init") &&
           needs_symbol_in(symbols, "late") &&
           !needs_symbol_in(symbols, "init") &&
           !needs_symbol_in(symbols, "nvme") && !needs_symbol_in("", "late"),
           "whole symbols only");
    tap_ok(needs_filesystem_in("nodev\tsysfs\n\text4\n", "ext4") &&
           needs_filesystem_in("nodev\tsysfs\n\text4\n", "sysfs") &&
           !needs_filesystem_in("\text4\n", "ext"), "whole names only");
    tap_ok(needs_met("CONFIG_NO_SUCH_THING", &reason) == -1 && !reason,
           "an option that is not in the table");
    tap_ok(needs_met("CONFIG_NVME_TARGET_AUTH", &reason) >= 0 &&
           !strcmp(reason, "the kernel has no CONFIG_NVME_TARGET_AUTH"),
           "one that is");
}

int main(void)
{
    char many[4 * (FUNCTIONS_MAX + 1) + 1] = "";
    Functions none;
    int i;

    tap_plan(49);
    tap_ok(!functions_init(&functions, " one two  three ") &&
           functions.count == 3, "names between blanks");
    tap_ok(!functions_init(&none, NULL) && !none.count, "no list, no names");
    for (i = 0; i <= FUNCTIONS_MAX; i++) {
        strcat(many, "abc ");
    }
    tap_ok(functions_init(&none, many) == -1, "too many names");
    functions_done(&none);
    test_names();
    test_count();
    test_lost();
    test_expect();
    test_reached();
    test_reset();
    test_needs();
    functions_done(&functions);
    return 0;
}
