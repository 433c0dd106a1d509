/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heat map: a status a row, an API a column, what the program got in the
 * cell.  Statuses without a name that follow each other and ended alike share
 * a row.
 */
/* null: where those stand that are not named */
const OPS = ['read', 'write', 'flush', 'discard', 'write-zeroes', 'compare',
             'verify', null];
const APIS = ['direct', 'aio', 'uring', 'direct-sync', 'fsync', 'fdatasync',
              'blkdiscard', 'uring-discard', 'blkzeroout', 'zero-range',
              'punch-hole', 'buffered', 'buffered-again', 'buffered-sync',
              'readahead', 'mmap', 'blkflsbuf', 'ioctl', 'uring-cmd', null,
              NO_API];
const SETS = new Map([
    [0, 'Generic command status (SCT 0)'],
    [1, 'Command specific status (SCT 1)'],
    [2, 'Media and data integrity errors (SCT 2)'],
    [3, 'Path related status (SCT 3)'],
    [7, 'Vendor specific (SCT 7)'],
]);

const columnKey = (c) => `${c.op}.${c.api}`;

function mapColumns(cases) {
    const columns = new Map();
    const rank = (names, name) => {
        const at = names.indexOf(name);

        return at >= 0 ? at : names.indexOf(null);
    };

    for (const c of cases) {
        columns.set(columnKey(c), {op: c.op, api: c.api});
    }
    return [...columns].map(([key, column]) => ({key, ...column}))
        .sort((a, b) => rank(OPS, a.op) - rank(OPS, b.op) ||
              (a.op < b.op ? -1 : a.op > b.op ? 1 :
                  rank(APIS, a.api) - rank(APIS, b.api)));
}

/* Rows with a status by number, those without one by suite. */
function mapRows(cases) {
    const rows = new Map();

    for (const c of cases) {
        const key = c.number >= 0 ? hex(c.number, 3) : c.suite;
        let row = rows.get(key);

        if (!row) {
            row = {key, first: c.number, last: c.number, cells: new Map(),
                   named: 0,
                   name: c.number >= 0 ? statusName(c.number) || c.status :
                       c.suite};
            rows.set(key, row);
        }
        const cell = row.cells.get(columnKey(c)) || [];

        cell.push(c);
        row.cells.set(columnKey(c), cell);
    }
    return [...rows.values()].sort((a, b) =>
        (a.first < 0) - (b.first < 0) || a.first - b.first ||
        (a.key < b.key ? -1 : 1));
}

/* What a cell says at a glance: the case with the shortest name. */
function summary(cell) {
    const first = cell.reduce((a, b) =>
        b.name.length < a.name.length ? b : a);
    const bad = cell.filter((c) => BAD.includes(c.verdict));

    return {outcome: first.outcome, bad: bad.length,
            kinds: new Set(cell.map((c) => c.outcome)).size};
}

function signature(row) {
    return [...row.cells].map(([key, cell]) => {
        const {outcome, bad, kinds} = summary(cell);

        return [key, outcome, bad, kinds].join();
    }).sort().join(';');
}

/* Named ones share a row, too, where only one API was tried: a search for a
 * name, or the reader, can ask for each by itself. */
function mayShare(row) {
    return row.first >= 0 && (!row.name ||
        (state.rows === 'shared' && !state.q && row.cells.size === 1));
}

function mergeRows(rows) {
    const merged = [];

    for (const row of rows) {
        const last = merged[merged.length - 1];

        row.signature = mayShare(row) ? signature(row) : null;
        if (last && row.signature && last.signature === row.signature &&
            row.first === last.last + 1 && setOf(row) === setOf(last) &&
            (!row.name === !last.name || state.rows === 'shared')) {
            last.last = row.last;
            last.named += row.name ? 1 : 0;
            row.cells.forEach((cell, key) =>
                last.cells.get(key).push(...cell));
        } else {
            merged.push(row);
        }
    }
    return merged;
}

function rowLabel(row) {
    if (row.first < 0) {
        return [h('span', {class: 'name'}, row.name)];
    }
    return [h('code', {}, rowRange(row)),
            h('span', {class: row.first === row.last && row.name ? 'name' :
                       'sub'}, rowName(row))];
}

