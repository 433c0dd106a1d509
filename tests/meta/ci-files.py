#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# This test reads the files that users copy into their CI: the YAML is what it
# says, its steps are ci-steps.sh, and the scripts hand over what they were
# given. Launcher and Slurm are played by scripts that write down their words.
import os
import re
import shlex
import subprocess
import sys
import tempfile
import traceback

try:
    import yaml
except ImportError:
    print('1..0 # SKIP there is no python3-yaml')
    sys.exit()

CI = os.path.realpath(os.path.join(os.path.dirname(__file__),
                                   '../../guest-scripts/ci'))
# Writes its words down; a run leaves run.json, a merge nothing.
LAUNCHER = r'''#!/bin/sh
echo "$*" >>"$FAKE/words"
while [ $# -gt 0 ]; do
    [ "$1" != --out ] || out=$2
    shift
done
echo '  not ok 1 a'
[ -z "$FAKE_RUN" ] || echo '{}' >"$out/run.json"
exit "${FAKE_STATUS:-0}"
'''
# Runs each task of an array, then says the number of the job.
SBATCH = r'''#!/bin/sh
echo "sbatch $*" >>"$FAKE/words"
while [ "$1" != -- ]; do
    case $1 in
    --array=1-*) count=${1#*-} count=${count#*1-} ;;
    --output=*) log=${1#*=} ;;
    esac
    shift
done
shift
if [ -n "${count:-}" ]; then
    for SLURM_ARRAY_TASK_ID in $(seq "$count"); do
        export SLURM_ARRAY_TASK_ID SLURM_ARRAY_TASK_COUNT="$count"
        "$@" >/dev/null
    done
    echo '42;cluster'
else
    "$@" >"$log"
fi
'''


class Folder:
    def __init__(self, path):
        self.path = path
        self.script('nvme-fi', LAUNCHER)
        self.script('sbatch', SBATCH)
        self.script('bzImage', '')

    def script(self, name, text):
        name = os.path.join(self.path, name)
        with open(name, 'w', encoding='utf-8') as f:
            f.write(text)
        os.chmod(name, 0o755)

    def run(self, *argv, **env):
        """Status, output, and what launcher and Slurm were asked."""
        words = os.path.join(self.path, 'words')
        if os.path.exists(words):
            os.unlink(words)
        env = {**os.environ, 'FAKE': self.path, 'FAKE_RUN': 'y',
               'NVME_FI': os.path.join(self.path, 'nvme-fi'), 'PATH': ':'.join(
                   (self.path, CI, os.environ['PATH'])), **env}
        done = subprocess.run(argv, env=env, cwd=self.path, text=True,
                              stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT)
        asked = []
        if os.path.exists(words):
            with open(words, encoding='utf-8') as f:
                asked = f.read().replace(self.path + '/', '').splitlines()
        return done.returncode, done.stdout, asked


def equal(got, want):
    assert got == want, 'got %r, expected %r' % (got, want)


def load(name):
    with open(os.path.join(CI, name), encoding='utf-8') as f:
        return yaml.safe_load(f)


def steps_of(lines, values):
    """What follows ci-steps.sh, with the CI's variables filled in."""
    for line in lines:
        for name, value in values.items():
            line = line.replace(name, value)
        words = shlex.split(line)
        equal(words[0], 'ci-steps.sh')
        yield words


def run_shard(folder, words, number, count):
    equal(folder.run(*words)[0::2], (0, [
        'run --kernel bzImage --out shard-%d --ktap --suite all --shard %d/%d'
        % (number, number, count)]))


def run_merge(folder, words, count):
    equal(folder.run(*words)[2], ['merge %s --out merged' % ' '.join(
        'shard-%d' % (i + 1) for i in range(count))])


def test_github_actions_runs_the_script(folder):
    jobs = load('github-actions.yml')['jobs']
    matrix = jobs['nvme-fi']['strategy']['matrix']['shard']
    equal(matrix, list(range(1, len(matrix) + 1)))
    equal((jobs['nvme-fi']['needs'], jobs['merge']['needs'],
           jobs['merge']['if']), ('kernel', 'nvme-fi', 'always()'))
    for number in matrix:
        lines = [s['run'] for s in jobs['nvme-fi']['steps'] if 'run' in s]
        for words in steps_of(lines, {'${{ matrix.shard }}': str(number)}):
            run_shard(folder, words, number, len(matrix))
    for words in steps_of([s['run'] for s in jobs['merge']['steps']
                           if 'run' in s], {}):
        run_merge(folder, words, len(matrix))


