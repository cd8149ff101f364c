import { textCodec } from '../../../test/support/engine-harness.js';
import { instant, seconds } from '../kernel/clock.js';
import { EventLoop } from '../kernel/event-loop.js';
import { Random } from '../kernel/random.js';
import { ContainerRuntime, type ContainerConfig } from './container-runtime.js';
import { latencyProfiles } from './latency-profile.js';
import type { NodeDisk } from './node-disk.port.js';

const START = instant(Date.UTC(2026, 0, 1));

function memoryDisk(): NodeDisk {
  const files = new Map<string, string>();
  return {
    put: (path, value) => void files.set(path, JSON.stringify(value)),
    delete: (path) => void files.delete(path),
    entries: <T extends object>(directory: string) =>
      [...files]
        .filter(([path]) => path.startsWith(directory))
        .map(([path, text]) => [path, JSON.parse(text) as T] as const),
  };
}

function machine(disk = memoryDisk(), latency: keyof typeof latencyProfiles = 'instant', start = START) {
  const loop = new EventLoop(start, Random.seeded(1));
  const exits: string[] = [];
  const runtime = new ContainerRuntime({
    simulation: loop,
    random: loop.random,
    disk,
    latency: latencyProfiles[latency],
    text: textCodec,
    onExit: (podKey) => exits.push(podKey),
  });
  const runFor = (length: number) => loop.run(instant(loop.now + length), () => true);
  const start_ = (argv: readonly string[]) => {
    const names = { podKey: 'pod', name: 'app', image: 'busybox', imageId: 'id' };
    const config: ContainerConfig = { ...names, attempt: 0, argv, purpose: 'serve' };
    runtime.createContainer(config, (id) => runtime.startContainer(id, () => undefined));
    runFor(100);
    return runtime.containersOf('pod').at(-1)!;
  };
  return { loop, runtime, exits, runFor, start: start_, disk };
}

describe('ContainerRuntime', () => {
  it('ends a process when its plan says so, and tells', () => {
    const { runtime, exits, runFor, start } = machine();
    const container = start(['sh', '-c', 'sleep 5; exit 7']);
    expect(container.exitCode).toBeUndefined();
    runFor(5_000);
    expect(runtime.containersOf('pod')).toMatchObject([{ exitCode: 7, startedAt: START, finishedAt: START + 5_000 }]);
    expect(exits).toEqual(['pod']);
  });

  it('stops a server by SIGTERM with exit code 0, and a deaf process by SIGKILL after the grace', () => {
    const { runtime, runFor, start, loop } = machine();
    const server = start(['serve']);
    runtime.stopContainer(server.id, seconds(30), () => undefined);
    runFor(0);
    expect(runtime.containersOf('pod').at(-1)).toMatchObject({ exitCode: 0 });
    const deaf = start(['sleep', 'infinity']);
    const asked = loop.now;
    runtime.stopContainer(deaf.id, seconds(30), () => undefined);
    runFor(60_000);
    expect(runtime.containersOf('pod').at(-1)).toMatchObject({ exitCode: 137, finishedAt: asked + 30_000 });
  });

  it('finds images, sandboxes and processes again when it starts anew', () => {
    const before = machine();
    before.runtime.pull('nginx', () => undefined);
    before.runtime.createSandbox('pod', '10.0.0.2', () => undefined);
    before.runFor(0);
    before.start(['sleep', '10']);
    before.runtime.stop();
    const later = machine(before.disk, 'instant', instant(START + 4_000));
    expect(later.runtime.imageId('nginx')).toBe(before.runtime.imageId('nginx'));
    expect(later.runtime.sandboxOf('pod')?.ip).toBe('10.0.0.2');
    later.runFor(5_900);
    expect(later.exits).toEqual([]);
    later.runFor(200);
    expect(later.exits).toEqual(['pod']);
    expect(later.runtime.containersOf('pod')).toMatchObject([{ exitCode: 0, finishedAt: START + 10_000 }]);
  });

  it('shows of a log what was written by now, and tells followers of the rest', () => {
    const { runtime, runFor, start } = machine();
    const { id } = start(['sh', '-c', 'echo one; sleep 2; echo two; sleep 2']);
    const followed: string[] = [];
    runtime.followLog(id, { line: ({ text }) => followed.push(text), end: () => followed.push('(end)') });
    expect(runtime.logOf(id).map(({ text }) => text)).toEqual(['one']);
    runFor(10_000);
    expect(runtime.logOf(id).map(({ text }) => text)).toEqual(['one', 'two']);
    expect(followed).toEqual(['two', '(end)']);
  });

  it('tells followers of the line that a process ends with', () => {
    const { runtime, runFor, start } = machine();
    const { id } = start(['sh', '-c', 'echo one; sleep 2; echo two']);
    const followed: string[] = [];
    const follower = (name: string) => ({
      line: ({ text }: { text: string }) => followed.push(`${name} ${text}`),
      end: () => followed.push(`${name} (end)`),
    });
    runtime.followLog(id, follower('a'));
    runtime.followLog(id, follower('b')).cancel();
    runFor(10_000);
    expect(followed).toEqual(['a two', 'a (end)']);
  });

  it('pulls one image after another', () => {
    const { runtime, runFor, loop } = machine(memoryDisk(), 'realistic');
    const done: number[] = [];
    for (const image of ['a', 'b', 'c']) runtime.pull(image, () => done.push(loop.now));
    runFor(30_000);
    expect(done).toHaveLength(3);
    expect(done[1]! - done[0]!).toBeGreaterThanOrEqual(1_500);
    expect(done[2]! - done[1]!).toBeGreaterThanOrEqual(1_500);
  });

  it('pulls an image once for all who wait for it', () => {
    const { runtime, runFor, loop } = machine(memoryDisk(), 'realistic');
    const done: number[] = [];
    for (let caller = 0; caller < 5; caller++) runtime.pull('a', () => done.push(loop.now));
    runFor(10_000);
    expect(done).toHaveLength(5);
    expect(new Set(done).size).toBe(1);
  });

  it('leaves nothing of a removed pod', () => {
    const { runtime, runFor, start, disk, exits } = machine();
    runtime.createSandbox('pod', '10.0.0.2', () => undefined);
    start(['sleep', '5']);
    runtime.removePod('pod');
    runFor(10_000);
    expect(runtime.containersOf('pod')).toEqual([]);
    expect([...disk.entries('')]).toEqual([]);
    expect(exits).toEqual([]);
  });
});
