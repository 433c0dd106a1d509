# SPDX-License-Identifier: GPL-2.0-or-later
# Sphinx's configuration; build.py copies it beside the pages.
project = 'nvme-fi'
project_copyright = ''
extensions = ['myst_parser']
html_theme = 'furo'
html_title = 'nvme-fi'
html_static_path = ['style.css']
html_css_files = ['style.css']
html_copy_source = False
html_show_copyright = False
myst_heading_anchors = 4
# what is written is what is shown: '--kernel' is no dash
smartquotes = False
# an excerpt of JSON with '->' or '...' is shown without colours
suppress_warnings = ['misc.highlighting_failure']