def test_gitlab_ci_runs_the_script(folder):
    jobs = load('gitlab-ci.yml')
    count = jobs['nvme-fi']['parallel']
    equal([jobs[name]['stage'] for name in ('kernel', 'nvme-fi', 'merge')],
          jobs['stages'])
    for number in range(1, count + 1):
        for words in steps_of(jobs['nvme-fi']['script'],
                              {'$CI_NODE_INDEX': str(number),
                               '$CI_NODE_TOTAL': str(count)}):
            run_shard(folder, words, number, count)
    for words in steps_of(jobs['merge']['script'], {}):
        run_merge(folder, words, count)
    equal(jobs['merge']['artifacts']['reports']['junit'], 'merged/junit.xml')


def test_a_kubernetes_job_has_a_shard_for_each_index(folder):
    job = load('kubernetes-indexed-job.yaml')
    equal((job['apiVersion'], job['kind'], job['spec']['completionMode']),
          ('batch/v1', 'Job', 'Indexed'))
    count = job['spec']['completions']
    container = job['spec']['template']['spec']['containers'][0]
    env = {e['name']: e['value'] for e in container['env']}
    volume = container['volumeMounts'][0]['mountPath']
    for index in range(count):
        argv = container['command'] + [
            a.replace(volume + '/', '') for a in container['args']]
        equal(folder.run(*argv, JOB_COMPLETION_INDEX=str(index), **env)[2], [
            'run --kernel bzImage --out shard-%d --ktap --suite all '
            '--shard %d/%d' % (index + 1, index + 1, count)])


def test_the_container_is_set_up_by_the_script(folder):
    with open(os.path.join(CI, 'Containerfile'), encoding='utf-8') as f:
        text = f.read()
    equal(re.findall(r'^RUN (.*)', text, re.M),
          ['rm -rf /opt/nvme-fi/build',
           '/opt/nvme-fi/guest-scripts/ci/ci-steps.sh set-up'])
    equal(folder.run('ci-steps.sh', 'set-up')[0::2],
          (0, ['qemu -- --version', 'run --help']))
    equal(folder.run('ci-steps.sh', 'set-up', FAKE_STATUS='1')[0], 2)


def test_the_exit_status_is_that_of_the_run(folder):
    for status in (0, 1):
        got, out, _ = folder.run('ci-steps.sh', 'run', 'out', 'bzImage',
                                 FAKE_STATUS=str(status))
        equal((got, '  not ok 1 a' in out), (status, True))


def test_a_run_that_tested_nothing_is_told_apart(folder):
    folder.run('ci-steps.sh', 'run', 'out', 'bzImage')
    status, out, _ = folder.run('ci-steps.sh', 'run', 'out', 'bzImage',
                                FAKE_STATUS='1', FAKE_RUN='')
    equal((status, 'nothing was tested' in out), (2, True))


def test_wrong_command_lines_are_refused(folder):
    for argv in (['ci-steps.sh'], ['ci-steps.sh', 'rum'],
                 ['ci-steps.sh', 'run', 'out'],
                 ['ci-steps.sh', 'run', 'out', 'nowhere'],
                 ['ci-steps.sh', 'merge', 'out'], ['slurm-array.sh'],
                 ['slurm-array.sh', '0', 'out', 'bzImage'],
                 ['slurm-array.sh', '1001', 'out', 'bzImage'],
                 ['slurm-array.sh', 'x', 'out', 'bzImage'],
                 ['slurm-array.sh', '4', 'out', 'nowhere']):
        status, out, asked = folder.run(*argv)
        equal((argv, status, asked, out.count('usage: ')),
              (argv, 2, [], 1))


def test_slurm_runs_an_array_and_merges_behind_it(folder):
    status, out, asked = folder.run('slurm-array.sh', '3', 'out', 'bzImage',
                                    '--suite', 'a b')
    equal((status, 'job 42' in out), (0, True))
    equal(['--array=1-3' in asked[0], asked[1:4]],
          [True, ['run --kernel bzImage --out out/shard-%d --ktap --suite '
                  'a b --shard %d/3' % (i, i) for i in (1, 2, 3)]])
    equal('--wait' in asked[4] and '--dependency=afterany:42 ' in asked[4],
          True)
    equal(asked[5], 'merge out/shard-1 out/shard-2 out/shard-3 '
                    '--out out/merged')


def test_slurm_ends_with_the_status_of_the_merge(folder):
    equal(folder.run('slurm-array.sh', '2', 'out', 'bzImage',
                     FAKE_STATUS='1')[0], 1)


def main():
    tests = [(n[5:], f) for n, f in globals().items() if n.startswith('test_')]
    print('1..%d' % len(tests))
    for number, (name, function) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as path:
            try:
                function(Folder(os.path.realpath(path)))
                print('ok %d - %s' % (number, name))
            except Exception:
                print('not ok %d - %s' % (number, name))
                for line in traceback.format_exc().splitlines()[-6:]:
                    print('# ' + line)


main()
