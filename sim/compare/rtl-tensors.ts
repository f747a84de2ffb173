/** Layer tensors out of what the bench saw the engine write: addresses are taken back to channels and pixels. */
import type { Geometry } from '../../gen/geometry/geometry.ts';
import { type Run, type Schedule, walkRuns } from '../../gen/schedule/nest.ts';
import { outputValues } from '../../gen/tape/output.ts';
import type { Probes } from '../rtl/probes.ts';
import type { EngineResult } from '../rtl/result.ts';
import { MapTensors } from './map-tensors.ts';
import type { LayerTensor, WitnessResult } from './tensors.ts';

/** The results of a queue, one per job; `queue` has the schedule of each job's tape. */
export function rtlWitnessResults(
  probes: Probes,
  results: readonly EngineResult[],
  queue: readonly Schedule[],
  geometry: Geometry,
): WitnessResult[] {
  const runsOf = new Map(
    queue.map((schedule) => [schedule, schedule.stages.flatMap((stage) => [...walkRuns(stage)])]),
  );
  const jobs = queue.map((schedule) => new JobWrites(runsOf.get(schedule)!, schedule, geometry));
  const { dataBytes } = probes;
  let job = 0;
  let firstRun = 0;
  for (let i = 0; i < probes.count; i++) {
    while (job < jobs.length && probes.run[i] >= firstRun + jobs[job].runs) firstRun += jobs[job++].runs;
    const data = probes.data.subarray(i * dataBytes, (i + 1) * dataBytes);
    jobs[job]?.write(probes.run[i] - firstRun, probes.address[i], probes.mask[i], probes.sub[i], data);
  }
  let firstSum = 0;
  return results.map(({ data, ok }, index) => {
    const { stages, output: kind } = queue[index];
    const last = stages[stages.length - 1];
    const { name, outChannels } = last.expandPasses[0].conv;
    const values = probes.sums.slice(firstSum, firstSum + outChannels);
    if (last.globalPool) firstSum += last.expandPasses.length * geometry.outputLanes;
    const sums: LayerTensor[] = last.globalPool ? [{ name, values }] : [];
    // Values whose trailer is wrong are no result: every one of them is then missing.
    const output = ok ? outputValues(data, kind) : new Int32Array();
    return { layers: [...jobs[index].tensors(), ...sums], output };
  });
}

/** The writes of one job. A write where its run has no business reaches no tensor, which then lacks it. */
class JobWrites {
  readonly #runs: readonly Run[];
  readonly #geometry: Geometry;
  readonly #tensors: MapTensors;
  /** Per pass: how often each word and lane of its slot was written, for circular buffers. */
  readonly #rounds = new Map<Run['pass'], Uint16Array>();

  constructor(runs: readonly Run[], schedule: Schedule, geometry: Geometry) {
    this.#runs = runs;
    this.#geometry = geometry;
    this.#tensors = new MapTensors(schedule, geometry);
  }

  /** Runs of the job. */
  get runs(): number {
    return this.#runs.length;
  }

  write(runIndex: number, address: number, mask: number, sub: number, data: Uint8Array): void {
    const { stage, pass, passIndex } = this.#runs[runIndex];
    const region = pass.kind === 'expand' ? stage.block : stage.out;
    if (!region || sub !== pass.sub) return;
    const { pixelLanes } = this.#geometry;
    const group = address - region.base - pass.slot * region.stride;
    if (group < 0 || group >= region.stride) return;
    let rounds = this.#rounds.get(pass);
    if (!rounds) {
      rounds = new Uint16Array(region.stride * pixelLanes);
      this.#rounds.set(pass, rounds);
    }
    for (let lane = 0; lane < pixelLanes; lane++) {
      if (((mask >>> lane) & 1) === 0) continue;
      const position = group + rounds[group * pixelLanes + lane]++ * region.stride;
      this.#tensors.write({
        stage: stage.index,
        kind: pass.kind,
        pass: passIndex,
        position,
        lanes: 1 << lane,
        data,
      });
    }
  }

  tensors(): LayerTensor[] {
    return this.#tensors.tensors();
  }
}
