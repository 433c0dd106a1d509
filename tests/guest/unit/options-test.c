/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This test holds the choice of cases to what a restarted run needs: the same
 * ordinal for the same case, whatever is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/options.h"
#include "tap.h"

static const char *const names[] = {
    "errno/read-direct-access-denied", "errno/write-aio-access-denied",
    "errno/read-direct-write-fault", "errno/flush-fsync-write-fault",
};
#define NAMES (sizeof(names) / sizeof(names[0]))

/* The ordinals that are left, as text: "0,2". */
static const char *chosen(Options *options)
{
    static char text[64];
    Suite suite = { 0 };
    size_t i;

    for (i = 0; i < NAMES; i++) {
        suite_add(&suite, strdup(names[i]), NULL);
    }
    options_apply(options, &suite);
    text[0] = '\0';
    for (i = 0; i < suite.ncases; i++) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u:%c",
                 i ? "," : "", suite.cases[i]->ordinal,
                 suite.cases[i]->name[6]);
    }
    return text;
}

static void check(const char *expected, const char *what, int argc,
                  const char **argv)
{
    Options options;
    const char *got = "refused";

    if (!options_parse(&options, "test", argc, (char **)argv)) {
        got = chosen(&options);
    }
    tap_ok(!strcmp(got, expected), "%s: got %s, expected %s", what, got,
           expected);
    options_done(&options);
}

#define CHECK(expected, what, ...) do { \
        const char *argv_[] = { "test", __VA_ARGS__, NULL }; \
        check(expected, what, sizeof(argv_) / sizeof(argv_[0]) - 1, argv_); \
    } while (0)

int main(void)
{
    tap_plan(14);
    CHECK("0:r,1:w,2:r,3:f", "no option", "--kernel=6.1");
    CHECK("0:r,1:w", "a glob", "--filter=*access-denied*");
    CHECK("0:r,1:w,2:f", "a case that matches one of two globs",
          "--filter=*access-denied*", "--filter=errno/flush*");
    CHECK("1:r", "ordinals count what matches, before the start",
          "--filter=errno/read*", "--start=1");
    CHECK("0:r,3:f", "some are omitted", "--omit=1,2");
    CHECK("2:r", "start and omit together", "--start=2", "--omit=3");
    CHECK("0:r,1:r", "the first shard of two", "--shard=1/2");
    CHECK("0:w,1:f", "the second shard of two", "--shard=2/2");
    CHECK("0:r", "a shard of what the filter matches",
          "--filter=errno/read*", "--shard=2/2");
    CHECK("1:r", "a shard counts its own ordinals", "--shard=1/2",
          "--start=1");
    CHECK("refused", "a shard behind the last", "--shard=3/2");
    CHECK("refused", "a start that is no number", "--start=x");
    CHECK("refused", "an unknown option", "--fliter=x");
    tap_ok(ordinal_listed("1,20,3", 20) && !ordinal_listed("1,20,3", 2) &&
           !ordinal_listed(NULL, 0) && !ordinal_listed("", 0),
           "a number is listed as a whole");
    return 0;
}
