/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is shown, as the part of the address behind '#': a copy of the address
 * shows the same view, filter, cell and case to somebody else.
 */
const DEFAULTS = {
    view: 'map', run: '0', q: '', suite: '', verdict: '', op: '', api: '',
    errno: '', cell: '', case: '', layer: '', rows: 'shared',
};
const FILTERS = ['q', 'suite', 'verdict', 'op', 'api', 'errno'];

function parseHash(hash) {
    const given = new URLSearchParams(hash.replace(/^#/, ''));
    const state = {...DEFAULTS};

    for (const name of Object.keys(DEFAULTS)) {
        if (given.has(name)) {
            state[name] = given.get(name);
        }
    }
    if (!runs[state.run]) {
        state.run = '0';
    }
    if (!views[state.view] || (state.view === 'compare' && !data.comparison)) {
        state.view = 'map';
    }
    return state;
}

function hashOf(state) {
    const params = new URLSearchParams();

    for (const name of Object.keys(DEFAULTS)) {
        if (state[name] !== DEFAULTS[name]) {
            params.set(name, state[name]);
        }
    }
    return `#${params}`.replaceAll('%2F', '/');     /* it may stand there */
}

/* The address of what is shown, but for @patch. */
function hrefWith(patch) {
    return hashOf({...state, ...patch});
}

function go(patch) {
    location.hash = hrefWith(patch);
}

/* The same without a step for the button 'back': for what is being typed. */
function adjust(patch) {
    history.replaceState(null, '', hrefWith(patch));
    update();
}

const currentRun = () => runs[state.run];

function matches(c, wanted, words) {
    return (!wanted.suite || c.suite === wanted.suite) &&
        (!wanted.verdict || c.verdict === wanted.verdict) &&
        (!wanted.op || c.op === wanted.op) &&
        (!wanted.api || c.api === wanted.api) &&
        (!wanted.errno || c.outcome === wanted.errno) &&
        words.every((word) => c.text.includes(word));
}

function filtered(wanted) {
    const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);

    return currentRun().cases.filter((c) => matches(c, wanted, words));
}

/* [value, number of cases] in the order of their coming. */
function tally(cases, key) {
    const found = new Map();

    for (const c of cases) {
        found.set(c[key], (found.get(c[key]) || 0) + 1);
    }
    return [...found];
}

function filterSelect(name, label) {
    const choices = tally(currentRun().cases, name === 'errno' ? 'outcome' :
                          name);

    if (choices.length < 2 && !state[name]) {
        return null;
    }
    if (state[name] && !choices.some(([value]) => value === state[name])) {
        choices.push([state[name], 0]);
    }
    choices.sort(([a], [b]) => a < b ? -1 : 1);
    return h('div', {class: 'field'},
        h('label', {for: `f-${name}`}, label),
        h('select', {id: `f-${name}`, name, class: state[name] ? 'on' : null,
                     onchange: (e) => go({[name]: e.target.value, cell: ''})},
          h('option', {value: ''}, 'all'),
          choices.map(([value, n]) =>
              h('option', {value, selected: state[name] === value},
                `${value} (${count(n)})`))));
}

function drawFilters() {
    const form = byId('filters');
    const search = byId('search');

    form.hidden = state.view === 'case' || state.view === 'compare';
    if (search && document.activeElement === search) {
        return;         /* it is being typed in */
    }
    const focused = document.activeElement && document.activeElement.id;

    form.replaceChildren(
        h('div', {class: 'field grow'},
          h('label', {for: 'search'}, 'Search'),
          h('input', {id: 'search', type: 'search', value: state.q,
                      placeholder: 'case, status, 0x286, errno …',
                      autocomplete: 'off', spellcheck: 'false',
                      oninput: (e) => adjust({q: e.target.value, cell: ''})})),
        ...[filterSelect('suite', 'Suite'), filterSelect('op', 'Operation'),
            filterSelect('api', 'API'), filterSelect('errno', 'Result'),
            filterSelect('verdict', 'Verdict')].filter(Boolean),
        h('button', {type: 'button', id: 'reset',
                     disabled: FILTERS.every((name) => !state[name]),
                     onclick: clearFilters}, 'Clear'));
    if (focused && form.querySelector(`#${CSS.escape(focused)}`)) {
        byId(focused).focus();
    }
}

function clearFilters() {
    const patch = {cell: ''};

    FILTERS.forEach((name) => { patch[name] = ''; });
    byId('search').value = '';
    go(patch);
    byId('search').focus();
}
