/** Faulty tapes (docs/reference/faults.md), likewise: flipped, cut off, or asking for what cannot be. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Prng } from '../../gen/import/prng.ts';
import { type Campaign, type Outcome, startCampaign } from './campaign.ts';
import { IMPOSSIBLE } from './impossible.ts';
import { randomSpoils } from './random-spoils.ts';
import { otherTape, spoilTape, tapeStages } from './spoil.ts';
import { NARROW, smallSubject } from './subject.ts';
import { Codes, FLIPS, failures, inTime, recovered, SEED } from './verdict.ts';

/** Behind so many flips there is a job without a fault. */
const FOLLOWED = 50;
const SPOILS = FLIPS / 20;

let campaign: Campaign;
let tape: Uint8Array;
let faultless: Outcome;

beforeAll(async () => {
  const subject = await smallSubject(NARROW);
  tape = subject.tape;
  campaign = await startCampaign(subject);
  [faultless] = await campaign.run(['clean']);
}, 600_000);
afterAll(() => campaign.end());

it('has one bit flipped: no flip hangs, or has a valid trailer on a wrong result', async () => {
  const random = new Prng(SEED + 4);
  const trials = Array.from({ length: FLIPS }, (_, i) => {
    const at = random.next() % tape.length;
    const byte = tape[at] ^ (1 << (random.next() % 8));
    return `tape ${at} ${byte.toString(16).padStart(2, '0')}${i % FOLLOWED === 0 ? ' clean' : ''}`;
  });
  const codes = new Codes();
  const found = await failures(campaign, trials, (outcome, i) => {
    const { code, results, end, idle, clean } = outcome;
    codes.count(outcome);
    const detected = (code.endsWith('_CRC') || code === 'TAPE_MAGIC') && results === '-';
    const harmless = code === 'none' && results === 'r';
    const ended = end === 'idle' && idle <= faultless.idle;
    return (detected || harmless) && ended && clean === (i % FOLLOWED === 0 ? 'r' : '-');
  });
  console.log(`${FLIPS} flips, seed ${SEED}: ${codes}`);
  expect(found).toEqual([]);
});

it('is cut off in memory', async () => {
  const trials = Array.from({ length: Math.floor(tape.length / 64) }, (_, i) => {
    const zeros = Buffer.alloc(tape.length - 64 * i);
    return `tape ${64 * i} ${zeros.toString('hex')} clean`;
  });
  const found = await failures(campaign, trials, (outcome) => {
    const { code, results } = outcome;
    const detected = code.endsWith('_CRC') || code === 'TAPE_MAGIC' || code === 'BAD_COMMAND';
    return detected && results === '-' && recovered(outcome);
  });
  expect(found).toEqual([]);
});

it('lacks its last stages, and another tape follows', async () => {
  const cuts = tapeStages(tape)
    .slice(0, -1)
    .map(({ end }) => spoilTape(tape, { header: { words: end / 16 } }));
  const trials = cuts.map((bytes) => `${otherTape(tape, bytes)} jobs 2 copies clean`);
  const found = await failures(
    campaign,
    trials,
    (outcome) => outcome.code === 'BAD_COMMAND' && outcome.results === '--' && recovered(outcome),
  );
  expect(found).toEqual([]);
});

it.each(IMPOSSIBLE)('commands the impossible: %s', async (_, code, spoil) => {
  const [outcome] = await campaign.run([`${otherTape(tape, spoilTape(tape, spoil))} clean`]);
  expect(outcome).toMatchObject({ code, end: 'idle', done: 0, results: '-', clean: 'r' });
  expect(inTime(outcome, faultless)).toBe(true);
});

it('commands something else: it ends, and the job behind it takes no harm', async () => {
  const spoils = randomSpoils(tape, SPOILS, new Prng(SEED + 5));
  const trials = spoils.map((bytes) => `${otherTape(tape, bytes)} jobs 2 copies clean`);
  const codes = new Codes();
  const found = await failures(campaign, trials, (outcome) => {
    const { code, results, done } = outcome;
    codes.count(outcome);
    const harmless = code === 'none' ? results[1] === 'r' && done === 2 : results[1] === '-';
    return harmless && recovered(outcome);
  });
  console.log(`${SPOILS} other commands, seed ${SEED}: ${codes}`);
  expect(found).toEqual([]);
});
