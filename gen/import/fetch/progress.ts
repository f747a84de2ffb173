/** Told how much of a task is done; `total` is the whole of it in the same unit. */
export type Progress = (done: number, total: number, label: string) => void;

export const silent: Progress = () => {};
