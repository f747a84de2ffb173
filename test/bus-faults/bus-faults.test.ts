/**
 * Faults of the memory and of the host (docs/reference/faults.md): each ends with its code in time, none with a valid
 * trailer on a wrong result, and the next job is right. What the engine does on its port is checked in every cycle by
 * the driver, which fails if a rule is broken.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { ADDRESSES, erroneousBursts, randomErrors, randomJobs, stalls } from './bus.ts';
import { type Campaign, type Outcome, startCampaign } from './campaign.ts';
import { NARROW, smallSubject, WIDE } from './subject.ts';
import {
  FLIPS,
  failures,
  inTime,
  neverWrong,
  REPORT_CYCLES,
  REST_CYCLES,
  recovered,
  right,
  SEED,
} from './verdict.ts';

describe.each([
  { ...NARROW, aborts: FLIPS / 10 },
  { ...WIDE, aborts: FLIPS / 100 },
])('the engine $lanes', ({ aborts, ...engine }) => {
  let campaign: Campaign;
  let faultless: Outcome;

  beforeAll(async () => {
    campaign = await startCampaign(await smallSubject(engine));
    [faultless] = await campaign.run(['clean']);
  }, 600_000);
  afterAll(() => campaign.end());

  it('is right without a fault', () => {
    expect(faultless).toMatchObject({ code: 'none', end: 'idle', done: 1, results: 'r', clean: 'r' });
  });

  describe('the bus', () => {
    it('answers with an error at every burst of a job', async () => {
      const trials = erroneousBursts(faultless);
      const words = trials.map(({ trial }) => trial);
      const found = await failures(campaign, words, (outcome, i) => {
        const { code, done, fault, error, idle } = outcome;
        const reported = code === trials[i].code && error - fault <= REPORT_CYCLES;
        const rested = idle - error <= REST_CYCLES;
        return reported && rested && done === 0 && neverWrong(outcome) && recovered(outcome);
      });
      expect(found).toEqual([]);
      expect(trials.length).toBe(4 * faultless.reads + 2 * faultless.writes);
    });

    it('is dead from any handshake of any channel on', async () => {
      const trials = stalls(faultless, new Prng(SEED));
      const words = trials.map(({ trial }) => trial);
      const found = await failures(campaign, words, (outcome, i) => {
        const { code, end, done, clean } = outcome;
        const gaveUp = code === trials[i].code && end === 'hung' && done === 0;
        return gaveUp && clean === 'r' && neverWrong(outcome) && inTime(outcome, faultless);
      });
      expect(found).toEqual([]);
    });

    it('answers with an error while several jobs run, and an abort may come on top', async () => {
      const trials = randomErrors(faultless, new Prng(SEED + 1), aborts / 5);
      const found = await failures(campaign, trials, (outcome) => {
        const { code, done } = outcome;
        const stopped = ['ABORTED', 'READ_DECERR', 'WRITE_SLVERR'].includes(code);
        // A trailer whose own response was the error may stand there, and was not counted.
        const counted = done === right(outcome) || (code === 'WRITE_SLVERR' && done + 1 === right(outcome));
        return stopped && counted && neverWrong(outcome) && recovered(outcome);
      });
      expect(found).toEqual([]);
    });
  });

  describe('the host', () => {
    it('gives addresses of no memory, or of no multiple of 64', async () => {
      const words = ADDRESSES.map(({ trial }) => trial);
      const found = await failures(campaign, words, (outcome, i) => {
        const { code, results, done } = outcome;
        return code === ADDRESSES[i].code && results === '-' && done === 0 && recovered(outcome);
      });
      expect(found).toEqual([]);
    });

    it('starts more jobs than there is room for: the others are right', async () => {
      const [outcome] = await campaign.run(['jobs 5 clean']);
      expect(outcome).toMatchObject({ code: 'QUEUE_OVERFLOW', end: 'idle', done: 3 });
      expect(outcome).toMatchObject({ results: 'rrr', clean: 'r' });
    });

    it('aborts at any cycle', async () => {
      const random = new Prng(SEED + 2);
      const trials = Array.from({ length: aborts }, () => {
        const { words, cycle } = randomJobs(random, faultless.idle);
        return `abort ${cycle} ${words}`;
      });
      let before = 0;
      const found = await failures(campaign, trials, (outcome) => {
        before += outcome.done;
        // A trailer that stands in memory was counted, and no other.
        const counted = right(outcome) === outcome.done;
        return outcome.code === 'ABORTED' && counted && neverWrong(outcome) && recovered(outcome);
      });
      console.log(`${engine.lanes}: ${aborts} aborts, seed ${SEED}; ${before} jobs were done before them`);
      expect(found).toEqual([]);
    });

    it('resets both sides at any cycle', async () => {
      const random = new Prng(SEED + 3);
      const trials = Array.from({ length: aborts / 5 }, () => {
        const { words, cycle } = randomJobs(random, faultless.idle);
        return `reset ${cycle} ${words}`;
      });
      const found = await failures(
        campaign,
        trials,
        (outcome) => outcome.code === 'none' && neverWrong(outcome) && recovered(outcome),
      );
      expect(found).toEqual([]);
    });
  });
});
