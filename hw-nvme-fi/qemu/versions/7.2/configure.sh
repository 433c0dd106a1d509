# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Options of this version's configure, read by build.sh. Pixman is not optional
# yet, and nothing is downloaded; with --python it takes no meson but one in its
# own source, which Debian's source does not have.
# shellcheck disable=SC2034
options="--meson=$(command -v meson)"
PATH=/usr/bin:$PATH
