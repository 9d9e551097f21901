/**
 * Ends a pass through a workflow without ending the run: the worker stops, lost the run to another, or could not reach
 * the database. The run goes on from its last finished step. Known by its name, which is all that openworkflow passes on.
 */
export class Interrupted extends Error {
  static readonly NAME = "tenure:interrupted";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = Interrupted.NAME;
  }
}
