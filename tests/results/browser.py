# SPDX-License-Identifier: GPL-2.0-or-later
# A headless Chromium for tests: the DevTools protocol over a pair of pipes, a
# JSON object and a NUL byte each way. Waits for conditions, never for a time.
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ('chromium', 'chromium-browser', 'google-chrome')
OPTIONS = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
           '--no-first-run', '--disable-background-networking',
           '--disable-component-update', '--disable-sync',
           '--remote-debugging-pipe', '--window-size=1440,900')
DEADLINE = 60
KEYS = {'Enter': (13, '\r'), 'Tab': (9, ''), 'Escape': (27, ''),
        'ArrowLeft': (37, ''), 'ArrowUp': (38, ''), 'ArrowRight': (39, ''),
        'ArrowDown': (40, ''), 'Home': (36, ''), 'End': (35, '')}


def find():
    """The program, or None."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


class Browser:
    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory()
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()

        def pipes():
            # it reads from 3 and writes to 4
            spare = [os.dup2(fd, 100 + i) for i, fd in
                     enumerate((to_read, to_write))]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self.process = subprocess.Popen(
            [program, *OPTIONS, '--user-data-dir=' + self.folder.name],
            close_fds=False, preexec_fn=pipes, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.number = 0
        self.buffer = b''
        self.events = []
        self.session = None
        target = self.call('Target.createTarget', url='about:blank')
        self.session = self.call('Target.attachToTarget', flatten=True,
                                 targetId=target['targetId'])['sessionId']
        for domain in ('Page', 'Runtime', 'Network', 'Log'):
            self.call(domain + '.enable')

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)
        shutil.rmtree(self.folder.name, ignore_errors=True)

    def message(self):
        end = time.monotonic() + DEADLINE
        while b'\0' not in self.buffer:
            ready = select.select([self.from_browser], [], [],
                                  max(0, end - time.monotonic()))
            assert ready[0], 'the browser does not answer'
            data = os.read(self.from_browser, 1 << 20)
            assert data, 'the browser is gone'
            self.buffer += data
        text, self.buffer = self.buffer.split(b'\0', 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        request = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            request['sessionId'] = self.session
        data = json.dumps(request).encode() + b'\0'
        while data:
            data = data[os.write(self.to_browser, data):]
        while True:
            answer = self.message()
            if answer.get('id') == self.number:
                assert 'error' not in answer, '%s: %s' % (method,
                                                          answer['error'])
                return answer['result']
            self.events.append(answer)

    def js(self, expression):
        """Its value, of a promise what it comes to."""
        done = self.call('Runtime.evaluate', expression=expression,
                         returnByValue=True, awaitPromise=True)
        assert 'exceptionDetails' not in done, '%s: %s' % (
            expression, done['exceptionDetails'])
        return done['result'].get('value')

    def wait(self, condition):
        """Until the expression is true; looks again at each frame."""
        done = self.js('''new Promise((done) => {
            const end = performance.now() + %d;
            (function look() {
                let yes = false;
                try { yes = %s; } catch (nothing) { yes = false; }
                if (yes) { done(true); }
                else if (performance.now() > end) { done(false); }
                else { setTimeout(look, 5); }
            })();
        })''' % (DEADLINE * 1000 / 2, condition))
        assert done, 'never came: %s; at %s' % (condition,
                                                self.js('location.href'))

    def open(self, url):
        """Loads it anew, also where only the part behind '#' differs."""
        self.call('Page.navigate', url='about:blank')
        self.wait('location.href === "about:blank"')
        self.call('Page.navigate', url=url)
        self.wait('document.readyState === "complete" && '
                  'location.protocol === "file:"')

    def key(self, name, modifiers=0):
        code, text = KEYS.get(name, (ord(name[0].upper()), name))
        event = {'key': name, 'windowsVirtualKeyCode': code,
                 'modifiers': modifiers}
        if text:
            event['text'] = text
        self.call('Input.dispatchKeyEvent', type='keyDown', **event)
        event.pop('text', None)
        self.call('Input.dispatchKeyEvent', type='keyUp', **event)

    def type(self, text):
        self.call('Input.insertText', text=text)

    def media(self, **features):
        self.call('Emulation.setEmulatedMedia', features=[
            {'name': name.replace('_', '-'), 'value': value}
            for name, value in features.items()])

    def size(self, width, height):
        self.call('Emulation.setDeviceMetricsOverride', width=width,
                  height=height, deviceScaleFactor=1, mobile=False)

    def picture(self, path, whole=False):
        shot = self.call('Page.captureScreenshot',
                         captureBeyondViewport=whole)
        with open(path, 'wb') as f:
            f.write(base64.b64decode(shot['data']))

    def paper(self):
        """The page as PDF."""
        return base64.b64decode(self.call(
            'Page.printToPDF', printBackground=True,
            preferCSSPageSize=True)['data'])

    def complaints(self):
        """What the page's script or its policy had to say."""
        self.call('Runtime.evaluate', expression='0')
        return [e['params'] for e in self.events if e.get('method') in
                ('Runtime.exceptionThrown', 'Log.entryAdded')]

    def requests(self):
        return [e['params']['request']['url'] for e in self.events
                if e.get('method') == 'Network.requestWillBeSent']
