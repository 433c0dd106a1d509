/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page of one case: its chain, what was expected, and all evidence.
 */
function section(title, ...children) {
    return h('section', {}, h('h3', {}, title), children);
}

/* Members of an object as lines 'path value'. */
function flatten(value, path, lines) {
    const entries = value && typeof value === 'object' ?
        Object.entries(value) : [];

    if (!entries.length) {
        lines.push([path, value]);
    }
    for (const [name, inner] of entries) {
        flatten(inner, Array.isArray(value) ? `${path}[${name}]` :
            path ? `${path}.${name}` : name, lines);
    }
    return lines;
}

function at(record, path) {
    return path.split(/[.[\]]+/).filter(Boolean).reduce((value, name) =>
        value === null || value === undefined ? undefined : value[name],
        record);
}

/* A number that is a status, in a way that can be read. */
function shown(path, value) {
    if (path.endsWith('status') && typeof value === 'number') {
        const name = statusName(value);

        return `${hex(value)}${name ? ` ${name}` : ''} ` +
            `(${statusFields(value)})`;
    }
    return plain(value);
}

/* Which paths of the record an expectation is about. */
function expectedRows(record) {
    return flatten(object(record.expected), '', []).filter(([path]) => path)
        .map(([path, value]) => {
            const bound = /\.(min|max)$/.exec(path);
            const got = at(record, bound ? path.replace(/\.(min|max)$/, '') :
                           path);

            return h('tr', {},
                h('th', {scope: 'row'}, h('code', {}, path)),
                h('td', {}, shown(path, value)),
                h('td', {}, path.startsWith('log') ? 'see the kernel log' :
                    got === undefined ? '–' : shown(path, got)));
        });
}

function commandRows(c) {
    const r = c.record;
    const commands = list(object(r.device).commands);
    const completions = list(object(r.driver).completions);
    const rows = [];

    for (let i = 0; i < Math.max(commands.length, completions.length); i++) {
        const command = commands[i];
        const done = completions[i];

        rows.push(h('tr', {},
            h('th', {scope: 'row'}, String(i + 1)),
            h('td', {}, command ?
                (command.device ? `${command.device}: ` : '') +
                `${opcodeName(command.opcode, command.qid)}, queue ` +
                `${plain(command.qid)}, cid ${plain(command.cid)}` : '–'),
            h('td', {}, command ? typeof command.status === 'number' ?
                shown('status', command.status) : 'no CQE' : '–'),
            h('td', {}, command ? command.executed ? 'yes' : 'no' : '–'),
            h('td', {}, done ? shown('status', done.status) : '–'),
            h('td', {class: 'number'}, done ? plain(done.retries) : '–')));
    }
    return rows;
}

function ruleRows(rules) {
    return rules.map((rule, i) => h('tr', {},
        h('th', {scope: 'row'}, String(i + 1)),
        h('td', {}, h('code', {}, Object.entries(object(rule))
            .filter(([name]) => name !== 'id')
            .map(([name, value]) => `${name}=${plain(value)}`).join(' ')))));
}

/* Objects and arrays of the record that have no table of their own. */
function pairs(title, value) {
    const lines = flatten(value, '', []).filter(([path]) => path);

    return lines.length ? section(title, table({class: 'rows pairs'}, title,
        ['Member', 'Value'], lines.map(([path, one]) => h('tr', {},
            h('th', {scope: 'row'}, h('code', {}, path)),
            h('td', {}, shown(path, one)))))) : null;
}

function copyButton(text) {
    const button = h('button', {type: 'button', class: 'copy',
        onclick: async () => {
            try {
                await navigator.clipboard.writeText(text);
                button.textContent = 'Copied';
            } catch (refused) {
                getSelection().selectAllChildren(byId('repro'));
                button.textContent = 'Selected';
            }
        }}, 'Copy');

    return button;
}

/* The same case in the other runs, a line each. */
function otherRuns(c) {
    if (runs.length < 2) {
        return null;
    }
    return section('In every run', h('div', {class: 'scroll'}, table(
        {class: 'rows'}, `${c.name} in each run`,
        ['Run', 'Kernel', 'BLK_STS', 'Result', 'Commands', 'Verdict'],
        runs.map((run, i) => {
            const other = run.byName.get(c.name);
            const name = i === c.run ? h('b', {}, run.name) :
                h('a', {href: hrefWith({run: String(i)})}, run.name);

            return h('tr', {},
                h('th', {scope: 'row'}, other ? name : run.name),
                h('td', {}, run.kernel || '–'),
                other ? [h('td', {class: 'code'}, other.block || '–'),
                         h('td', {}, chip(other.outcome)),
                         h('td', {class: 'number'}, count(other.attempts)),
                         h('td', {}, verdictMark(other.verdict))] :
                    h('td', {colspan: '4'}, 'has no such case'));
        }))));
}