function rowRange(row) {
    return row.first < 0 ? row.key : row.first === row.last ?
        hex(row.first, 3) : `${hex(row.first, 3)}–${hex(row.last, 3)}`;
}

function rowName(row) {
    const n = row.last - row.first + 1;

    return row.first < 0 || n === 1 ? row.name || 'unnamed' :
        row.name || row.named ? `${n} statuses` : `${n} without a name`;
}

function rowText(row) {
    return row.first < 0 ? `no single status, suite ${row.name}` :
        `${rowName(row)} ${rowRange(row)}`;
}

const cellKey = (row, column) => `${row.key}.${column.key}`;

function drawCell(row, column, cell, chosen) {
    if (!cell) {
        return h('td', {class: 'none'});
    }
    const {outcome, bad, kinds} = summary(cell);
    const key = cellKey(row, column);
    const label = `${rowText(row)}, ${wayOf(column)}: ` +
        `${outcomeText(outcome)}` +
        (kinds > 1 ? ` and ${plural(kinds - 1, 'other', 'others')}` : '') +
        `, ${plural(cell.length, 'case', 'cases')}` +
        (bad ? `, ${bad} not passed` : '');

    return h('td', {class: `${outcomeClass(outcome)}${bad ? ' bad' : ''}`},
        h('a', {href: hrefWith({cell: chosen === key ? '' : key}),
                tabindex: '-1', 'data-cell': key, 'aria-label': label,
                title: label,
                'aria-current': chosen === key ? 'true' : null},
          bad ? h('b', {}, '✗') : null, short(outcome),
          kinds > 1 ? h('i', {}) : null));
}

function setOf(row) {
    return row.first < 0 ? 'Without one single status, by suite' :
        SETS.get(row.first >> 8) || `Reserved (SCT ${row.first >> 8})`;
}

function drawHead(columns) {
    const ops = [];

    for (const column of columns) {
        const last = ops[ops.length - 1];

        if (last && last.op === column.op) {
            last.span++;
        } else {
            ops.push({op: column.op, span: 1, alone: column.api === NO_API});
        }
    }
    return h('thead', {},
        h('tr', {},
          h('td', {class: 'corner'}),
          ops.map(({op, span, alone}) =>
              h('th', {scope: 'colgroup', colspan: span, class: 'op'},
                h('span', {class: alone ? 'unseen' : null}, op)))),
        h('tr', {}, h('th', {scope: 'col', class: 'corner'}, 'Status'),
          columns.map(({op, api}) => h('th', {scope: 'col', class: 'api'},
              h('span', {}, api === NO_API ? op : api)))));
}

function drawMap(cases, rows, chosen) {
    const columns = mapColumns(cases);
    const starts = columns.map((column, i) =>
        i > 0 && column.op !== columns[i - 1].op);
    const bodies = [];
    let title = '';

    for (const row of rows) {
        if (setOf(row) !== title) {
            title = setOf(row);
            bodies.push(h('tbody', {}, h('tr', {class: 'set'},
                h('th', {scope: 'rowgroup', colspan: columns.length + 1},
                  h('span', {}, title)))));
        }
        bodies[bodies.length - 1].append(h('tr', {},
            h('th', {scope: 'row'}, rowLabel(row)),
            columns.map((column, i) => {
                const cell = drawCell(row, column, row.cells.get(column.key),
                                      chosen);

                cell.classList.toggle('start', starts[i]);
                return cell;
            })));
    }
    return h('table', {id: 'map', class: 'map', role: 'grid',
                       'aria-describedby': 'map-keys'},
             h('caption', {}, 'What the program got, by status of the drive ',
               'and by operation and API'),
             drawHead(columns), bodies);
}

/* The cases of the cell that the address names, in the present filter. */
function cellCases(rows) {
    for (const row of rows) {
        for (const [key, cell] of row.cells) {
            const [status, ...column] = state.cell.split('.');

            if (key === column.join('.') && (row.key === status ||
                (row.first >= 0 && row.first <= Number(status) &&
                 Number(status) <= row.last))) {
                return {row, cell, key: cellKey(row, {key})};
            }
        }
    }
    return null;
}

