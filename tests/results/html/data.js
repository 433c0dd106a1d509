/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The runs and their cases.  The data shares what records have in common: a
 * row holds, for each name in "members", a number into "pool", or -1 where
 * the record has no such member.
 */
const data = JSON.parse(byId('data').textContent);
const statusNames = new Map(data.statuses);
const statusNumbers = new Map(data.statuses.map(([n, name]) => [name, n]));

const STATUS_CODE = 0x7ff, STATUS_MORE = 0x2000, STATUS_DNR = 0x4000;
const NO_STATUS = -1, NO_API = '–';
const VERDICTS = ['pass', 'fail', 'error', 'timeout', 'observed', 'skip'];
const BAD = ['fail', 'error', 'timeout'];

/* The record of a row, whole again. */
function unpack(row) {
    const record = {};

    data.members.forEach((name, i) => {
        if (row[i] >= 0) {
            record[name] = data.pool[row[i]];
        }
    });
    if ('repro-before' in record) {
        const before = record['repro-before'];

        delete record['repro-before'];
        record.repro = `${before}${record.case}'`;
    }
    return record;
}

/* "read by direct" */
function wayOf({op, api}) {
    return api === NO_API ? op : `${op} by ${api}`;
}

function statusName(status) {
    return statusNames.get(status & STATUS_CODE) || '';
}

function statusFlags(status) {
    const flags = [];

    if ((status >> 11) & 3) {
        flags.push(`CRD ${(status >> 11) & 3}`);
    }
    if (status & STATUS_MORE) {
        flags.push('More');
    }
    if (status & STATUS_DNR) {
        flags.push('DNR');
    }
    return flags;
}

/* "SCT 2, SC 86h, DNR" */
function statusFields(status) {
    const sc = (status & 0xff).toString(16).padStart(2, '0');

    return [`SCT ${(status >> 8) & 7}`, `SC ${sc}h`]
        .concat(statusFlags(status)).join(', ');
}

function opcodeName(opcode, qid) {
    const names = qid === 0 ? data.opcodes.admin : data.opcodes.io;

    return names[opcode] || `opcode ${hex(opcode, 2)}`;
}

const list = (value) => Array.isArray(value) ? value : [];
const object = (value) =>
    value && typeof value === 'object' && !Array.isArray(value) ? value : {};

/* SCT and SC of what was to happen, as nvme-fi's own table has it. */
function wantedStatus(stimulus, commands) {
    const given = stimulus.status;
    const last = commands[commands.length - 1];

    if (typeof given === 'number') {
        return given & STATUS_CODE;
    }
    for (const name of [given, stimulus['status-name'], stimulus.fault]) {
        if (typeof name === 'string' && statusNumbers.has(name)) {
            return statusNumbers.get(name);
        }
    }
    if (typeof given === 'string') {
        return /^(0x[0-9a-f]+|\d+)$/i.test(given) ?
            Number(given) & STATUS_CODE :
            last && typeof last.status === 'number' ?
                last.status & STATUS_CODE : NO_STATUS;
    }
    return NO_STATUS;
}

/* What the program got. */
function outcomeOf(record, number) {
    const result = object(record.result);

    if (record.verdict === 'skip' && record.reason !== data.observed) {
        return 'skipped';
    }
    if (result.signal || result.errno) {
        return String(result.signal || result.errno);
    }
    if (typeof result.value !== 'number') {
        return 'none';
    }
    /* passthrough hands the status itself to the program */
    return number > 0 && result.value > 0 &&
        (result.value & STATUS_CODE) === number ? 'status' : 'ok';
}

function caseOf(row, run) {
    const record = unpack(row);
    const stimulus = object(record.stimulus);
    const commands = list(object(record.device).commands);
    const number = wantedStatus(stimulus, commands);
    const c = {
        run, record, number, name: String(record.case),
        suite: String(record.suite || ''),
        op: String(stimulus.op || '–'),
        api: String(stimulus.api || NO_API),
        status: String(stimulus['status-name'] || statusName(number)),
        outcome: outcomeOf(record, number),
        verdict: record.reason === data.observed ? 'observed' :
            String(record.verdict || 'none'),
        attempts: commands.length,
        retries: Math.max(0, ...list(object(record.driver).completions)
            .map((one) => one.retries || 0)),
        block: String(object(record.block).status || ''),
    };

    c.text = [c.name, c.status, number >= 0 ? hex(number, 3) : '', c.outcome,
              c.block && `BLK_STS_${c.block}`, c.verdict, record.reason || '',
              record.finding || ''].join(' ').toLowerCase();
    return c;
}

const runs = data.runs.map((run, i) => {
    const cases = run.records.map((row) => caseOf(row, i));

    return {...run, cases, byName: new Map(cases.map((c) => [c.name, c]))};
});

/* Outcomes that have a colour of their own; the others share some. */
const SHORT = {
    ok: 'ok', status: 'status', none: '–', skipped: 'skip', EIO: 'IO',
    ENODATA: 'NODATA', EREMOTEIO: 'REMIO', ENOSPC: 'NOSPC',
    EOPNOTSUPP: 'NOTSUP', EBADE: 'BADE', EILSEQ: 'ILSEQ',
    EOVERFLOW: 'OVRFLW', ETOOMANYREFS: 'TOOMNY', ENOLINK: 'NOLINK',
    EINVAL: 'INVAL', ETIMEDOUT: 'TIMED', EAGAIN: 'AGAIN', EBUSY: 'BUSY',
    EINTR: 'INTR', ENODEV: 'NODEV', ENXIO: 'NXIO', EROFS: 'ROFS',
    EUCLEAN: 'UCLEAN', SIGBUS: 'SIGBUS',
};
const MEANING = {
    ok: 'success', status: 'the NVMe status itself (passthrough)',
    none: 'nothing was returned', skipped: 'the case was skipped',
};

function short(outcome) {
    return SHORT[outcome] || outcome.replace(/^E(?=[A-Z])/, '').slice(0, 6);
}

function outcomeText(outcome) {
    return MEANING[outcome] || outcome;
}

function outcomeClass(outcome) {
    let sum = 0;

    if (SHORT[outcome]) {
        return `o o-${outcome}`;
    }
    for (const letter of outcome) {
        sum = (sum * 31 + letter.codePointAt(0)) % 6;
    }
    return `o o-x${sum}`;
}

function chip(outcome) {
    return h('span', {class: `chip ${outcomeClass(outcome)}`},
             outcome);
}

const MARKS = {pass: '✓', fail: '✗', error: '!', timeout: '…', observed: '○',
               skip: '–'};

function verdictMark(verdict) {
    return h('span', {class: `verdict v-${MARKS[verdict] ? verdict : 'none'}`},
             h('span', {'aria-hidden': 'true'}, MARKS[verdict] || '?'), ' ',
             verdict);
}
