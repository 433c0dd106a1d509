#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test opens the report in a headless Chromium and uses it: filter, search,
# cell, case, links, comparison, keyboard, themes, paper.
#
# usage: report-browser-test.py PROGRAM [RESULTS RESULTS]
# With the results of two runs, newer kernel first, it looks at these, too.
import os
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser
import sample

PROGRAM = sys.argv[1]
REAL = sys.argv[2:]
# WCAG 2.1, 1.4.3
CONTRAST_AA = 4.5
CTRL = 2

# Least contrast of any text that is shown, with its text.
LEAST_CONTRAST = '''(() => {
    const canvas = document.createElement('canvas');
    const paint = canvas.getContext('2d', {willReadFrequently: true});
    canvas.width = canvas.height = 1;
    function rgba(color) {
        paint.clearRect(0, 0, 1, 1);
        paint.fillStyle = color;
        paint.fillRect(0, 0, 1, 1);
        return [...paint.getImageData(0, 0, 1, 1).data];
    }
    const known = new Map();
    const read = (color) => known.get(color) ||
        known.set(color, rgba(color)).get(color);
    function light(color) {
        const [r, g, b] = color.map((c) => c / 255).map((c) =>
            c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }
    function behind(element) {
        for (let e = element; e; e = e.parentElement) {
            const color = read(getComputedStyle(e).backgroundColor);
            if (color[3] > 250) { return color; }
        }
        return [255, 255, 255, 255];
    }
    let least = [99, ''];
    const walk = document.createTreeWalker(document.body,
                                           NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        const text = walk.currentNode.textContent.trim();
        if (!text || /SCRIPT|OPTION|NOSCRIPT/.test(e.tagName) ||
            e instanceof SVGElement || !e.checkVisibility() ||
            e.closest(':disabled')) { continue; }
        const back = behind(e), style = getComputedStyle(e);
        const alpha = Number(style.opacity);
        const front = read(style.color).map((c, i) =>
            c * alpha + back[i] * (1 - alpha));
        const [a, b] = [light(front.slice(0, 3)), light(back.slice(0, 3))]
            .sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < least[0]) { least = [ratio, text.slice(0, 60)]; }
    }
    return least;
})()'''


def equal(got, wanted):
    assert got == wanted, 'got %r, expected %r' % (got, wanted)


def hash_of(**state):
    return '#' + urllib.parse.urlencode(state)


def focused(b):
    return b.js('document.activeElement.dataset.cell || '
                'document.activeElement.id')


def cell(key):
    return 'document.querySelector(\'a[data-cell="%s"]\')' % key


def click(b, expression):
    b.js('(%s).click()' % expression)


def shown(b, view):
    b.wait('document.body.dataset.view === "%s"' % view)


def test_the_map_shows_errnos_as_text(b, url):
    b.open(url)
    equal(b.js(cell('0x286.read.direct') + '.textContent'), 'NODATA')
    equal(b.js(cell('0x286.read.mmap') + '.textContent'), 'SIGBUS')
    equal(b.js(cell('0x286.write.ioctl') + '.textContent'), 'status')
    equal(b.js(cell('0x001.read.direct') + '.textContent'), '✗NOTSUP')
    assert 'access-denied 0x286, read by direct: ENODATA' in b.js(
        cell('0x286.read.direct') + '.getAttribute("aria-label")')


def test_tables_have_captions_and_scopes(b, url):
    for view in ('map', 'cases', 'compare', 'case'):
        b.open(url + hash_of(
            view=view, case='errno/read-direct-access-denied'))
        shown(b, view)
        equal(b.js('''[...document.querySelectorAll('table')].filter((t) =>
            !t.caption || !t.caption.textContent).length'''), 0)
        equal(b.js('''[...document.querySelectorAll('th')].filter((t) =>
            !t.scope).length'''), 0)
        assert b.js('document.querySelectorAll("th").length') > 3
        equal(b.js('''[...document.querySelectorAll('select, input')].filter(
            (e) => !e.labels.length).length'''), 0)


def test_a_cell_opens_beside_the_map(b, url):
    b.open(url)
    click(b, cell('0x286.read.direct'))
    b.wait('!document.getElementById("detail").hidden')
    text = b.js('document.getElementById("detail").textContent')
    for part in ('access-denied', 'BLK_STS_MEDIUM', 'CQE 0x4286',
                 'recover-read-direct-access-denied-after-3'):
        assert part in text, (part, text)
    click(b, 'document.querySelector("#detail .close")')
    b.wait('document.getElementById("detail").hidden')
    equal(focused(b), '0x286.read.direct')


