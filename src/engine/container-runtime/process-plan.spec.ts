import { planProcess } from './process-plan.js';

const summary = (image: string, ...argv: string[]) => {
  const { output, exit, heedsTerm } = planProcess(image, argv);
  return { said: output.map(({ text }) => text), exit, heedsTerm };
};

describe('planProcess', () => {
  it('takes an unknown program for a server that runs on and heeds SIGTERM', () => {
    expect(summary('nginx:1')).toEqual({ said: ['nginx:1: started'], exit: undefined, heedsTerm: true });
    expect(summary('nginx:1', 'nginx', '-g', 'daemon off;')).toMatchObject({ exit: undefined, heedsTerm: true });
  });

  it.each([
    [['sleep', '3'], { after: 3_000, code: 0 }],
    [['sleep', '1.5m'], { after: 90_000, code: 0 }],
    [['sleep', 'infinity'], undefined],
    [['/bin/true'], { after: 0, code: 0 }],
    [['false'], { after: 0, code: 1 }],
    [['sh', '-c', 'exit 42'], { after: 0, code: 42 }],
    [['sh', '-c', 'sleep 2; exit 3'], { after: 2_000, code: 3 }],
    [['/bin/bash', '-ec', 'set -e\nsleep 1 && sleep 2'], { after: 3_000, code: 0 }],
    [['sh', '-c', 'while true; do sleep 1; done'], undefined],
    [['sh', '-c', 'curl http://web | tee out'], undefined],
  ])('foresees the end of %j', (argv, exit) => {
    expect(planProcess('busybox', argv).exit).toEqual(exit);
  });

  it('lets a script speak', () => {
    expect(summary('busybox', 'sh', '-c', 'echo "hello world"; sleep 1; echo done').said).toEqual([
      'hello world',
      'done',
    ]);
    const { output } = planProcess('busybox', ['sh', '-c', 'sleep 1; echo late']);
    expect(output).toEqual([{ after: 1_000, stream: 'stdout', text: 'late' }]);
  });

  it('knows that a shell or sleep as the first process does not heed SIGTERM', () => {
    expect(planProcess('busybox', ['sleep', '3600']).heedsTerm).toBe(false);
    expect(planProcess('busybox', ['sh', '-c', 'while :; do :; done']).heedsTerm).toBe(false);
  });

  it('takes what it does not know for a task that succeeds, where it is to complete', () => {
    const wait = ['sh', '-c', 'until wget http://web; do sleep 1; done'];
    for (const argv of [[], ['migrate', '--up'], wait]) {
      expect(planProcess('tool:1', argv, 'complete').exit).toEqual({ after: 0, code: 0 });
    }
    expect(planProcess('busybox', ['sh', '-c', 'sleep 2; exit 3'], 'complete').exit).toEqual({ after: 2_000, code: 3 });
    expect(planProcess('busybox', ['sleep', 'infinity'], 'complete').exit).toBeUndefined();
  });

  it('ends a shell image without a command at once', () => {
    expect(planProcess('busybox:1.36', []).exit).toEqual({ after: 0, code: 0 });
  });
});
