/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heat map by keyboard.
 */
/* One cell is in the tab order; the arrow keys move it. */
function rove(link) {
    byId('map').querySelectorAll('a[tabindex="0"]')
        .forEach((one) => one.setAttribute('tabindex', '-1'));
    link.setAttribute('tabindex', '0');
}

function focusCell(key) {
    const link = byId('map') && byId('map')
        .querySelector(`a[data-cell="${CSS.escape(key)}"]`);

    if (link) {
        rove(link);
        link.focus();
    }
}

/* The next cell with a link from row @y, column @x in steps of @dy, @dx. */
function stepFrom(rows, y, x, dy, dx) {
    for (y += dy, x += dx; rows[y] && rows[y].cells[x]; y += dy, x += dx) {
        const link = rows[y].cells[x].querySelector('a');

        if (link) {
            return link;
        }
    }
    return null;
}

function onMapKey(event) {
    const steps = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1],
                   ArrowRight: [0, 1]};
    const td = event.target.closest('td');
    const rows = [...byId('map').querySelectorAll('tbody tr:not(.set)')];
    let link = null;

    if (!td) {
        return;
    }
    const y = rows.indexOf(td.parentNode);
    const all = (row) => [...row.querySelectorAll('a')];

    if (steps[event.key]) {
        link = stepFrom(rows, y, td.cellIndex, ...steps[event.key]);
    } else if (event.key === 'Home') {
        link = all(event.ctrlKey ? rows[0] : rows[y])[0];
    } else if (event.key === 'End') {
        link = all(event.ctrlKey ? rows[rows.length - 1] : rows[y]).pop();
    } else if (event.key === 'PageDown' || event.key === 'PageUp') {
        const dy = event.key === 'PageDown' ? 1 : -1;

        for (let i = 0, next = td; i < 10 && next; i++) {
            const at = rows.indexOf(next.parentNode);

            next = stepFrom(rows, at, next.cellIndex, dy, 0);
            next = next && next.closest('td');
            link = next ? next.querySelector('a') : link;
        }
    } else if (event.key === 'Escape' && state.cell) {
        closeDetail();
    } else {
        return;
    }
    event.preventDefault();
    if (link) {
        rove(link);
        link.focus();
    }
}
