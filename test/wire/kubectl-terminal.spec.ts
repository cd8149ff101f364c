import { jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { kubectlPath } from '../support/kubectl.js';
import { KubectlSession } from '../support/kubectl-session.js';
import { createWebPod } from '../support/web-pod.js';

jest.setTimeout(60_000);

/** Of util-linux: gives a command a terminal. */
const SCRIPT = '/usr/bin/script';
const withTerminal = process.platform === 'linux' && existsSync(SCRIPT) ? describe.each : describe.skip.each;
if (withTerminal !== describe.each) console.info(`${SCRIPT} of Linux is absent: kubectl gets no terminal here`);

let session: KubectlSession;
beforeAll(async () => {
  session = await KubectlSession.start({ name: 'terminal', latency: 'instant', topology: { workers: 1 } });
  await createWebPod(session.cluster);
});
afterAll(() => session.end());

/** kubectl as somebody runs it who sits at a terminal; `type` is what they type. */
async function atTerminal(command: string, environment: Readonly<Record<string, string>>) {
  const { kubeconfig } = session;
  const env = {
    PATH: process.env['PATH'],
    TERM: 'xterm',
    KUBECONFIG: kubeconfig,
    HOME: dirname(kubeconfig),
    KUBECACHEDIR: join(dirname(kubeconfig), 'cache'),
    ...environment,
  };
  const line = `stty rows 31 cols 99; ${await kubectlPath()} ${command}`;
  const child = spawn(SCRIPT, ['--quiet', '--return', '--command', line, '/dev/null'], { env });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { output: () => output, type: (text: string) => void child.stdin.write(text), ended };
}

withTerminal([
  ['WebSocket', {}],
  ['SPDY', { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }],
] as const)('kubectl exec -it over %s', (_carrier, environment) => {
  it('is a terminal: it prompts, echoes, answers, and ends with the code of the shell', async () => {
    const shell = await atTerminal('exec -it web -- sh', environment);
    await eventually(() => expect(shell.output()).toContain('/ # '));
    shell.type('echo $GREETING\n');
    await eventually(() => expect(shell.output()).toBe('/ # echo $GREETING\r\nhi there\r\n/ # '));
    shell.type('exit 5\n');
    expect(await shell.ended).toBe(5);
    expect(shell.output()).toMatch(/\/ # exit 5\r\ncommand terminated with exit code 5\r\n$/);
  });

  it('ends what runs by Ctrl-C', async () => {
    const sleep = await atTerminal('exec -it web -- sleep 3600', environment);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    sleep.type('\u0003');
    expect(await sleep.ended).toBe(130);
  });
});

withTerminal([
  ['run', 'run once -it --rm --restart=Never --quiet --image=busybox:1.36'],
  ['debug', 'debug web -it --profile=general --quiet --image=busybox:1.36'],
] as const)('kubectl %s -it', (_verb, command) => {
  it('attaches to a shell', async () => {
    const shell = await atTerminal(command, {});
    await eventually(() => expect(shell.output()).toContain('/ # '));
    shell.type('echo heard\n');
    await eventually(() => expect(shell.output()).toMatch(/\/ # echo heard\r\nheard\r\n\/ # $/));
    shell.type('exit\n');
    expect(await shell.ended).toBe(0);
  });
});
