/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The comparison of several runs, as nvme-fi compare makes it.
 */
function runRows(comparison) {
    const verdicts = [...new Set(comparison.runs.flatMap((run) =>
        Object.entries(run.verdicts).filter(([, n]) => n > 0)
            .map(([name]) => name)))];

    return table({class: 'rows', id: 'compared'}, 'The runs',
        ['Run', 'Kernel', 'QEMU', 'Cases', ...verdicts],
        comparison.runs.map((run, i) => h('tr', {},
            h('th', {scope: 'row'},
              h('a', {href: hrefWith({view: 'map', run: String(i)})},
                run.name)),
            h('td', {}, run.kernel || '–'), h('td', {}, run.qemu || '–'),
            h('td', {class: 'number'}, count(run.cases)),
            verdicts.map((name) => h('td', {class: 'number'},
                                     count(run.verdicts[name] || 0))))));
}

/* What a run saw at a layer, in the words of the other views. */
function layerLines(layer, value) {
    if (value === null || value === undefined) {
        return ['–'];
    }
    if (layer === 'wire' || layer === 'driver') {
        return flatten(value, '', []).map(([path, one]) =>
            `${path} ${shown(path, one)}`);
    }
    if (layer === 'log') {
        return list(value).length ? list(value).map(plain) : ['no line'];
    }
    return value && typeof value === 'object' ?
        flatten(value, '', []).map(([path, one]) => `${path} ${plain(one)}`) :
        [plain(value)];
}

/* Lines that not all runs have stand out; those that all have are dim. */
function valueCells(parted) {
    const all = parted.values.map((value) => layerLines(parted.layer, value));

    return all.map((lines) => h('td', {}, h('ul', {class: 'lines'},
        lines.slice(0, 12).map((line) => h('li', {
            class: all.every((other) => other.includes(line)) ? 'same' : 'new',
        }, line)),
        lines.length > 12 ? h('li', {class: 'same'},
            `and ${lines.length - 12} more`) : null)));
}

function partedRow(parted) {
    const run = runs.findIndex((one) => one.byName.has(parted.case));

    return h('tr', {},
        h('th', {scope: 'row'},
          h('a', {href: hrefWith({view: 'case', case: parted.case,
                                  run: String(Math.max(run, 0))})},
            parted.case)),
        h('td', {}, h('span', {class: 'layer-first'}, parted.layer),
          list(parted.layers).length > 1 ?
              h('span', {class: 'sub'}, 'then ' +
                parted.layers.slice(1).join(', ')) : null),
        valueCells(parted));
}

function partedTable(id, caption, rows) {
    const heads = data.comparison.runs.map((run) =>
        h('span', {}, run.name, h('small', {}, run.kernel || '')));
    const body = table({class: 'rows parted', id}, caption,
                       ['Case', 'Parts first at', ...heads], []);
    const more = h('button', {type: 'button', class: 'more'});
    let done = 0;

    function add() {
        body.tBodies[0].append(...rows.slice(done, done + PIECE)
            .map(partedRow));
        done = Math.min(done + PIECE, rows.length);
        more.hidden = done >= rows.length;
        more.textContent = `Show more (${count(rows.length - done)} left)`;
    }
    more.addEventListener('click', add);
    add();
    return h('div', {}, h('div', {class: 'scroll'}, body), more);
}

function layerLinks(rows) {
    const found = tally(rows, 'layer');

    return h('ul', {id: 'layers', 'aria-label': 'Layers'},
        [['', rows.length], ...found].map(([layer, n]) => h('li', {},
            h('a', {href: hrefWith({layer}),
                    'aria-current': state.layer === layer ? 'true' : null},
              layer || 'all layers', ' ',
              h('span', {class: 'n'}, count(n))))));
}

function viewCompare(main) {
    const {same, differing, only} = data.comparison;
    const rows = differing.filter((parted) =>
        !state.layer || parted.layer === state.layer);

    show(main, h('h2', {}, 'The runs side by side'),
        h('div', {class: 'scroll'}, runRows(data.comparison)),
        h('ul', {class: 'totals'},
          h('li', {}, h('b', {}, count(same)), ' the same in all'),
          h('li', {}, h('b', {}, count(differing.length)), ' differ'),
          h('li', {}, h('b', {}, count(only.length)), ' not in all runs')),
        differing.length ? [
            h('h3', {}, 'Cases that differ'),
            h('p', {class: 'hint'}, 'Shown is the first layer at which the ',
              'runs part; what not all of them saw stands out.'),
            layerLinks(differing),
            partedTable('differing', 'Cases that differ, by their first ' +
                        'layer', rows)] :
            h('p', {class: 'empty'}, 'No case differs.'),
        only.length ? [
            h('h3', {}, 'Cases that some runs have not'),
            partedTable('only', 'Cases that some runs have not', only)] :
            '');
    byId('count').textContent = `${plural(rows.length, 'case', 'cases')} ` +
        `that ${rows.length === 1 ? 'differs' : 'differ'}` +
        (state.layer ? ` first at ${state.layer}` : '');
}
