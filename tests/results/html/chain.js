/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a fault: rule, CQE, driver, block layer, errno, program, as a
 * row of stages and as a diagram of each attempt.
 */
function ruleText(rule) {
    const head = rule.action === 'status' || !rule.action ?
        rule.status : rule.action;
    const flags = [rule.dnr && 'DNR', rule.more && 'More',
                   rule.crd && `CRD ${rule.crd}`, rule.execute && 'executed']
        .filter(Boolean);

    return [plain(head), ...flags].join(', ');
}

/* The last CQE with an error, where there was one. */
function wireStage(commands) {
    const failed = commands.filter((one) => one.status & STATUS_CODE);
    const told = failed[failed.length - 1] || commands[commands.length - 1];
    const all = commands.length > 1 && failed.length ?
        [`${failed.length} of ${commands.length} commands`] : [];

    if (!told) {
        return ['no command', ''];
    }
    return typeof told.status === 'number' ?
        [`CQE ${hex(told.status)}`,
         [statusFields(told.status), ...all].join('; ')] :
        ['no CQE', all.join()];
}

function blockStage(c) {
    const block = object(c.record.block);

    if (block.status) {
        return [`BLK_STS_${block.status}`,
                block.requeues ? plural(block.requeues, 'requeue', 'requeues') :
                    'no requeue'];
    }
    return ['no request ended',
            block.bios ? plural(block.bios, 'bio', 'bios') : ''];
}

/* [layer, what, detail] of each stage. */
function stagesOf(c) {
    const r = c.record;
    const rules = list(r.rules);
    const commands = list(object(r.device).commands);
    const completions = list(object(r.driver).completions);
    const final = completions[completions.length - 1];
    const result = object(r.result);

    return [
        ['rule', rules.length ? ruleText(object(rules[0])) : 'no rule',
         rules.length > 1 ? `and ${plural(rules.length - 1, 'more', 'more')}` :
             `${plural(object(r.device).hits || 0, 'hit', 'hits')}`],
        ['wire', ...wireStage(commands)],
        ['driver', final ? c.retries ? plural(c.retries, 'retry', 'retries') :
            'no retry' : 'no completion',
         final ? `nvme_complete_rq ${hex(final.status || 0)}` : ''],
        ['block', ...blockStage(c)],
        ['errno', object(r.block).errno || 'none', 'of the request'],
        ['program', c.outcome,
         wayOf(c) + (typeof result.value === 'number' ?
             `, returned ${count(result.value)}` : '')],
    ];
}

function drawChain(c, small) {
    return h('ol', {class: small ? 'chain small' : 'chain'},
        stagesOf(c).map(([layer, what, detail]) =>
            h('li', {class: `stage ${layer === 'program' ?
                                     outcomeClass(c.outcome) : ''}`},
              h('span', {class: 'layer'}, layer),
              h('span', {class: 'what'}, what),
              h('span', {class: 'more'}, detail))));
}

/* Events of the diagram: {from, to, text, more, kind}. */
function eventsOf(c) {
    const r = c.record;
    const commands = list(object(r.device).commands);
    const completions = list(object(r.driver).completions);
    const turns = Math.max(commands.length, completions.length);
    const events = [{from: 0, to: 2, text: wayOf(c)}];

    for (let i = 0; i < turns; i++) {
        const command = commands[i];
        const done = completions[i];

        if (turns > 9 && i >= 4 && i < turns - 3) {
            if (i === 4) {
                events.push({note: `… ${turns - 7} more attempts …`, at: 2.5});
            }
            continue;
        }
        if (command) {
            events.push({from: 2, to: 3, kind: 'sent',
                         text: `${i + 1}. ` +
                             opcodeName(command.opcode, command.qid)});
            events.push(typeof command.status === 'number' ?
                {from: 3, to: 2, kind: command.status & STATUS_CODE ?
                    'bad' : 'good',
                 text: `CQE ${hex(command.status)} ` +
                    statusName(command.status),
                 more: [...statusFlags(command.status), command.executed ?
                    'executed' : 'not executed'].join(', ')} :
                {from: 3, to: 2, kind: 'lost', text: 'no CQE', more: ''});
        }
        if (done) {
            events.push({at: 2, note: 'nvme_complete_rq ' +
                `${hex(done.status || 0)}, retries ${done.retries || 0}`,
                again: i < completions.length - 1});
        }
    }
    const block = object(r.block);

    if (block.status || block.errno) {
        events.push({from: 2, to: 1, kind: block.errno ? 'bad' : 'good',
                     text: block.status ? `BLK_STS_${block.status}` : '',
                     more: block.requeues ?
                         plural(block.requeues, 'requeue', 'requeues') : ''});
        events.push({from: 1, to: 0, kind: block.errno ? 'bad' : 'good',
                     text: block.errno || 'success'});
    } else {
        events.push({from: 2, to: 0, kind: c.outcome === 'ok' ? 'good' : 'bad',
                     text: c.outcome === 'status' ? 'the NVMe status' :
                         'no request of the block layer ended'});
    }
    return events;
}