function neighbours(c) {
    const cases = filtered(state);
    const here = cases.indexOf(c);
    const link = (other, text) => other ?
        h('a', {href: hrefWith({case: other.name}), title: other.name}, text) :
        h('span', {class: 'off'}, text);

    return h('nav', {class: 'near', 'aria-label': 'Neighbours'},
        h('a', {href: hrefWith({view: 'map', case: ''})}, '← Heat map'),
        h('a', {href: hrefWith({view: 'cases', case: ''})}, 'Cases'),
        h('span', {class: 'right'},
          link(cases[here - 1], 'Previous'),
          here >= 0 ? h('span', {}, `${count(here + 1)} of ` +
                                    count(cases.length)) : null,
          link(here >= 0 ? cases[here + 1] : null, 'Next')));
}

function caseHead(c) {
    const r = c.record;

    return h('header', {class: 'case-head'},
        h('h2', {id: 'case-title', tabindex: '-1'}, c.name),
        h('p', {class: 'facts'},
          verdictMark(c.verdict), chip(c.outcome),
          c.number >= 0 ? h('span', {}, h('code', {}, hex(c.number, 3)),
              ` ${c.status || 'unnamed'} (${statusFields(c.number)})`) : null,
          h('span', {}, wayOf(c)),
          typeof r.elapsed_ns === 'number' ?
              h('span', {}, duration(r.elapsed_ns)) : null,
          r.finding ? h('span', {class: 'finding'},
                        `kernel defect: ${plain(r.finding)}`) : null),
        r.reason ? h('p', {class: 'reason'}, plain(r.reason)) : null);
}

function evidence(c) {
    const r = c.record;
    const driver = {...object(r.driver)};
    const device = {...object(r.device)};
    const result = {...object(r.result)};
    const log = list(r.log);

    delete driver.completions;
    delete device.commands;
    return [
        section('Attempts', h('div', {class: 'scroll'}, table({class: 'rows'},
            'Commands at the drive and their completions in the driver',
            ['#', 'Command', 'CQE', 'Executed', 'nvme_complete_rq', 'Retries'],
            commandRows(c)))),
        list(r.rules).length ? section('Rules', table({class: 'rows'},
            'Rules of the case', ['#', 'Rule'], ruleRows(list(r.rules)))) :
            null,
        section('Kernel log', log.length ?
            h('pre', {class: 'log'}, log.map(plain).join('\n')) :
            h('p', {}, 'No line.')),
        r.expected ? section('Expected and observed',
            h('div', {class: 'scroll'}, table({class: 'rows pairs'},
                'What was judged', ['Member', 'Expected', 'Observed'],
                expectedRows(r))),
            r.from ? h('p', {class: 'hint'}, 'Expected because of ',
                       h('code', {}, plain(r.from))) : null) : null,
        pairs('Result', result),
        pairs('Block layer', object(r.block)),
        pairs('More of the drive', device),
        pairs('More of the driver', driver),
        pairs('Stimulus', object(r.stimulus)),
    ];
}

function viewCase(main) {
    const c = currentRun().byName.get(state.case);

    if (!c) {
        show(main,     h('p', {class: 'empty'}, state.case ?
                `This run has no case '${state.case}'.` : 'No case is named.'),
            otherHolders());
        return;
    }
    show(main, h('article', {class: 'case'},
        neighbours(c), caseHead(c),
        drawChain(c, false),
        h('div', {class: 'scroll figure'}, drawLadder(c)),
        otherRuns(c),
        evidence(c),
        c.record.repro ? section('Run it again', h('div', {class: 'repro'},
            h('pre', {id: 'repro'}, plain(c.record.repro)),
            copyButton(plain(c.record.repro)))) : null,
        h('details', {}, h('summary', {}, 'The record'),
          h('pre', {}, JSON.stringify(c.record, null, 2)))));
}

/* Which runs do have the case that this one lacks. */
function otherHolders() {
    return h('ul', {}, runs.map((run, i) => run.byName.has(state.case) ?
        h('li', {}, h('a', {href: hrefWith({run: String(i)})},
                      `in ${run.name}`)) : null));
}
