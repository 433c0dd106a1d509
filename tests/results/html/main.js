/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame: head, views, theme, and drawing what the address says.
 */
const views = {
    map: {title: 'Heat map', draw: viewMap},
    cases: {title: 'Cases', draw: viewCases},
    compare: {title: 'Compare', draw: viewCompare},
    case: {title: 'Case', draw: viewCase},
};
let state = {...DEFAULTS};

function drawAbout() {
    const run = currentRun();
    const verdicts = tally(run.cases, 'verdict').sort(([a], [b]) =>
        VERDICTS.indexOf(a) - VERDICTS.indexOf(b));

    byId('about').replaceChildren(
        h('span', {}, 'Linux ', h('b', {}, run.kernel || 'unknown')),
        h('span', {}, 'QEMU ', h('b', {}, run.qemu || 'unknown')),
        h('span', {}, h('b', {}, count(run.cases.length)), ' cases'),
        ...verdicts.map(([verdict, n]) => h('span', {},
            verdictMark(verdict), ' ', count(n))));
    byId('run').value = state.run;
}

function drawViews() {
    const shownViews = Object.entries(views).filter(([name]) =>
        name === 'case' ? state.view === 'case' :
            name !== 'compare' || data.comparison);

    byId('views').replaceChildren(...shownViews.map(([name, {title}]) =>
        h('a', {href: name === 'case' ? hrefWith({}) :
                hrefWith({view: name, case: '', layer: ''}),
                'aria-current': state.view === name ? 'page' : null}, title)));
}

function drawCount() {
    const n = filtered(state).length;
    const total = currentRun().cases.length;

    byId('count').textContent = state.view === 'case' ? '' : n === total ?
        plural(n, 'case', 'cases') :
        `${count(n)} of ${plural(total, 'case', 'cases')}`;
}

function update() {
    const before = state;

    state = parseHash(location.hash);
    document.body.dataset.view = state.view;
    document.title = `${state.view === 'case' ? state.case :
        views[state.view].title} – nvme-fi report`;
    drawAbout();
    drawViews();
    drawFilters();
    drawCount();
    views[state.view].draw(byId('main'));
    if (before.view !== state.view || before.case !== state.case) {
        arrive(before);
    }
}

/* A new view begins at its top, and so does who listens to it. */
function arrive(before) {
    if (state.view === 'case') {
        const title = byId('case-title') || byId('main');

        scrollTo(0, 0);
        title.focus({preventScroll: true});
    } else if (before.view === 'case' && state.view === 'map' && state.cell) {
        focusCell(state.cell);
    }
}

const THEMES = ['auto', 'light', 'dark'];

function setTheme(theme) {
    const root = document.documentElement;

    if (theme === 'auto') {
        root.removeAttribute('data-theme');
    } else {
        root.dataset.theme = theme;
    }
    byId('theme').textContent = `Theme: ${theme}`;
    byId('theme').dataset.theme = theme;
    try {
        localStorage.setItem('nvme-fi-theme', theme);
    } catch (refused) {
        /* a file may not be allowed to keep anything; then it does not */
    }
}

function keptTheme() {
    try {
        const theme = localStorage.getItem('nvme-fi-theme');

        return THEMES.includes(theme) ? theme : 'auto';
    } catch (refused) {
        return 'auto';
    }
}

function start() {
    byId('theme').addEventListener('click', () => {
        const now = THEMES.indexOf(byId('theme').dataset.theme);

        setTheme(THEMES[(now + 1) % THEMES.length]);
    });
    byId('skip').addEventListener('click', (event) => {
        event.preventDefault();
        byId('main').focus();
    });
    byId('filters').addEventListener('submit', (e) => e.preventDefault());
    byId('run').append(...runs.map((run, i) => h('option', {value: i},
        run.kernel ? `${run.name} (${run.kernel})` : run.name)));
    byId('run').addEventListener('change', (e) =>
        go({run: e.target.value, cell: ''}));
    byId('run-choice').hidden = runs.length < 2;
    addEventListener('hashchange', update);
    addEventListener('keydown', (event) => {
        const field = /^(INPUT|SELECT|TEXTAREA)$/
            .test(document.activeElement.tagName);

        if (event.key === '/' && !field && byId('search')) {
            event.preventDefault();
            byId('search').focus();
        }
    });
    setTheme(keptTheme());
    update();
}

start();