def test_a_link_restores_view_filter_and_cell(b, url):
    b.open(url + hash_of(op='read', q='access', cell='0x286.read.mmap'))
    b.wait('!document.getElementById("detail").hidden')
    equal(b.js('document.getElementById("f-op").value'), 'read')
    equal(b.js('document.getElementById("search").value'), 'access')
    equal(b.js(cell('0x286.read.mmap') + '.getAttribute("aria-current")'),
          'true')
    equal(b.js('document.querySelector(\'[data-cell*="write"]\')'), None)
    equal(b.js('location.hash = hrefWith({})'),
          '#q=access&op=read&cell=0x286.read.mmap')


def test_shared_rows_open_by_any_of_their_statuses(b, url):
    b.open(url)
    equal(b.js('document.querySelectorAll("#map tbody tr").length > 5'), True)
    for q, n in (('', 1), ('abort', 1)):
        b.open(url + hash_of(q=q, op='read', api='direct',
                             cell='0x007.read.direct'))
        b.wait('!document.getElementById("detail").hidden')
        equal(b.js('document.querySelectorAll("#map a[aria-current]").length'),
              n)
    b.open(url + hash_of(op='read', api='direct'))
    shared = b.js('document.querySelectorAll("#map tbody a").length')
    click(b, 'document.getElementById("rows")')
    b.wait('document.querySelectorAll("#map tbody a").length > %d' % shared)


def test_filters_count_what_is_left(b, url):
    b.open(url + hash_of(view='cases'))
    everything = b.js('document.querySelectorAll("#cases tbody tr").length')
    b.js('''(() => { const e = document.getElementById('f-errno');
        e.value = 'SIGBUS'; e.dispatchEvent(new Event('change')); })()''')
    b.wait('document.querySelectorAll("#cases tbody tr").length === 6')
    equal(b.js('document.getElementById("count").textContent'),
          '6 of %d cases' % everything)
    equal(b.js('document.getElementById("count").getAttribute("aria-live")'),
          'polite')
    click(b, 'document.getElementById("reset")')
    b.wait('document.querySelectorAll("#cases tbody tr").length === %d' %
           everything)


def test_search_is_typed_and_kept(b, url):
    b.open(url)
    b.key('/')
    equal(focused(b), 'search')
    b.type('0x081 mmap')
    b.wait('document.getElementById("count").textContent.startsWith("1 of")')
    equal(focused(b), 'search')
    b.wait('location.hash.includes("q=0x081+mmap")')
    equal(b.js('document.querySelectorAll("#map td a").length'), 1)


def test_keys_move_through_the_map(b, url):
    b.open(url + hash_of(rows='all'))
    equal(b.js('document.querySelectorAll(\'#map [tabindex="0"]\').length'), 1)
    b.js('document.querySelector(\'#map [tabindex="0"]\').focus()')
    b.key('Home', CTRL)
    equal(focused(b), '0x001.read.direct')
    for key, wanted in (('ArrowDown', '0x006.read.direct'),
                        ('ArrowRight', '0x006.read.buffered'),
                        ('ArrowRight', '0x006.read.mmap'),
                        ('End', '0x006.flush.fsync'),
                        ('ArrowUp', '0x001.flush.fsync'),
                        ('ArrowUp', '0x001.flush.fsync'),
                        ('Home', '0x001.read.direct')):
        b.key(key)
        equal(focused(b), wanted)
    equal(b.js('document.querySelectorAll(\'#map [tabindex="0"]\').length'), 1)
    b.key('Enter')
    b.wait('!document.getElementById("detail").hidden')
    equal(focused(b), '0x001.read.direct')
    b.key('Escape')
    b.wait('document.getElementById("detail").hidden')
    equal(focused(b), '0x001.read.direct')


def test_a_case_draws_its_chain_with_retries(b, url):
    b.open(url)
    click(b, cell('0x286.read.direct'))
    b.wait('!document.getElementById("detail").hidden')
    click(b, '[...document.querySelectorAll("#detail li a")].find((a) => '
          'a.textContent.includes("recover"))')
    shown(b, 'case')
    equal(focused(b), 'case-title')
    equal(b.js('[...document.querySelectorAll(".chain .what")].map((e) => '
               'e.textContent)'),
          ['access-denied', 'CQE 0x286', '3 retries', 'BLK_STS_OK', 'none',
           'ok'])
    equal(b.js('document.querySelectorAll("svg .again").length'), 3)
    text = b.js('document.querySelector("svg").textContent')
    for part in ('4. read', 'nvme_complete_rq 0x286, retries 2', '1.23 ms',
                 'success'):
        assert part in text, (part, text)
    equal(b.js('document.getElementById("repro").textContent'),
          "./nvme-fi run --kernel debian:6.12 --filter "
          "'errno/recover-read-direct-access-denied-after-3'")
    b.js('history.back()')
    shown(b, 'map')
    b.wait(cell('0x286.read.direct') + ' === document.activeElement')


