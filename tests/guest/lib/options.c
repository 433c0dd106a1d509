/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of a guest suite, and which cases it chooses.
 */
#include "options.h"

#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static const struct option long_options[] = {
    { "list", no_argument, NULL, 'l' },
    { "findings", no_argument, NULL, 'd' },
    { "machine", no_argument, NULL, 'm' },
    { "kernel", required_argument, NULL, 'k' },
    { "filter", required_argument, NULL, 'f' },
    { "shard", required_argument, NULL, 'p' },
    { "start", required_argument, NULL, 's' },
    { "omit", required_argument, NULL, 'o' },
    { "expect-dir", required_argument, NULL, 'e' },
    { 0 },
};

static int options_start(Options *options, const char *text)
{
    char *end;

    options->start = strtoul(text, &end, 10);
    if (end == text || *end) {
        fprintf(stderr, "--start=%s: not a number\n", text);
        return -1;
    }
    return 0;
}

static int options_shard(Options *options, const char *text)
{
    int end = 0;

    if (sscanf(text, "%4u/%4u%n", &options->shard, &options->shards,
               &end) != 2 || text[end] || options->shard < 1 ||
        options->shard > options->shards) {
        fprintf(stderr, "--shard=%s: expected I/N, 1 <= I <= N\n", text);
        return -1;
    }
    return 0;
}

int options_parse(Options *options, const char *name, int argc, char **argv)
{
    int c, ret = 0;

    *options = (Options){ .expect_dir = "/expect" };
    options->filters = calloc(argc, sizeof(*options->filters));
    optind = 0;         /* begin anew, however often this is called */
    while (!ret && options->filters &&
           (c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (c == 'l') {
            options->list = true;
        } else if (c == 'd') {
            options->findings = true;
        } else if (c == 'm') {
            options->machine = true;
        } else if (c == 'k') {
            options->kernel = optarg;
        } else if (c == 'f') {
            options->filters[options->nfilters++] = optarg;
        } else if (c == 'p') {
            ret = options_shard(options, optarg);
        } else if (c == 's') {
            ret = options_start(options, optarg);
        } else if (c == 'o') {
            options->omit = optarg;
        } else if (c == 'e') {
            options->expect_dir = optarg;
        } else {
            ret = -1;
        }
    }
    if (ret || optind != argc) {
        fprintf(stderr, "usage: %s [--list | --findings | --machine] "
                "[--kernel=RELEASE] [--filter=GLOB]... [--shard=I/N] "
                "[--start=N] [--omit=N,N...] [--expect-dir=DIR]\n", name);
        return -1;
    }
    return 0;
}

void options_done(Options *options)
{
    free(options->filters);
}

int options_kernel(const Options *options, Suite *suite)
{
    struct utsname uts;
    Table kernels;
    size_t i;
    int ret;

    uname(&uts);
    snprintf(suite->release, sizeof(suite->release), "%s",
             options->kernel ? options->kernel : uts.release);
    if (!version_parse(suite->release, &suite->kernel)) {
        fprintf(stderr, "'%s' is no kernel release; expected MAJOR.MINOR...\n",
                suite->release);
        return -1;
    }
    ret = table_load(&kernels, options->expect_dir, "kernels", 3, 0);
    for (i = 0; !ret && i < kernels.nrows; i++) {
        suite->known |= row_holds(&kernels.rows[i], suite->kernel);
    }
    table_free(&kernels);
    return ret;
}

bool ordinal_listed(const char *list, unsigned long ordinal)
{
    char *end;

    while (list && *list) {
        if (strtoul(list, &end, 10) == ordinal && end != list) {
            return true;
        }
        list = strchr(list, ',');
        list = list ? list + 1 : NULL;
    }
    return false;
}

bool filter_matches(const char *const *globs, size_t n, const char *name)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (!fnmatch(globs[i], name, 0)) {
            return true;
        }
    }
    return n == 0;
}

/* The cases of the shard, of those that match. */
static bool in_shard(const Options *options, size_t place)
{
    return !options->shards ||
           place % options->shards == options->shard - 1;
}

void options_apply(const Options *options, Suite *suite)
{
    size_t i, kept = 0, ordinal = 0, place = 0;

    for (i = 0; i < suite->ncases; i++) {
        Case *c = suite->cases[i];

        if (!filter_matches(options->filters, options->nfilters, c->name) ||
            !in_shard(options, place++)) {
            suite->filtered = true;
            continue;
        }
        c->ordinal = ordinal++;
        if (c->ordinal < options->start ||
            ordinal_listed(options->omit, c->ordinal)) {
            suite->filtered = true;
            continue;
        }
        suite->cases[kept++] = c;
    }
    suite->nfiltered = ordinal;
    suite->ncases = kept;
}
