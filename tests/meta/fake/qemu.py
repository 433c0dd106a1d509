#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A QEMU for tests of the runner: takes QEMU's command line, speaks QMP and
# plays the guest that $FAKE_SCRIPT (Python, with 'vm' in scope) describes.
import fnmatch
import json
import os
import signal
import socket
import sys
import threading


class Drive:
    """Rules and the log of commands, as the patched nvme device has them."""

    def __init__(self):
        self.rules, self.log, self.lost, self.seq = {}, [], 0, 0

    def add(self, rules):
        for rule in rules:
            self.rules[rule['id']] = {'rule': rule, 'matches': 0, 'hits': 0,
                                      'spent': False}

    def command(self, rule_id, status, hit=True):
        info = self.rules[rule_id]
        info['matches'] += 1
        self.seq += 1
        entry = {'seq': self.seq, 'id': rule_id, 'qid': 1, 'cid': 7,
                 'opcode': 2, 'nsid': 1, 'executed': not hit,
                 'status': status, 'sqe': '00' * 64, 'cqe': '00' * 16}
        if hit:
            info['hits'] += 1
            entry['hit'] = self.seq
        self.log.append(entry)


class VM:
    """What a script may do."""

    def __init__(self, argv):
        self.argv = argv
        ports = {}
        for option, value in zip(argv, argv[1:]):
            if option == '-chardev':
                items = dict(i.split('=') for i in value.split(',')[1:])
                ports[items['id']] = socket.socket(fileno=int(items['fd']))
        self.qmp, self.console = ports['qmp'], ports['console']
        self.control, self.results = ports['control'], ports['results']
        self.control_file = self.control.makefile('r')
        devices = [json.loads(v) for o, v in zip(argv, argv[1:])
                   if o == '-device' and v[0] == '{']
        self.drives = {d['id']: Drive() for d in devices
                       if d['driver'] == 'nvme'}
        self.drive = self.drives.get('nvme0')
        self.added = []         # by device_add
        self.batch = 0
        self.qmp_seen = []
        self.mute = set()       # QMP commands that get no answer
        self.count_boot()
        self.parse_append(argv[argv.index('-append') + 1])
        threading.Thread(target=self.serve_qmp, daemon=True).start()

    def count_boot(self):
        path = os.path.join(os.environ['FAKE_STATE'], 'boots')
        with open(path, 'a') as f:
            f.write(json.dumps(self.argv) + '\n')
        with open(path) as f:
            self.boot = len(f.readlines())

    def parse_append(self, append):
        words = append.split(' -- ')[1].split()
        get = [w.split('=', 1) for w in words[1:]]
        globs = [v for k, v in get if k == '--filter']
        self.start = int(dict(get).get('--start', 0))
        omit = dict(get).get('--omit', '')
        self.omit = {int(n) for n in omit.split(',')} if omit else set()
        where = 'FAKE_OTHER' if words[0] == 'other' else 'FAKE_CASES'
        index, count = map(int, dict(get).get('--shard', '1/1').split('/'))
        self.names = [n for n in os.environ[where].split()
                      if not globs or
                      any(fnmatch.fnmatchcase(n, g) for g in globs)]
        self.names = self.names[index - 1::count]
        self.todo = [i for i in range(self.start, len(self.names))
                     if i not in self.omit]

    # QMP

    def answer(self, message):
        name, args = message['execute'], message.get('arguments', {})
        if name in ('qmp_capabilities', 'query-version', 'quit'):
            return {}
        if os.environ.get('FAKE_STOCK'):
            raise ValueError('The command %s has not been found' % name)
        if name in ('device_del', 'system_reset', 'human-monitor-command'):
            return ''
        if name == 'device_add':
            self.added.append(args)
            self.drive = self.drives[args['id']] = Drive()
            return {}
        drive = self.drives.get(args.get('device'))
        if not drive:
            raise ValueError('no device')
        if name == 'nvme-fi-add':
            drive.add(args['rules'])
            return {'ids': [r['id'] for r in args['rules']]}
        if name == 'nvme-fi-clear':
            drive.rules = {}
            return {}
        if name == 'query-nvme-fi':
            return {'state': '', 'rules': list(drive.rules.values())}
        if name == 'query-nvme-fi-log':
            if args.get('since', 1) < 1:
                raise ValueError("'since' is below 1")
            log = [c for c in drive.log if c['seq'] >= args.get('since', 1)]
            return {'next': drive.seq + 1, 'lost': drive.lost,
                    'commands': log}
        raise ValueError('unknown command ' + name)

    def send_qmp(self, message):
        self.qmp.sendall(json.dumps(message).encode() + b'\r\n')

    def serve_qmp(self):
        self.send_qmp({'QMP': {'version': {'qemu': {
            'major': 10, 'minor': 0, 'micro': 13}, 'package': ''},
            'capabilities': []}})
        for line in self.qmp.makefile('r'):
            message = json.loads(line)
            self.qmp_seen.append(message['execute'])
            if message['execute'] in self.mute:
                continue
            try:
                self.send_qmp({'return': self.answer(message)})
            except ValueError as error:
                self.send_qmp({'error': {'class': 'GenericError',
                                         'desc': str(error)}})
            if message['execute'] == 'quit':
                os._exit(0)
        # Like QEMU, it does not mind that nobody listens any more.

    # The guest

    def send(self, **message):
        self.results.sendall(json.dumps(message).encode() + b'\n')

    def raw(self, data):
        self.results.sendall(data)

    def ask_raw(self, data):
        self.control.sendall(data)
        return json.loads(self.control_file.readline())

    def ask(self, command, **arguments):
        return self.ask_raw(json.dumps(
            {'execute': command, 'arguments': arguments}).encode() + b'\n')

    def say(self, text):
        self.console.sendall(text.encode())

    def hello(self, **other):
        message = {'suite': 'fake', 'kernel': '6.12.107-fake',
                   'cases': len(self.names), 'expectations': True}
        message.update(other)
        self.send(type='hello', **message)

    def begin(self, i):
        self.send(type='begin', ordinal=i, case=self.names[i])

    def rules(self, i):
        return [{'id': 'c%d' % i, 'action': 'status', 'status': '0x286'}]

    def trace_of(self, i, attempts=1, error=-61):
        lines = ['e-1 [000] ..... 1.0: tracing_mark_write: nvme-fi begin %d'
                 % i]
        for n in range(attempts):
            lines.append('e-1 [000] d.h.. 1.1: nvme_complete_rq: nvme0: disk='
                         'nvme0n1, qid=1, cmdid=7, res=0x0, retries=%d, '
                         'flags=0x0, status=0x286' % n)
            if n + 1 < attempts:
                lines.append('e-1 [000] d.h.. 1.2: block_rq_requeue: 259,0 R '
                             '() 8 + 8 none,0,0 [0]')
        lines.append('e-1 [000] d.h.. 1.3: block_rq_complete: 259,0 R () 8 + '
                     '8 none,0,0 [%d]' % error)
        lines.append('e-1 [000] ..... 1.4: tracing_mark_write: nvme-fi end %d'
                     % i)
        return lines

    def log_of(self, i, *texts):
        texts = ('nvme-fi begin %d' % i,) + texts + ('nvme-fi end %d' % i,)
        return ['6,%d,%d,-;%s' % (n, n, text)
                for n, text in enumerate(texts)]

    def message(self, i, **other):
        message = {'type': 'case', 'ordinal': i, 'case': self.names[i],
                   'suite': 'fake', 'stimulus': {
                       'op': 'read', 'api': 'direct', 'status': 0x286,
                       'status-name': 'access-denied'},
                   'rules': self.rules(i),
                   'expected': {'device': {'hits': 1},
                                'block': {'errno': 'ENODATA'},
                                'result': {'value': -1, 'errno': 'ENODATA'}},
                   'result': {'value': -1, 'errno': 'ENODATA'},
                   'elapsed_ns': 1000}
        message.update(other)
        return message

    def run(self, ordinals, before=lambda i: None, **spoil):
        """One batch; spoil replaces pieces: hits, trace, log, message."""
        ordinals = list(ordinals)
        self.ask('nvme-fi-add', rules=[r for i in ordinals
                                       for r in self.rules(i)])
        for i in ordinals:
            self.begin(i)
            before(i)
            for _ in range(spoil.get('hits', 1)):
                self.drive.command('c%d' % i, 0x286)
            for _ in range(spoil.get('misses', 0)):
                self.drive.command('c%d' % i, 0, hit=False)
        for i in ordinals:
            self.send(type='trace', lines=spoil.get(
                'trace', self.trace_of)(i))
            self.send(type='log', lines=spoil.get('log', self.log_of)(i))
            self.send(**self.message(i, **spoil.get('message', {})))
        self.end_batch()

    def end_batch(self):
        self.send(type='batch-end', batch=self.batch)
        answer = self.ask('run-collect', batch=self.batch)
        self.batch += 1
        return answer

    def event(self, name, **data):
        self.send_qmp({'event': name, 'data': data,
                       'timestamp': {'seconds': 0, 'microseconds': 0}})

    def reset(self):
        """The machine is reset and the guest boots again."""
        self.event('RESET', guest=True, reason='guest-reset')
        self.raw(b'\n')
        self.control.sendall(b'\n')
        self.recall(7)
        self.hello()

    def recall(self, token):
        answer = self.ask('run-recall', token=token)
        while answer.get('return', {}).get('token') != token:
            answer = json.loads(self.control_file.readline())
        return answer['return']['text']

    def unplugged(self, device):
        del self.drives[device]
        self.event('DEVICE_DELETED', device=device, path='/machine')

    def finish(self):
        self.send(type='bye')
        self.stop('guest-shutdown')

    def stop(self, reason):
        self.send_qmp({'event': 'SHUTDOWN', 'data': {'guest': True,
                       'reason': reason},
                       'timestamp': {'seconds': 0, 'microseconds': 0}})
        self.hang()

    def panic(self):
        self.say('Kernel panic - not syncing: Fatal exception\r\n')
        self.stop('guest-reset')

    def hang(self):
        while True:
            signal.pause()

    def die(self, signum):
        signal.signal(signum, signal.SIG_DFL) if signum != 9 else None
        os.kill(os.getpid(), signum)


if __name__ == '__main__':
    vm = VM(sys.argv)
    exec(os.environ['FAKE_SCRIPT'], {'vm': vm, 'os': os, 'sys': sys,
                                     'json': json})
    vm.finish()
