import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ClusterHost } from '../hosting/cluster-host.js';
import { LoopbackGuard } from './loopback.guard.js';

const STATES = ['starting', 'running', 'failed'] as const;
const KIBIBYTE = 1_024;
const MICROSECONDS = 1e6;

/** Prometheus' text format. Nothing is counted per cluster: metrics of what is gone would stay. */
@ApiExcludeController()
@Controller('metrics')
@UseGuards(LoopbackGuard)
export class MetricsController {
  readonly #host: ClusterHost;

  constructor(host: ClusterHost) {
    this.#host = host;
  }

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): string {
    const counts = new Map<string, number>();
    for (const { state } of this.#host.all()) counts.set(state, (counts.get(state) ?? 0) + 1);
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    return [
      ...family('flotilla_clusters', 'gauge', 'Clusters by state.'),
      ...STATES.map((state) => `flotilla_clusters{state="${state}"} ${counts.get(state) ?? 0}`),
      ...family('process_cpu_seconds_total', 'counter', 'Processor time used.'),
      `process_cpu_seconds_total ${(userCPUTime + systemCPUTime) / MICROSECONDS}`,
      ...family('process_resident_memory_bytes', 'gauge', 'Resident memory.'),
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      ...family('process_resident_memory_max_bytes', 'gauge', 'The most resident memory so far.'),
      `process_resident_memory_max_bytes ${maxRSS * KIBIBYTE}`,
      '',
    ].join('\n');
  }
}

const family = (name: string, type: string, help: string): readonly string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];