def test_every_case_can_be_drawn(b, url):
    b.open(url + hash_of(view='case', case='errno/skipped'))
    b.js('''(() => {
        for (const c of currentRun().cases) {
            state = {...state, view: 'case', case: c.name};
            viewCase(document.getElementById('main'));
            if (document.getElementById('case-title').textContent !==
                c.name) { throw new Error(c.name); }
        }
    })()''')


def test_a_case_that_is_not_there_is_said(b, url):
    b.open(url + hash_of(view='case', case='errno/nonesuch', run='1'))
    b.wait('document.querySelector(".empty")')
    assert "no case 'errno/nonesuch'" in b.js(
        'document.querySelector(".empty").textContent')


def test_the_comparison_says_where_runs_part(b, url):
    b.open(url)
    click(b, '[...document.querySelectorAll("#views a")].find((a) => '
          'a.textContent === "Compare")')
    shown(b, 'compare')
    row = ('[...document.querySelectorAll("#differing tbody tr")].find((r) '
           '=> r.textContent.includes("errno/read-direct-capacity"))')
    equal(b.js('[...(%s).cells].map((c) => c.firstChild.textContent)' % row)
          [:2], ['errno/read-direct-capacity-exceeded', 'block'])
    equal(b.js('[...(%s).querySelectorAll(".new")].map((c) => '
               'c.textContent)' % row),
          ['status NOSPC', 'errno ENOSPC', 'status IOERR', 'errno EIO'])
    click(b, '[...document.querySelectorAll("#layers a")].find((a) => '
          'a.textContent.startsWith("wire"))')
    b.wait('document.querySelectorAll("#differing tbody tr").length === 1')
    equal(b.js('document.getElementById("count").textContent'),
          '1 case that differs first at wire')
    assert b.js('document.querySelectorAll("#only tbody tr").length') == 1


def test_runs_can_be_chosen(b, url):
    b.open(url + hash_of(q='capacity', op='read', api='direct'))
    equal(b.js('document.querySelector("#map td a").textContent'), 'NOSPC')
    b.js('''(() => { const e = document.getElementById('run');
        e.value = '1'; e.dispatchEvent(new Event('change')); })()''')
    b.wait('document.querySelector("#map td a").textContent === "IO"')
    b.wait('location.hash.includes("run=1")')


def test_colours_are_readable_in_both_themes(b, url):
    for theme in ('light', 'dark'):
        b.media(prefers_color_scheme=theme)
        for state in (hash_of(cell='0x286.read.direct'),
                      hash_of(view='compare'), hash_of(view='cases'),
                      hash_of(view='case',
                              case='errno/read-mmap-access-denied')):
            b.open(url + state)
            ratio, text = b.js(LEAST_CONTRAST)
            assert CONTRAST_AA <= ratio < 99, (theme, state, ratio, text)
    b.media(prefers_color_scheme='light')


def test_the_theme_follows_the_system_and_the_button(b, url):
    back = 'getComputedStyle(document.body).backgroundColor'
    b.open(url)
    b.media(prefers_color_scheme='light')
    light = b.js(back)
    b.media(prefers_color_scheme='dark')
    dark = b.js(back)
    assert light != dark, light
    for system, own in (('dark', dark), ('light', light)):
        b.media(prefers_color_scheme=system)
        for wanted in (light, dark, own):
            click(b, 'document.getElementById("theme")')
            equal(b.js(back), wanted)


def test_a_narrow_screen_needs_no_sideways_scrolling(b, url):
    b.size(360, 800)
    try:
        for state in ('', hash_of(view='cases'), hash_of(view='compare'),
                      hash_of(view='case',
                              case='errno/read-mmap-access-denied')):
            b.open(url + state)
            wide = b.js('''[...document.querySelectorAll('body *')].filter(
                (e) => !e.closest('.scroll, pre, .skip-link, caption') &&
                e.getBoundingClientRect().right > innerWidth + 1).map((e) =>
                e.tagName + '.' + e.className)''')
            equal(wide, [])
    finally:
        b.size(1440, 900)


