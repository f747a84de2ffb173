/** The witnesses that can classify: names alone, so that `--help` loads none of them. */
export const ENGINES = ['float', 'onnx', 'fixed', 'tape', 'rtl'] as const;
export type EngineName = (typeof ENGINES)[number];
