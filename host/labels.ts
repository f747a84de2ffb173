/** What a class is called in the list of labels. */

/** Its index there; classes in front of the list are background. */
export function labelText(classIndex: number, labelOffset: number): string {
  return classIndex < labelOffset ? 'background' : String(classIndex - labelOffset);
}
