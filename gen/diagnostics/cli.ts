/** Messages about the command line: FF8xx. */
import { type Diagnostic, FireforgeError } from './diagnostic.ts';

const error = (code: Diagnostic['code'], subject: string, reason: string, remedy: string) =>
  new FireforgeError({ code, subject, reason, remedy });

export function usageError(command: string, reason: string): FireforgeError {
  return error('FF801', command, reason, `See \`${command} --help\`.`);
}

export function optionNotANumber(option: string, text: string, least: number): FireforgeError {
  return error(
    'FF802',
    `${option} ${text}`,
    `it is not a whole number from ${least}`,
    `Give ${option} a whole number from ${least}.`,
  );
}

export function optionNotASize(option: string, text: string): FireforgeError {
  return error(
    'FF808',
    `${option} ${text}`,
    'it is not a height and a width with an x between',
    `Give ${option} a size like 96x160.`,
  );
}

export function optionNotAPercentage(option: string, text: string): FireforgeError {
  return error(
    'FF803',
    `${option} ${text}`,
    'it is not a percentage of 0 to 99',
    `Give ${option} a number from 0 to 99.`,
  );
}

export function optionNotAChoice(option: string, text: string, choices: readonly string[]): FireforgeError {
  return error('FF804', `${option} ${text}`, 'there is no such choice', `Give one of ${choices.join(', ')}.`);
}

export function optionsExclude(first: string, second: string): FireforgeError {
  return error('FF805', first, `it cannot be given together with ${second}`, 'Give one of the two.');
}

export function labelMissing(labels: string, image: string): FireforgeError {
  return error('FF806', labels, `there is no line for ${image}`, 'Add one, or take the image away.');
}

export function withoutClasses(build: string): FireforgeError {
  return error(
    'FF809',
    build,
    'the network ends without a classifier: there is nothing to be right or wrong about',
    'Take a build of a network that classifies; `fireforge run` gives the features of this one.',
  );
}

export function labelOutOfRange(
  labels: string,
  image: string,
  label: number,
  classes: number,
): FireforgeError {
  return error(
    'FF807',
    labels,
    `the class ${label} of ${image} is not one of the network's ${classes}`,
    'Class indices count from 0; give the labels of the classes that the network was trained for.',
  );
}

export function internalError(cause: string): FireforgeError {
  return error(
    'FF899',
    'fireforge',
    `a fault of the program itself (${cause})`,
    'Please report it; FIREFORGE_DEBUG=1 shows where it happened.',
  );
}
