import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { kubectlPath } from './support/kubectl.js';
import { TestServer } from './support/server.js';

const README = new URL('../README.md', import.meta.url);
const HTTP_DOOR = 'http://127.0.0.1:8080';
const TIME_LIMIT_MS = 120_000;
const END_OF_BLOCK = '--- the block has ended ---';

/** A `sh` block of the README, and the `text` block that says what it prints, if one follows. */
interface Block {
  readonly commands: string;
  readonly promised: string;
}

const lastLineOf = (commands: string): string => commands.trimEnd().split('\n').at(-1) ?? '';

const blocks: readonly Block[] = Array.from(
  (await readFile(README, 'utf8')).matchAll(/```sh\n([^]*?)```\n(?:\n```text\n([^]*?)```)?/g),
  ([, commands = '', promised = '']) => ({ commands, promised }),
);

describe('the README', () => {
  let folder: string;
  let server: TestServer;
  let outputs: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-readme-'));
    server = await TestServer.start({ dataDir: join(folder, 'data'), environment: { FLOTILLA_ADMIN_TOKEN: '' } });
    outputs = await run(blocks, folder, server);
  }, TIME_LIMIT_MS);

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('has commands to run', () => {
    expect(blocks.length).toBeGreaterThan(3);
  });

  it.each(blocks.map(({ commands, promised }, index) => ({ last: lastLineOf(commands), promised, index })))(
    'tells the truth up to: $last',
    ({ promised, index }) => {
      const printed = linesOf(outputs[index] ?? '');
      let from = 0;
      for (const line of linesOf(promised)) {
        expect(printed.slice(from)).toContain(line);
        from = printed.indexOf(line, from) + 1;
      }
    },
  );
});

/** Runs all blocks in one shell, as a reader who pastes them; throws what the first command that fails has said. */
async function run(all: readonly Block[], folder: string, server: TestServer): Promise<readonly string[]> {
  const script = all.map(({ commands }) => `${commands}\necho '${END_OF_BLOCK}'\n`).join('');
  const { stdout } = await promisify(execFile)(
    'bash',
    ['-euo', 'pipefail', '-c', script.replaceAll(HTTP_DOOR, server.httpUrl)],
    {
      cwd: folder,
      timeout: TIME_LIMIT_MS,
      env: { HOME: folder, PATH: [dirname(await kubectlPath()), process.env['PATH']].join(delimiter) },
    },
  );
  return stdout.split(`${END_OF_BLOCK}\n`);
}

/** Without what differs from run to run: ages, addresses, generated names, and where a pod happens to run. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) =>
      line
        .replace(/\b(\d+(s|m|h|d))+\b/g, '<age>')
        .replace(/\b\d+\.\d+\.\d+\.\d+\b/g, '<address>')
        .replace(/\b(web)(-[a-z0-9]{8,10})?-[a-z0-9]{5}\b/g, '$1-<generated>')
        .replace(/\bworker-\d\b/g, '<worker>')
        .replace(/\s+/g, ' ')
        .trim(),
    );
}
