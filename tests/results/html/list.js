/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of cases, built in pieces as it is scrolled to.
 */
const PIECE = 150;

function caseRow(c) {
    const elapsed = c.record.elapsed_ns;

    return h('tr', {},
        h('th', {scope: 'row'},
          h('a', {href: hrefWith({view: 'case', case: c.name})}, c.name)),
        h('td', {class: 'code'}, c.number >= 0 ? hex(c.number, 3) : '–'),
        h('td', {}, c.status || '–'),
        h('td', {class: 'code'}, c.block || '–'),
        h('td', {}, chip(c.outcome)),
        h('td', {class: 'number'}, count(c.attempts)),
        h('td', {class: 'number'},
          typeof elapsed === 'number' ? duration(elapsed) : '–'),
        h('td', {}, verdictMark(c.verdict)));
}

function viewCases(main) {
    const cases = filtered(state);
    const list = table({id: 'cases', class: 'rows',
                        'aria-rowcount': cases.length + 1},
                       'Cases that match the filter',
                       ['Case', 'Status', 'Name', 'BLK_STS', 'Result',
                        'Commands', 'Time', 'Verdict'], []);
    const more = h('button', {type: 'button', id: 'more'});
    const watcher = new IntersectionObserver((entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
            add();
        }
    }, {rootMargin: '800px'});
    let done = 0;

    function add() {
        const piece = cases.slice(done, done + PIECE);

        list.tBodies[0].append(...piece.map(caseRow));
        done += piece.length;
        more.hidden = done >= cases.length;
        more.textContent = `Show more (${count(cases.length - done)} left)`;
    }
    more.addEventListener('click', add);
    add();
    show(main, cases.length ?
        h('div', {class: 'scroll'}, list) :
        h('p', {class: 'empty'}, 'No case matches this filter.'), more);
    watcher.observe(more);
}