def test_the_paper_is_not_empty(b, url):
    b.open(url)
    paper = b.paper()
    assert paper.startswith(b'%PDF') and len(paper) > 10000, len(paper)
    b.call('Emulation.setEmulatedMedia', media='print')
    equal(b.js('document.getElementById("filters").checkVisibility()'), False)
    equal(b.js('document.getElementById("map").checkVisibility()'), True)
    b.call('Emulation.setEmulatedMedia', media='')


def test_a_hostile_record_is_only_text(b, url):
    name = 'errno/hostile-' + sample.HOSTILE
    for state in ('', hash_of(view='cases'), hash_of(view='compare'),
                  hash_of(view='case', case=name)):
        b.open(url + state)
        equal(b.js('window.broken'), None)
        equal(b.js('document.images.length + document.scripts.length'), 2)
    equal(b.js('document.getElementById("case-title").textContent'), name)
    equal(b.js('document.querySelector(".log").textContent'), sample.HOSTILE)
    assert str(sample.BIG) in b.js('document.body.innerText')


def test_real_results_are_shown(b, url):
    b.open(url)
    equal(b.js('runs[0].cases.length'), lines(REAL[0]))
    equal(b.js(cell('0x286.read.direct') + '.textContent'), 'NODATA')
    equal(b.js('document.querySelectorAll("#map td a").length > 500'), True)
    b.open(url + hash_of(errno='ENOSPC', q='capacity'))
    equal(b.js('[...document.querySelectorAll("#map td a")].every((a) => '
               'a.textContent === "NOSPC")'), True)
    b.open(url + hash_of(view='case',
                         case='errno/read-direct-access-denied'))
    assert 'BLK_STS_MEDIUM' in b.js('document.querySelector("svg")'
                                    '.textContent')
    b.open(url + hash_of(view='compare'))
    row = ('[...document.querySelectorAll("#differing tbody tr")].find((r) '
           '=> r.textContent.includes("read-direct-reservation-conflict"))')
    b.wait(row)
    equal(b.js('[...(%s).querySelectorAll(".new")].map((c) => '
               'c.textContent)' % row),
          ['status RESV_CONFLICT', 'status NEXUS'])


def test_real_results_stay_small(b, url):
    for folder in REAL:
        out = os.path.join(os.path.dirname(url[len('file://'):]), 'one.html')
        write_page([folder], out)
        assert os.path.getsize(out) < 6000000, os.path.getsize(out)


def lines(folder):
    with open(os.path.join(folder, 'results.jsonl'), encoding='utf-8') as f:
        return sum(1 for _ in f)


def write_page(folders, out):
    subprocess.run([PROGRAM, 'report', *folders, '--out', out], check=True,
                   stdout=subprocess.DEVNULL, timeout=120)


def run(b, tests, pages):
    print('1..%d' % len(tests))
    for number, (name, test) in enumerate(tests, 1):
        title = name[len('test_'):].replace('_', ' ')
        page = 'real.html' if '_real_' in name else 'sample.html'
        b.events.clear()
        try:
            test(b, 'file://' + os.path.join(pages, page))
            equal(b.complaints(), [])
            equal([u for u in b.requests() if not u.startswith(
                ('file://' + pages, 'about:', 'data:'))], [])
            print('ok %d - %s' % (number, title), flush=True)
        except (AssertionError, TypeError, KeyError) as problem:
            print('not ok %d - %s' % (number, title))
            print('# ' + str(problem)[:2000].replace('\n', '\n# '),
                  flush=True)


def main():
    program = browser.find()
    if not program:
        print('1..0 # SKIP there is no Chromium')
        return
    missing = [d for d in REAL
               if not os.path.exists(os.path.join(d, 'results.jsonl'))]
    if missing:
        print('1..0 # SKIP there are no results in %s' % missing[0])
        return
    tests = [(name, value) for name, value in sorted(globals().items())
             if name.startswith('test_') and ('_real_' in name) == bool(REAL)]
    with tempfile.TemporaryDirectory() as folder:
        if REAL:
            write_page(REAL, os.path.join(folder, 'real.html'))
        write_page([sample.write(folder, 'new'), sample.write(folder, 'old')],
                   os.path.join(folder, 'sample.html'))
        b = browser.Browser(program)
        try:
            b.size(1440, 900)
            run(b, tests, folder)
        finally:
            b.close()


main()