const LANES = ['program', 'block layer', 'nvme driver', 'drive'];
const LANE_X = [150, 390, 630, 930];
const STEP = 34, HEAD = 64, WIDTH = 1020;

function arrow(x1, x2, y, kind) {
    const way = x2 > x1 ? 1 : -1;
    const tip = x2 - way * 2;

    return s('g', {class: `arrow ${kind || ''}`},
        s('line', {x1: x1 + way * 5, x2: tip - way * 6, y1: y, y2: y}),
        kind === 'lost' ?
            s('path', {d: `M${x1 + way * 60} ${y - 6}l12 12m0 -12l-12 12`,
                       class: 'cross'}) :
            s('path', {class: 'tip', d: `M${tip} ${y}l${-way * 10} -5v10z`}));
}

function drawEvent(event, y) {
    if (event.note) {
        const x = event.at === 2 ? LANE_X[2] : (LANE_X[2] + LANE_X[3]) / 2;

        return s('g', {class: 'note'},
            event.at === 2 ? s('circle', {cx: x, cy: y, r: 5}) : null,
            s('text', {x: event.at === 2 ? x - 14 : x, y: y + 4,
                       'text-anchor': event.at === 2 ? 'end' : 'middle'},
              event.note),
            event.again ? s('text', {x: x + 14, y: y + 4, class: 'again'},
                            '↻ sent again') : null);
    }
    const [x1, x2] = [LANE_X[event.from], LANE_X[event.to]];

    return s('g', {},
        arrow(x1, x2, y, event.kind),
        s('text', {x: (x1 + x2) / 2, y: y - 6, 'text-anchor': 'middle',
                   class: 'label'}, event.text || ''),
        event.more ? s('text', {x: (x1 + x2) / 2, y: y + 14,
                                'text-anchor': 'middle', class: 'small'},
                       event.more) : null);
}

function drawLadder(c) {
    const events = eventsOf(c);
    const ys = [];
    let y = HEAD + 30;

    for (const event of events) {
        ys.push(y);
        y += event.more ? STEP + 12 : STEP;
    }
    const bottom = ys[ys.length - 1];
    const elapsed = c.record.elapsed_ns;
    const first = ys[0];

    return s('svg', {class: 'ladder', viewBox: `0 0 ${WIDTH} ${bottom + 34}`,
                     role: 'img', 'aria-label': 'The way of the fault, ' +
                     'attempt by attempt; the tables below say the same'},
        LANES.map((name, i) => s('g', {class: 'lane'},
            s('rect', {x: LANE_X[i] - 70, y: 8, width: 140, height: 30,
                       rx: 6}),
            s('text', {x: LANE_X[i], y: 28, 'text-anchor': 'middle'}, name),
            s('line', {x1: LANE_X[i], x2: LANE_X[i], y1: 38,
                       y2: bottom + 24}))),
        typeof elapsed === 'number' ? s('g', {class: 'time'},
            s('path', {d: `M${LANE_X[0] - 22} ${first}h-14V${bottom}h14`}),
            s('text', {x: LANE_X[0] - 44, y: (first + bottom) / 2 + 4,
                       'text-anchor': 'end'}, duration(elapsed))) : null,
        events.map((event, i) => drawEvent(event, ys[i])));
}