function drawDetail(found) {
    if (!found) {
        return h('aside', {id: 'detail', 'aria-label': 'Cell', hidden: true});
    }
    const {row, cell} = found;
    const first = cell.reduce((a, b) =>
        b.name.length < a.name.length ? b : a);

    return h('aside', {id: 'detail', 'aria-label': 'Cell'},
        h('button', {type: 'button', class: 'close', 'aria-label': 'Close',
                     onclick: closeDetail}, '×'),
        h('h2', {}, rowName(row)),
        h('p', {class: 'sub'}, h('code', {}, rowRange(row)),
          ` ${wayOf(first)}`),
        drawChain(first, true),
        h('h3', {}, plural(cell.length, 'case', 'cases')),
        h('ul', {class: 'cases'}, cell.slice(0, 200).map((c) => h('li', {},
            h('a', {href: hrefWith({view: 'case', case: c.name})}, c.name),
            h('span', {class: 'right'}, chip(c.outcome),
              verdictMark(c.verdict))))),
        cell.length > 200 ? h('p', {}, `and ${cell.length - 200} more; `,
            'view Cases lists all') : null);
}

function closeDetail() {
    const key = state.cell;

    go({cell: ''});
    update();
    focusCell(key);
}

function drawLegend(cases) {
    const found = tally(cases, 'outcome').sort((a, b) => b[1] - a[1]);

    return h('ul', {id: 'legend', 'aria-label': 'Results'},
        found.map(([outcome, n]) => h('li', {},
            h('a', {href: hrefWith({cell: '', errno: state.errno === outcome ?
                                    '' : outcome}),
                    'aria-current': state.errno === outcome ? 'true' : null},
              h('span', {class: `key ${outcomeClass(outcome)}`},
                short(outcome)),
              h('span', {class: 'full'}, outcomeText(outcome)),
              h('span', {class: 'n'}, count(n))))));
}

/* Moves the map under its frame, and the page only where both do not fit. */
function reveal(link) {
    const frame = byId('map-scroll');
    const cell = link.closest('td');

    frame.scrollTop = cell.offsetTop - frame.clientHeight / 2;
    frame.scrollLeft = cell.offsetLeft - frame.clientWidth / 2;
    if (matchMedia('(max-width: 900px)').matches) {
        byId('detail').scrollIntoView();
    }
}

function viewMap(main) {
    const cases = filtered(state);
    const held = document.activeElement &&
        document.activeElement.dataset.cell;
    const scroll = byId('map-scroll');
    const at = scroll && [scroll.scrollLeft, scroll.scrollTop];

    if (!cases.length) {
        show(main, h('p', {class: 'empty'},
            'No case matches this filter.'));
        return;
    }
    const rows = mergeRows(mapRows(cases));
    const found = state.cell ? cellCases(rows) : null;

    show(main,
        drawLegend(cases),
        h('p', {id: 'map-keys', class: 'hint'},
          'Arrow keys move between cells, Enter opens one, Escape closes it. ',
          'A corner marks a cell whose cases ended in several ways, ',
          h('b', {}, '✗'), ' one with a case that did not pass. ',
          h('button', {type: 'button', id: 'rows', class: 'link',
                       onclick: () => go({rows: state.rows === 'all' ?
                           'shared' : 'all'})},
            state.rows === 'all' ?
                'Let statuses that were tried by one API share rows' :
                'Give each status a row')),
        h('div', {class: 'map-frame'},
          h('div', {id: 'map-scroll', class: 'scroll',
                    onkeydown: onMapKey},
            drawMap(cases, rows, found && found.key)),
          drawDetail(found)));
    const map = byId('map');
    const first = map.querySelector('a[aria-current]') ||
        map.querySelector('td a');

    rove(first);
    if (at) {
        byId('map-scroll').scrollTo(...at);
    }
    if (held) {
        focusCell(held);
    } else if (found) {
        reveal(first);
    }
}
