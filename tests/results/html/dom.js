/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making elements and text.  Whatever a record says becomes a text node or an
 * attribute, never markup.
 */
'use strict';

/* h('td', {class: 'x', onclick: f}, 'text', element, [more], null) */
function h(tag, props, ...children) {
    return fill(document.createElement(tag), props, children);
}

function s(tag, props, ...children) {
    return fill(document.createElementNS('http://www.w3.org/2000/svg', tag),
                props, children);
}

function fill(element, props, children) {
    for (const [name, value] of Object.entries(props || {})) {
        if (typeof value === 'function') {
            element.addEventListener(name.slice(2), value);
        } else if (value !== null && value !== undefined && value !== false) {
            element.setAttribute(name, value === true ? '' : value);
        }
    }
    element.append(...children.flat(Infinity)
        .filter((c) => c !== null && c !== undefined && c !== false));
    return element;
}

/* Puts these into an element instead of what is there. */
function show(element, ...children) {
    element.replaceChildren();
    fill(element, {}, children);
}

const byId = (id) => document.getElementById(id);
const hex = (n, digits) =>
    '0x' + Number(n).toString(16).padStart(digits || 1, '0');
const count = (n) => Number(n).toLocaleString('en');
const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

/* 2,345,678 ns: "2.35 ms" */
function duration(ns) {
    const units = [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs']];
    const [size, unit] = units.find(([u]) => ns >= u) || [1, 'ns'];
    const n = ns / size;
    const digits = size === 1 || n >= 100 ? 0 : n >= 10 ? 1 : 2;

    return `${n.toFixed(digits)} ${unit}`;
}

/* Any value of a record in one line: what is a string shows as it is. */
function plain(value) {
    if (value === null || value === undefined) {
        return 'null';
    }
    return typeof value === 'string' ? value : JSON.stringify(value);
}

function table(props, caption, heads, rows) {
    return h('table', props, h('caption', {}, caption),
             h('thead', {}, h('tr', {}, heads.map((head) =>
                 h('th', {scope: 'col'}, head)))),
             h('tbody', {}, rows));
}
