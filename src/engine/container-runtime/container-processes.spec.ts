import { textCodec } from '../../../test/support/engine-harness.js';
import { instant } from '../kernel/clock.js';
import { EventLoop } from '../kernel/event-loop.js';
import { Random } from '../kernel/random.js';
import { ContainerProcesses } from './container-processes.js';
import { TREE_BYTES_MAX } from './files/file-tree.js';
import type { NodeDisk } from './node-disk.port.js';

const START = instant(Date.UTC(2026, 0, 2, 3, 4, 5));
const CONTAINER = 'c1';

function memoryDisk(): NodeDisk & { readonly files: ReadonlyMap<string, string> } {
  const files = new Map<string, string>();
  return {
    files,
    put: (path, value) => void files.set(path, JSON.stringify(value)),
    delete: (path) => void files.delete(path),
    entries: <T extends object>(directory: string) =>
      [...files]
        .filter(([path]) => path.startsWith(directory))
        .map(([path, text]) => [path, JSON.parse(text) as T] as const),
  };
}

function container(disk = memoryDisk()) {
  const loop = new EventLoop(START, Random.seeded(1));
  const processes = new ContainerProcesses({ simulation: loop, disk, text: textCodec });
  const exec = (argv: readonly string[], isTerminal = false) => {
    const seen = { out: '', err: '', end: undefined as number | string | undefined };
    const environment = { PATH: '/bin', NAME: 'value' };
    const input = processes.exec(
      CONTAINER,
      { argv, environment, workingDirectory: '/', hostname: 'host', isTerminal },
      {
        stdout: (bytes) => (seen.out += textCodec.decode(bytes)),
        stderr: (bytes) => (seen.err += textCodec.decode(bytes)),
        exit: (code) => (seen.end = code),
        fail: (message) => (seen.end = message),
      },
    );
    return { seen, input, type: (text: string) => input.stdin(textCodec.encode(text)) };
  };
  const shell = (script: string) => exec(['sh', '-c', script]).seen;
  const runFor = (ms: number) => loop.run(instant(loop.now + ms), () => true);
  return { processes, disk, exec, shell, runFor };
}

describe('a process in a container', () => {
  it.each([
    ['echo one  two', 'one two\n', 0],
    ["echo 'one  two' \"$NAME\" '$NAME' ${NAME}s", 'one  two value $NAME values\n', 0],
    ['hostname; pwd', 'host\n/\n', 0],
    ['date -u; date +%FT%TZ', 'Fri Jan  2 03:04:05 UTC 2026\n2026-01-02T03:04:05Z\n', 0],
    ['false && echo no; false || echo yes; true', 'yes\n', 0],
    ['false; echo $?', '1\n', 0],
    ['X=1; export Y=2; echo $X$Y', '12\n', 0],
    ['exit 300', '', 44],
    ['nosuch', '', 127],
    ['printenv NAME', 'value\n', 0],
    ['mkdir -p /tmp/a/b; echo x > /tmp/a/b/c; echo y >> /tmp/a/b/c; cat /tmp/a/b/c; ls /tmp/a', 'x\ny\nb\n', 0],
    ['test -d /tmp && test -e /nothing', '', 1],
    ['echo x > /tmp/f; rm /tmp/f; cat /tmp/f', '', 1],
    ['if true; then echo; fi', '', 2],
    ['echo a | cat', '', 2],
    ['echo "unclosed', '', 2],
  ])('%s', (script, out, code) => {
    expect(container().shell(script)).toMatchObject({ out, end: code });
  });

  it('sleeps in the time of the cluster, and is killed with its client or its container', () => {
    const { exec, runFor, processes } = container();
    const sleeper = exec(['sh', '-c', 'sleep 2; echo up']);
    const left = exec(['sleep', '2']);
    left.input.cancel();
    const killed = exec(['sleep', 'infinity']);
    runFor(1_999);
    expect(sleeper.seen.end).toBeUndefined();
    runFor(1);
    expect(sleeper.seen).toEqual({ out: 'up\n', err: '', end: 0 });
    expect(left.seen.end).toBeUndefined();
    processes.killAll(CONTAINER);
    expect(killed.seen.end).toBe(137);
  });

  it('reads what comes in until it is closed, also behind other commands', () => {
    const { exec, runFor } = container();
    const { seen, input, type } = exec(['sh', '-c', 'sleep 1; cat > /tmp/in; cat /tmp/in']);
    type('early ');
    runFor(1_000);
    type('late');
    input.closeStdin();
    expect(seen).toEqual({ out: 'early late', err: '', end: 0 });
  });

  it('has a shell that reads lines, many at a time', () => {
    const { seen, input, type } = container().exec(['sh']);
    type('echo x\n'.repeat(20_000));
    type('echo last');
    input.closeStdin();
    expect(seen.out).toBe(`${'x\n'.repeat(20_000)}last\n`);
    expect(seen.end).toBe(0);
  });

  it('has a terminal that echoes, erases, interrupts and ends', () => {
    const { exec } = container();
    const first = exec(['sh'], true);
    first.type('echo ab\u007fc\r');
    expect(first.seen.out).toBe('/ # echo ab\b \bc\r\nac\r\n/ # ');
    first.type('\u0004');
    expect(first.seen.end).toBe(0);
    const second = exec(['cat'], true);
    second.type('x\u0003');
    expect(second.seen.end).toBe(130);
  });

  it('interrupts what a shell runs, and leaves the shell', () => {
    const { exec } = container();
    const { seen, type } = exec(['sh'], true);
    type('ec\u0003');
    type('sleep infinity\r');
    type('\u0003');
    expect(seen).toMatchObject({ out: '/ # ec^C\r\n/ # sleep infinity\r\n^C\r\n/ # ', end: undefined });
    type('echo $?\r');
    expect(seen.out.endsWith('echo $?\r\n130\r\n/ # ')).toBe(true);
  });

  it('keeps files until its container is removed, across a restart', () => {
    const { shell, disk } = container();
    shell('echo kept > /tmp/file');
    const again = container(disk);
    expect(again.shell('cat /tmp/file').out).toBe('kept\n');
    again.processes.remove(CONTAINER);
    expect(disk.files.size).toBe(0);
  });

  it('cannot fill the disk', () => {
    const { exec, shell } = container();
    const { seen, input } = exec(['sh', '-c', 'cat > /tmp/big']);
    const chunk = new Uint8Array(1_024 * 1_024);
    for (let sent = 0; sent <= TREE_BYTES_MAX; sent += chunk.length) input.stdin(chunk);
    input.closeStdin();
    expect(seen).toMatchObject({ err: "sh: can't create /tmp/big: No space left on device\n", end: 1 });
    expect(shell('ls /tmp').out).toBe('');
  });

  it('does not leave the directory that an archive is unpacked in', () => {
    const { exec, shell } = container();
    const archive = exec(['sh', '-c', 'mkdir -p /tmp/a; echo x > /tmp/a/f; tar cf - /tmp/a/../../tmp/a']);
    expect(archive.seen.end).toBe(0);
    const { seen, type } = exec(['tar', 'xf', '-', '-C', '/var']);
    type(archive.seen.out);
    expect(seen.end).toBe(0);
    expect(shell('ls /').out).not.toContain('f\n');
  });
});
